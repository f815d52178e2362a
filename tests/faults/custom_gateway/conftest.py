"""An operator's process, real servers in place of pods, and the example's clients."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders.apiserver import ApiServer
from tests.builders.witness import Witness
from tests.faults.conftest import NewNamespace
from tests.faults.custom_gateway.node import Node, Proxies
from tests.faults.custom_gateway.ticker import Ticker
from tests.load.operator_process import OperatorProcess


@pytest.fixture
def operator(api: ApiServer, tmp_path: Path) -> OperatorProcess:
    """The operator, not started yet."""
    return OperatorProcess(api.kubeconfig, tmp_path / "operator.log")


@pytest.fixture
async def ticker(
    api: ApiServer, operator: OperatorProcess, new_namespace: NewNamespace, tmp_path: Path
) -> AsyncIterator[Ticker]:
    """The example's gateway, healthy, with clients that have all heard something."""
    node = Node(Witness(api.kubeconfig), await new_namespace(), tmp_path)
    running = asyncio.create_task(node.run())
    await asyncio.to_thread(operator.start)
    ticker = Ticker(node)
    proxies = Proxies(node)
    try:
        ticker.create()
        await ticker.until_healthy(2)
        await ticker.listen(await proxies.open())
        yield ticker
        assert not running.done(), running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await ticker.close()
        if proxies.server is not None:
            proxies.server.close()
        await asyncio.to_thread(operator.kill)
        node.close()
