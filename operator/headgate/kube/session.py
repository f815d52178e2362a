"""One HTTP session to the API server, shared by the client, the reflectors and kopf.

Knows addresses, credentials, time limits and the answers' encoding; what is asked is the
client's business, and what an error means is decided in errors.py.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic_core import from_json, to_json

from headgate.kube.credentials import Credentials
from headgate.kube.errors import ApiError, Throttled, Unavailable, error_of

USER_AGENT = "headgate-operator"
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
LISTS_AT_ONCE = 2

type OnResponse = Callable[[str, str, str], None]
"""Told of every answer: verb, resource, and the status code or `error`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, described well enough for the metrics."""

    verb: str
    resource: str
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = "application/json"
    total_seconds: float = TOTAL_SECONDS


class KubeSession:
    """An authenticated connection pool to one API server."""

    def __init__(self, credentials: Credentials, on_response: OnResponse | None = None) -> None:
        """Open nothing yet: aiohttp wants a running event loop for that."""
        self.server = credentials.server.rstrip("/")
        self._credentials = credentials
        self._on_response: OnResponse = on_response or (lambda _verb, _resource, _code: None)
        self._http: aiohttp.ClientSession | None = None
        self._closed = False
        self.list_turns = asyncio.Semaphore(LISTS_AT_ONCE)
        """Held while a reflector lists: what lists have in memory at once is the highest peak."""

    @property
    def http(self) -> aiohttp.ClientSession:
        """The aiohttp session; opened anew should kopf have closed it after a refused login."""
        if self._closed:
            raise Unavailable(0, "Closed", "the session is closed: this process is stopping")
        if self._http is None or self._http.closed:
            self._http = self._open()
        return self._http

    async def close(self) -> None:
        """Close the connections; every later request fails."""
        self._closed = True
        if self._http is not None:
            await self._http.close()

    async def call(self, request: Request) -> Any:
        """Send one request and return the decoded answer, or raise a typed error."""
        async with self.stream(request) as response:
            try:
                return from_json(await response.read())
            except ValueError as error:
                raise Unavailable(response.status, "NotJSON", str(error)) from error

    async def text(self, request: Request) -> str:
        """Send one request and return the answer as text, as a log is; or raise a typed error."""
        async with self.stream(request) as response:
            return (await response.read()).decode(errors="replace")

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request and give the open response, after checking its status.

        Every transport failure, here or while the body is read, becomes Unavailable.
        """
        code = "error"
        try:
            async with self.http.request(
                request.method,
                self.server + request.path,
                params=request.params,
                data=None if request.body is None else to_json(request.body),
                headers={"Content-Type": request.content_type} if request.body is not None else {},
                timeout=aiohttp.ClientTimeout(
                    total=request.total_seconds, sock_connect=CONNECT_SECONDS
                ),
            ) as response:
                code = str(response.status)
                if response.status >= HTTPStatus.BAD_REQUEST:
                    raise await _error_from(response)
                yield response
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unavailable(error) from error
        finally:
            self._on_response(request.verb, request.resource, code)

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,  # the number of workers is the limit; a watch must never wait for one
            ssl=self._credentials.ssl_context() or True,
            socket_factory=_open_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            middlewares=(self._authenticate,),
            proxy=self._credentials.proxy,  # resolved once: trust_env costs 0.6 ms per request
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def _authenticate(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        token = self._credentials.token(time.monotonic())
        if token is None:
            return await handler(request)
        request.headers["Authorization"] = f"Bearer {token}"
        response = await handler(request)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        fresh = self._credentials.token(time.monotonic(), force=True)
        if fresh is None or fresh == token:
            return response
        response.close()
        request.headers["Authorization"] = f"Bearer {fresh}"
        return await handler(request)


async def _error_from(response: aiohttp.ClientResponse) -> ApiError:
    raw = await response.read()
    try:
        body: object = from_json(raw)
    except ValueError:
        body = raw.decode(errors="replace")
    error = error_of(response.status, body, _seconds(response.headers.get("Retry-After")))
    if response.status == HTTPStatus.SERVICE_UNAVAILABLE and error.retry_after is not None:
        return Throttled(503, error.reason, error.message, retry_after=error.retry_after)
    return error


def _seconds(header: str | None) -> float | None:
    """Retry-After as the API server sends it; the HTTP date form is not used there."""
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None


def _unavailable(error: Exception) -> Unavailable:
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return Unavailable(0, "Timeout", f"no answer in time: {error}")
    return Unavailable(0, type(error).__name__, str(error) or repr(error))


def _open_socket(address: Any) -> socket.socket:
    """Find out within half a minute that a peer has vanished, not when the watch ends."""
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", 10),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 25_000),
    ):
        if hasattr(socket, option):  # Linux has them all, a developer's macOS not
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return opened
