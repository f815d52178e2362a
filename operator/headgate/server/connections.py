"""HTTP connections that end between requests, so that clients follow the traffic.

A client that keeps its connection would stay with one pod for good. So a connection has an age,
and the first answer after it says `Connection: close`. An idle connection is left alone for far
longer than clients keep theirs: closing one can cross a request that is just on its way, and a
POST that is lost like that isn't sent again.
"""

import asyncio
import logging
import random
from http import HTTPStatus
from typing import Final, override

from aiohttp import web

from headgate.server.logs import RareLog

_QUIET: Final = logging.getLogger("headgate.server.connections")
IDLE_SECONDS: Final = 620.0  # proxies keep idle connections for 600 s at most


class Connection(web.RequestHandler):
    """One client's connection."""

    __slots__ = ("_age_seconds", "_trouble", "closes_at")

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        age_seconds: float,
        trouble: RareLog,
    ) -> None:
        super().__init__(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None turns it off
            keepalive_timeout=IDLE_SECONDS,
            logger=_QUIET,
        )
        self._trouble = trouble
        self._age_seconds = age_seconds
        self.closes_at = 0.0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # jittered, or clients that came together would come back together for good
        life = self._age_seconds * random.uniform(0.5, 1.0)  # noqa: S311
        self.closes_at = self._loop.time() + life
        super().connection_made(transport)

    @override
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what isn't HTTP, in the protocol's form; the connection is closed after it."""
        text = (
            message if status < HTTPStatus.INTERNAL_SERVER_ERROR and message else "internal error"
        )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and exc is not None:
            self._trouble.error("request failed", type(exc).__name__, exc)
        response = web.json_response({"error": text.splitlines()[0]}, status=status)
        response.force_close()
        return response
