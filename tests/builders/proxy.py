"""A proxy between a client and the API server, which misbehaves on demand.

It speaks plain HTTP to the client and passes everything on, watches included, until told to
fail. The faults are those of tests/contract/test_reflector_faults.py.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from headgate.kube.credentials import Credentials

type Matches = Callable[[web.Request], bool]
type Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""Answers in the API server's place; None passes the request on after all."""


def any_request(_request: web.Request) -> bool:
    return True


def is_watch(request: web.Request) -> bool:
    return request.query.get("watch") == "1"


def is_list(request: web.Request) -> bool:
    return request.method == "GET" and not is_watch(request)


def refuses(
    status: int, reason: str = "", message: str = "made by the proxy", **headers: str
) -> Answer:
    """Answer with an error Status."""

    async def answer(_request: web.Request) -> web.Response:
        body = {"kind": "Status", "code": status, "reason": reason, "message": message}
        return web.json_response(
            body, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return answer


def sends_events(*events: dict[str, Any], then_hang: bool = False) -> Answer:
    """Answer a watch with these events, and end it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for event in events:
            await response.write(json.dumps(event).encode() + b"\n")
        if then_hang:
            await asyncio.Event().wait()
        return response

    return answer


async def hangs(_request: web.Request) -> None:
    """Never answer."""
    await asyncio.Event().wait()


def gone_event() -> dict[str, Any]:
    """Return what a watch says when its resource version was compacted away."""
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    return {"type": "ERROR", "object": status}


@dataclass
class Fault:
    """What to do instead, for which requests, and how often (None: until it is lifted)."""

    matches: Matches
    answer: Answer
    times: int | None = None
    hits: int = 0


@dataclass
class FaultProxy:
    """A plain HTTP door to the API server."""

    upstream: Credentials
    requests: list[web.Request] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._faults: list[Fault] = []
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def credentials(self) -> Credentials:
        return Credentials(server=self.url)

    def requested(self, matches: Matches = any_request) -> int:
        """Count the requests that arrived."""
        return sum(1 for request in self.requests if matches(request))

    async def start(self) -> None:
        """Listen; on the same port again after `refuse_connections`."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, ssl=self.upstream.ssl_context() or True)
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        application = web.Application(client_max_size=8 * 2**20)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, shutdown_timeout=0.1, access_log=None, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        assert site._server is not None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self.refuse_connections()
        if self._session is not None:
            await self._session.close()

    async def refuse_connections(self) -> None:
        """Close the door: open connections are cut, new ones refused."""
        if self._runner is not None:
            self.cut_connections()
            await self._runner.cleanup()
            self._runner = None

    def cut_connections(self) -> None:
        """Cut what is open, in mid-answer."""
        assert self._runner is not None
        assert self._runner.server is not None
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def fault(self, matches: Matches, answer: Answer, times: int | None = None) -> Fault:
        """Begin to misbehave."""
        fault = Fault(matches, answer, times)
        self._faults.append(fault)
        return fault

    def lift(self, fault: Fault) -> None:
        """Behave again."""
        self._faults.remove(fault)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        for fault in self._faults:
            if (fault.times is None or fault.hits < fault.times) and fault.matches(request):
                fault.hits += 1
                answered = await fault.answer(request)
                if answered is not None:
                    return answered
        return await self._pass_on(request)

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        headers = {
            name: request.headers[name]
            for name in ("Content-Type", "Accept")
            if name in request.headers
        }
        async with self._session.request(
            request.method,
            self.upstream.server + request.path_qs,
            data=await request.read(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as upstream:
            response = web.StreamResponse(status=upstream.status)
            for name in ("Content-Type", "Content-Encoding", "Retry-After"):
                if name in upstream.headers:
                    response.headers[name] = upstream.headers[name]
            await response.prepare(request)
            async for chunk in upstream.content.iter_any():
                await response.write(chunk)
            return response
