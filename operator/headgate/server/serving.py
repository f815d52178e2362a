"""The life of a server: listen, load, serve, drain, leave."""

import asyncio
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from headgate.server.connections import Connection
from headgate.server.endpoints import Endpoints, Stage
from headgate.server.loading import load_inference
from headgate.server.logs import RareLog, log
from headgate.server.metrics import ServerMetrics
from headgate.server.settings import ServerSettings
from headgate.server.termination import ExitReason, GivingUpError

if TYPE_CHECKING:
    from headgate.server.publishing.publisher import Publisher

_BACKLOG: Final = 1024
_LOOK_SECONDS: Final = 0.05
_QUIET_SECONDS: Final = 2.0
_LAST_ANSWERS_SECONDS: Final = 2.0
_FLUSH_SECONDS: Final = 5.0  # with the drain less than the grace that the operator gives a pod


async def serve(settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain; raises GivingUpError when no model loads."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    trouble = RareLog()
    metrics = ServerMetrics(model=settings.model_name, version=settings.model_version)
    publisher = _publisher(settings, metrics)
    endpoints = Endpoints(settings, metrics, trouble, publisher)
    web_server = web.Server(endpoints.handle, handler_cancellation=True)
    listener = await loop.create_server(
        lambda: Connection(
            web_server, loop=loop, age_seconds=settings.connection_age_seconds, trouble=trouble
        ),
        sock=_listening_socket(settings),
        backlog=_BACKLOG,
    )
    log("listening", port=listener.sockets[0].getsockname()[1])
    if publisher is not None:
        publisher.start()
    await _load(settings, endpoints, stopping)
    await stopping.wait()
    await _drain(settings, endpoints, web_server, listener)
    if publisher is not None:
        await publisher.leave(_FLUSH_SECONDS)


def _publisher(settings: ServerSettings, metrics: ServerMetrics) -> "Publisher | None":
    """Return what publishes predictions; who does not want that need not wait for its imports."""
    if settings.publishing is None:
        return None
    from headgate.server.publishing.metrics import PublishingMetrics
    from headgate.server.publishing.publisher import Publisher

    names = {"model": settings.model_name, "version": settings.model_version}
    counters = PublishingMetrics(metrics.registry, **names)
    return Publisher(settings.publishing, counters, **names)


async def _load(settings: ServerSettings, endpoints: Endpoints, stopping: asyncio.Event) -> None:
    """Load in a thread, so that liveness is answered meanwhile; a stop doesn't wait for it."""
    started = time.monotonic()
    # not the loop's own executor: leaving the loop would wait for that
    loader = ThreadPoolExecutor(1, thread_name_prefix="load")
    loading = asyncio.get_running_loop().run_in_executor(loader, load_inference, settings)
    stop = asyncio.ensure_future(stopping.wait())
    either: list[asyncio.Future[Any]] = [loading, stop]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if loading.done():
        endpoints.serve(loading.result())
        log("ready", seconds=round(time.monotonic() - started, 3))


async def _drain(
    settings: ServerSettings,
    endpoints: Endpoints,
    web_server: web.Server,
    listener: asyncio.Server,
) -> None:
    """Go without losing a request.

    Nothing is closed at first: requests may still come over open connections, and over new ones
    from where this pod's leaving isn't known yet. Every answer says `Connection: close`, so busy
    clients leave by themselves. Only at the end of the time are idle connections closed.
    """
    started = time.monotonic()
    served = endpoints.stage is Stage.READY
    endpoints.stage = Stage.DRAINING
    log("draining", connections=len(web_server.connections))
    closing_at = started + max(0.0, settings.drain_seconds - _LAST_ANSWERS_SECONDS)
    while served and time.monotonic() < closing_at:
        busy_until = max(started, endpoints.last_infer_at) + _QUIET_SECONDS
        if time.monotonic() >= busy_until and not web_server.connections:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    listener.close()
    cut = len(web_server.connections)
    web_server.pre_shutdown()  # ends idle connections, and busy ones after their answer
    leaving_at = started + settings.drain_seconds
    while web_server.connections and time.monotonic() < leaving_at:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_SECONDS)
    log("drained", seconds=round(time.monotonic() - started, 3), closedAtTheEnd=cut)


def _listening_socket(settings: ServerSettings) -> socket.socket:
    """Listen on IPv4 and IPv6 where the host has both."""
    address = (settings.host, settings.port)
    if settings.host == "0.0.0.0" and socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("::", settings.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=_BACKLOG
            )
        except OSError:
            pass  # IPv6 is compiled in but off
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise GivingUpError(ExitReason.SETTINGS_INVALID, f"HEADGATE_PORT: {error}") from error
