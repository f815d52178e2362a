"""One gateway of real servers, for the tests that leave it as it was."""

from collections.abc import AsyncIterator, Iterator

import pytest
from nats.aio.client import Client

from headgate.streamgateway.engines.nats.system import SystemAccount
from tests.builders.nats_engine import Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(folder=tmp_path_factory.mktemp("engine")) as started:
        yield started


@pytest.fixture
async def system_client(engine: Engine) -> AsyncIterator[Client]:
    client = await engine.connect_as_system()
    yield client
    await client.close()


@pytest.fixture
async def operator_client(engine: Engine) -> AsyncIterator[Client]:
    client = await engine.connect_as_operator()
    yield client
    await client.close()


@pytest.fixture
def system(system_client: Client) -> SystemAccount:
    return SystemAccount(system_client)


@pytest.fixture
async def no_streams_left(operator_client: Client) -> AsyncIterator[None]:
    """Delete the streams that a test made."""
    yield
    context = operator_client.jetstream()
    for info in await context.streams_info():
        await context.delete_stream(str(info.config.name))
