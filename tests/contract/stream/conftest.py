"""One cluster of NATS servers for the whole run; each test mends what it broke."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from tests.builders.nats_admin import NatsAdmin, connected
from tests.builders.nats_cluster import NatsCluster

NUMBERS = count()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    with NatsCluster(tmp_path_factory.mktemp("gateway")) as cluster:
        yield cluster


@pytest.fixture
def cluster(gateway: NatsCluster) -> Iterator[NatsCluster]:
    """The cluster, with all its servers running before and after."""
    yield gateway
    for server in gateway.servers:
        if not server.is_running or server.is_leaving:
            gateway.restart(server)


@pytest.fixture
async def admin(cluster: NatsCluster) -> AsyncIterator[NatsAdmin]:
    async with connected(cluster) as opened:
        yield opened


@pytest.fixture
def name() -> str:
    """A name for a stream, and a client, that no other test uses."""
    return f"test{next(NUMBERS)}"
