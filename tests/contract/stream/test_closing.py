"""A client that is closed leaves nothing open, whatever it was doing."""

import asyncio

from headgate.stream.access import Access
from headgate.stream.connection import Connection
from headgate.stream.link import Link
from headgate.stream.state import Counters
from tests.builders.nats_admin import NatsAdmin, ask_to_leave, edge_of, names_at
from tests.builders.nats_cluster import APP, NatsCluster
from tests.builders.waiting import until
from tests.contract.stream.reading import QUICK


class NeverAtHome:
    """A rider that gets no further than onto its first connection."""

    def __init__(self) -> None:
        self.joined: list[Link] = []

    async def join(self, link: Link) -> None:
        self.joined.append(link)
        if len(self.joined) > 1:
            await asyncio.Event().wait()

    def wake(self) -> None:
        """Nothing is waited for."""

    def moved(self, link: Link) -> None:
        """Never so."""


async def test_a_client_that_is_closed_while_it_moves_leaves_no_connection(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    # given
    del admin  # the cluster is up
    urls = tuple(cluster.edge_urls)
    access = Access(servers=urls, name=name, user=APP["user"], password=APP["password"])
    connection, rider = Connection(access, QUICK, Counters()), NeverAtHome()
    await connection.open()
    await connection.add(rider)
    old = edge_of(cluster, name)
    assert old is not None
    await ask_to_leave(cluster, old, name)
    await until(lambda: len(rider.joined) > 1)
    # when
    await connection.close()
    # then
    assert all(link.closed.is_set() for link in rider.joined)
    await until(lambda: name not in [each for edge in cluster.edges for each in names_at(edge)])
