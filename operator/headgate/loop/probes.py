"""What the kubelet and Prometheus ask of this process: alive, ready, metrics."""

import asyncio
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

type Complaint = Callable[[], str]
"""Returns what is wrong, or nothing."""


class ProbeServer:
    """A small HTTP server: /livez, /readyz, /metrics."""

    def __init__(
        self, port: int, dead: Complaint, unready: Complaint, registry: CollectorRegistry
    ) -> None:
        """`dead` says why only a restart helps, `unready` why this replica is of no use now."""
        self._port = port
        self._registry = registry
        application = web.Application()
        application.router.add_get("/livez", lambda _request: _answer(dead))
        application.router.add_get("/readyz", lambda _request: _answer(unready))
        application.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(
            application, handle_signals=False, access_log=None, shutdown_timeout=1.0
        )

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "0.0.0.0", self._port).start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        # Thousands of Models take a while to render: not on the loop that renews the lease.
        body = await asyncio.to_thread(generate_latest, self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _answer(complaint: Complaint) -> web.Response:
    wrong = complaint()
    return web.Response(text=f"{wrong or 'ok'}\n", status=503 if wrong else 200)
