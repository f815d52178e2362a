"""A server for each test: most leave it drained."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.builders.fanout import Fanout, FanoutClients


@pytest.fixture
async def fanout(tmp_path: Path) -> AsyncIterator[Fanout]:
    async with Fanout(tmp_path) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def clients(http: aiohttp.ClientSession) -> AsyncIterator[FanoutClients]:
    joined = FanoutClients(http)
    yield joined
    await joined.close()
