"""Headgate's drain contract for a fan-out: docs/reference/drain-contract.md, line by line."""

import hmac
import json
import math
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from fanout import Fanout

OPEN = ("/headgate/v1/alive", "/headgate/v1/ready")
"""The kubelet's, which has no token."""
PAGE = os.sysconf("SC_PAGE_SIZE")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Control:
    """What the operator asks, and how it is answered."""

    def __init__(self, fanout: Fanout, name: str, token: str) -> None:
        """Be ready from the start: whoever connects is served."""
        self.fanout, self.name, self.token = fanout, name, token
        self.cordoned = False

    def application(self) -> web.Application:
        """Return what listens on the control port."""
        application = web.Application(middlewares=[self._authenticated], client_max_size=4096)
        application.add_routes(
            [
                web.get("/headgate/v1/alive", self.alive),
                web.get("/headgate/v1/ready", self.ready),
                web.get("/headgate/v1/status", self.status),
                web.post("/headgate/v1/cordon", self.cordon),
                web.post("/headgate/v1/drain", self.drain),
                web.post("/headgate/v1/move", self.move),
            ]
        )
        return application

    @web.middleware
    async def _authenticated(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        known = hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode())
        if request.path not in OPEN and not known:
            raise web.HTTPUnauthorized(text="give the token of $HEADGATE_CONTROL_TOKEN_FILE")
        return await handler(request)

    async def alive(self, _: web.Request) -> web.Response:
        """Say that the process answers."""
        return web.Response(text="alive")

    async def ready(self, _: web.Request) -> web.Response:
        """Say whether new clients should come."""
        return web.Response(status=503 if self.cordoned else 200)

    async def status(self, _: web.Request) -> web.Response:
        """Say who is here, and what was done for them."""
        fanout = self.fanout
        told = {
            "name": self.name,
            "connections": len(fanout.clients),
            "arrivals": fanout.arrivals,
            "draining": fanout.drain is not None,
            "leaving": sum(client.asked for client in fanout.clients),
            "capabilities": ["move"],
            "deliveries": fanout.deliveries,
            "slowConsumers": fanout.slow,
            "cpuSeconds": time.process_time(),
            "memoryBytes": _resident_bytes(),
        }
        return web.json_response(told)

    async def cordon(self, _: web.Request) -> web.Response:
        """Be ready no more. Clients that still come are served."""
        self.cordoned = True
        return web.Response(status=204)

    async def drain(self, request: web.Request) -> web.Response:
        """Ask everybody to leave, over so many seconds."""
        seconds = await _number(request, "windowSeconds", most=3600)
        self.leave(seconds)
        return web.Response(status=204)

    async def move(self, request: web.Request) -> web.Response:
        """Ask some to leave."""
        count = await _number(request, "count", most=1_000_000)
        return web.json_response({"asked": self.fanout.ask_some(math.floor(count))})

    def leave(self, window: float) -> None:
        """Do what a drain and SIGTERM have in common."""
        self.cordoned = True
        self.fanout.start_drain(window)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def _number(request: web.Request, field: str, *, most: float) -> float:
    try:
        body: Any = json.loads(await request.text())
        value = body[field]
    except (ValueError, KeyError, TypeError) as error:
        raise web.HTTPBadRequest(text=f'a JSON object with "{field}" is needed') from error
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise web.HTTPBadRequest(text=f"{field}: must be a number above 0, {most:g} at most")
    return float(value)
