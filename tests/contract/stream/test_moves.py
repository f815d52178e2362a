"""Servers that ask to leave, and servers that are gone: every message comes once, in order."""

import asyncio
import signal
from dataclasses import replace

import pytest

from headgate.stream import State
from tests.builders.nats_admin import NatsAdmin, ask_to_leave, edge_of, names_at
from tests.builders.nats_cluster import NatsCluster
from tests.builders.waiting import until
from tests.contract.stream.reading import QUICK, a_client, reading

LIVE: dict[str, object] = {}
BY_CONSUMER: dict[str, object] = {"republish": None}


@pytest.mark.parametrize("stream", [LIVE, BY_CONSUMER], ids=["live", "consumer"])
@pytest.mark.parametrize("listener", ["edge_urls", "websocket_urls"])
async def test_a_server_in_lame_duck_mode_is_left_without_a_moment_unconnected(
    cluster: NatsCluster, admin: NatsAdmin, name: str, listener: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    states: list[State] = []
    urls = getattr(cluster, listener)
    async with (
        a_client(urls, name, on_state=states.append) as client,
        reading(client, name) as app,
    ):
        await admin.publish(f"{name}.a", 10)
        await app.has_read(10)
        old = edge_of(cluster, name)
        assert old is not None
        old.lame_duck()
        await admin.publish(f"{name}.a", 200, first=10)
        await until(lambda: client.counters.moves == 1)
        await admin.publish(f"{name}.a", 10, first=210)
        await app.has_read(220)

        assert app.sequences == list(range(1, 221))
        assert states == [State.CONNECTED, State.MOVING, State.CONNECTED]
        assert client.counters.reconnects == 0


async def test_one_connection_moves_when_the_system_account_asks_it_to(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await admin.publish(f"{name}.a", 5)
        await app.has_read(5)
        old = edge_of(cluster, name)
        assert old is not None
        await ask_to_leave(cluster, old, name)
        await admin.publish(f"{name}.a", 100, first=5)
        await app.has_read(105)
        await until(lambda: client.counters.moves == 1)
        await until(lambda: edge_of(cluster, name) not in (old, None))

        assert app.sequences == list(range(1, 106))
        assert client.counters.reconnects == 0


async def test_a_move_in_quiet_asks_the_stream_once_whether_anything_was_missed(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 1)
    timing = replace(QUICK, idle_check=60)
    async with a_client(cluster.edge_urls, name, timing=timing) as client, reading(client, name):
        await until(lambda: client.counters.delivered == 1)
        old = edge_of(cluster, name)
        assert old is not None
        asked = await admin.hear(f"$JS.API.DIRECT.GET.{name}")
        await ask_to_leave(cluster, old, name)
        await until(lambda: client.counters.moves == 1)
        await until(lambda: bool(asked))
        await until(lambda: name not in names_at(old))
        await admin.publish(f"{name}.a", 1, first=1)  # what was asked before this has been heard
        await until(lambda: client.counters.delivered == 2)

        assert len(asked) == 1


async def test_a_move_asks_the_stream_nothing_when_the_new_server_brought_a_message(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 1)
    timing = replace(QUICK, idle_check=60, settle=3)
    async with a_client(cluster.edge_urls, name, timing=timing) as client, reading(client, name):
        await until(lambda: client.counters.delivered == 1)
        old = edge_of(cluster, name)
        assert old is not None
        asked = await admin.hear(f"$JS.API.DIRECT.GET.{name}")
        await ask_to_leave(cluster, old, name)
        await until(lambda: client.counters.moves == 1)
        await admin.publish(f"{name}.a", 1, first=1)
        await until(lambda: client.counters.duplicates_dropped == 1)  # both servers brought it
        await until(lambda: name not in names_at(old))
        await admin.publish(f"{name}.a", 1, first=2)
        await until(lambda: client.counters.delivered == 3)

        assert asked == []


async def test_a_client_that_finds_no_other_server_stays_where_it_is(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    only = cluster.edges[0]
    timing = replace(QUICK, move_attempts=4)
    async with (
        a_client([only.url], name, timing=timing) as client,
        reading(client, name) as app,
    ):
        await ask_to_leave(cluster, only, name)
        await until(lambda: client.state is State.MOVING)
        await admin.publish(f"{name}.a", 10)
        await app.has_read(10)
        await until(lambda: client.counters.moves_failed == 1, seconds=30)

        assert client.state is State.CONNECTED
        assert app.sequences == list(range(1, 11))


@pytest.mark.parametrize("stream", [LIVE, BY_CONSUMER], ids=["live", "consumer"])
async def test_an_edge_that_is_killed_costs_no_message(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await admin.publish(f"{name}.a", 10)
        await app.has_read(10)
        held_by = edge_of(cluster, name)
        assert held_by is not None
        held_by.kill()
        await admin.publish(f"{name}.a", 100, first=10)
        await app.has_read(110)

        assert app.sequences == list(range(1, 111))
        assert client.counters.reconnects == 1


async def test_what_was_missed_in_a_cut_is_fetched_once_the_next_message_shows_it(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    # given: it would ask whether anything was missed half a minute later
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 1)
    timing = replace(QUICK, idle_check=60, settle=60)
    async with a_client(cluster.edge_urls, name, timing=timing) as client, reading(client, name):
        await until(lambda: client.counters.delivered == 1)
        held_by = edge_of(cluster, name)
        assert held_by is not None
        asked = await admin.hear(f"$JS.API.DIRECT.GET.{name}")
        # when
        held_by.kill()
        await admin.publish(f"{name}.a", 5, first=1)
        await until(lambda: client.counters.reconnects == 1)
        await admin.publish(f"{name}.a", 1, first=6)
        await until(lambda: client.counters.delivered == 7)
        # then
        assert len(asked) <= 1, "no question, and one fetch if the cut was long enough"


async def test_what_was_missed_in_a_cut_is_fetched_though_no_message_follows(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    await admin.publish(f"{name}.a", 1)
    timing = replace(QUICK, idle_check=60, backoff_first=3)
    async with a_client(cluster.edge_urls, name, timing=timing) as client, reading(client, name):
        await until(lambda: client.counters.delivered == 1)
        held_by = edge_of(cluster, name)
        assert held_by is not None
        held_by.kill()
        await admin.publish(f"{name}.a", 5, first=1)
        await until(lambda: client.counters.delivered == 6)

        assert client.counters.reconnects == 1


@pytest.mark.parametrize("stream", [LIVE, BY_CONSUMER], ids=["live", "consumer"])
async def test_a_stream_whose_leader_is_killed_loses_nothing(
    cluster: NatsCluster, admin: NatsAdmin, name: str, stream: dict[str, object]
) -> None:
    await admin.create_stream(name, **stream)
    async with a_client(cluster.edge_urls, name) as client, reading(client, name) as app:
        await admin.publish(f"{name}.a", 20)
        publishing = asyncio.create_task(admin.publish(f"{name}.a", 300, first=20))
        await app.has_read(40)
        cluster.server(await admin.leader_of(name)).kill()
        await publishing
        await app.has_read(320, seconds=30)

        assert app.sequences == list(range(1, 321))
        assert app.lost == []


async def test_an_edge_that_says_nothing_any_more_is_given_up(
    cluster: NatsCluster, admin: NatsAdmin, name: str
) -> None:
    await admin.create_stream(name)
    timing = replace(QUICK, ping_every=0.3)
    async with (
        a_client(cluster.edge_urls, name, timing=timing) as client,
        reading(client, name) as app,
    ):
        await admin.publish(f"{name}.a", 10)
        await app.has_read(10)
        held_by = edge_of(cluster, name)
        assert held_by is not None
        held_by.signal(signal.SIGSTOP)
        await admin.publish(f"{name}.a", 100, first=10)
        await app.has_read(110)
        held_by.kill()

        assert app.sequences == list(range(1, 111))
