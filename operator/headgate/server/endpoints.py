"""The paths of Open Inference Protocol V2, and /metrics."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Protocol

from aiohttp import web

from headgate.server.bodies import LARGE_AT_ONCE, may_be_large, read_body
from headgate.server.connections import Connection
from headgate.server.inference import Inference
from headgate.server.logs import RareLog
from headgate.server.metrics import CONTENT_TYPE, ServerMetrics
from headgate.server.protocol.rejection import ModelFailedError, RejectedError
from headgate.server.protocol.replies import Reply
from headgate.server.settings import ServerSettings
from headgate.server.workers import OverloadedError, Workers

_SMALL_BYTES: Final = 16 * 1024
_HEADER_LENGTH: Final = "Inference-Header-Content-Length"
_VERSION_HEADER: Final = "Headgate-Version"
type Handler = Callable[[web.BaseRequest], Awaitable[web.Response]]


class Stage(Enum):
    """Where a server is in its life."""

    LOADING = "loading"
    READY = "ready"
    DRAINING = "draining"


class Audience(Protocol):
    """Whoever wants to know what the model answered."""

    def offer(self, reply: Reply, seconds: float) -> None:
        """Take an answer that took so long; returns at once, and never raises."""


class Endpoints:
    """Answers requests; one server has one model, so every path is known beforehand."""

    def __init__(
        self,
        settings: ServerSettings,
        metrics: ServerMetrics,
        trouble: RareLog,
        audience: Audience | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._trouble = trouble
        self._audience = audience
        self._workers = Workers(threads=settings.threads, queue=settings.queue)
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._inference: Inference | None = None
        self._routes = self._table()
        self.stage = Stage.LOADING
        self.last_infer_at = 0.0
        metrics.in_flight.set_function(lambda: float(self._workers.pending))

    def serve(self, inference: Inference) -> None:
        """Begin to answer for a loaded model."""
        self._inference = inference
        self.stage = Stage.READY

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer one request, and end its connection when it has lived long enough."""
        response = await self._answer(request)
        # a failure names its version too: clients of a rollout talk to two at once
        response.headers[_VERSION_HEADER] = self._settings.model_version
        connection = request.protocol
        aged = (
            isinstance(connection, Connection)
            and asyncio.get_running_loop().time() >= connection.closes_at
        )
        if aged or self.stage is Stage.DRAINING:
            response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        path = request.path
        handlers = self._routes.get(path)
        if handlers is None:
            return self._unknown(path)
        handler = handlers.get(request.method)
        if handler is None:
            allowed = ", ".join(handlers)
            response = _error(
                HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not for {path}: use {allowed}"
            )
            response.headers["Allow"] = allowed
            return response
        return await handler(request)

    def _table(self) -> Mapping[str, Mapping[str, Handler]]:
        model = f"/v2/models/{self._settings.model_name}"
        version = f"{model}/versions/{self._settings.model_version}"
        routes: dict[str, Mapping[str, Handler]] = {
            "/v2": _read(self._server_metadata),
            "/v2/health/live": _read(self._live),
            "/v2/health/ready": _read(self._ready),
            "/metrics": _read(self._exposition),
        }
        for base in (model, version):
            routes[base] = _read(self._model_metadata)
            routes[f"{base}/ready"] = _read(self._ready)
            routes[f"{base}/infer"] = {"POST": self._infer}
        return routes

    def _unknown(self, path: str) -> web.Response:
        if path.endswith("/infer"):
            self._metrics.answered(HTTPStatus.NOT_FOUND, None)
        if path.startswith("/v2/models/"):
            name, version = self._settings.model_name, self._settings.model_version
            return _error(
                HTTPStatus.NOT_FOUND,
                f"not found: this server has model {name}, version {version}: "
                f"/v2/models/{name}/infer or /v2/models/{name}/versions/{version}/infer",
            )
        return _error(HTTPStatus.NOT_FOUND, "not found: the API begins at /v2")

    async def _infer(self, request: web.BaseRequest) -> web.Response:
        self.last_infer_at = time.monotonic()
        started = self.last_infer_at
        try:
            if self._inference is None:
                return self._refused(HTTPStatus.SERVICE_UNAVAILABLE, "the model is being loaded", 0)
            async with self._large if may_be_large(request) else nullcontext():
                body = await read_body(request, self._settings.max_request_bytes)
                started = time.monotonic()
                reply = await self._workers.run(
                    self._inference.answer,
                    body,
                    request.headers.get(_HEADER_LENGTH),
                    small=len(body) <= _SMALL_BYTES,
                )
        except RejectedError as rejection:
            self._metrics.answered(rejection.status, None)
            return _error(rejection.status, rejection.message)
        except OverloadedError:
            message = f"{self._settings.queue} requests wait already"
            return self._refused(
                HTTPStatus.SERVICE_UNAVAILABLE, message, time.monotonic() - started
            )
        except ModelFailedError as failure:
            self._trouble.error("prediction failed", failure.kind, failure.__cause__ or failure)
            self._metrics.answered(HTTPStatus.INTERNAL_SERVER_ERROR, time.monotonic() - started)
            return _error(HTTPStatus.INTERNAL_SERVER_ERROR, failure.message)
        seconds = time.monotonic() - started
        self._metrics.answered(HTTPStatus.OK, seconds)
        if self._audience is not None:
            self._audience.offer(reply, seconds)
        if reply.header_length is None:
            return web.Response(body=reply.body, content_type="application/json")
        return web.Response(
            body=reply.body,
            content_type="application/octet-stream",
            headers={_HEADER_LENGTH: str(reply.header_length)},
        )

    def _refused(self, status: HTTPStatus, message: str, seconds: float) -> web.Response:
        self._metrics.answered(status, seconds)
        response = _error(status, message)
        response.headers["Retry-After"] = "1"
        return response

    async def _server_metadata(self, _request: web.BaseRequest) -> web.Response:
        return _json(
            {"name": "headgate", "version": _own_version(), "extensions": ["binary_tensor_data"]}
        )

    async def _live(self, _request: web.BaseRequest) -> web.Response:
        return _json({"live": True})

    async def _ready(self, _request: web.BaseRequest) -> web.Response:
        if self.stage is Stage.READY:
            return _json({"name": self._settings.model_name, "ready": True})
        return _json(
            {"name": self._settings.model_name, "ready": False, "error": self.stage.value},
            HTTPStatus.SERVICE_UNAVAILABLE,
        )

    async def _model_metadata(self, _request: web.BaseRequest) -> web.Response:
        if self._inference is None:
            return _error(HTTPStatus.SERVICE_UNAVAILABLE, "the model is being loaded")
        return _json(
            {
                "name": self._settings.model_name,
                "versions": [self._settings.model_version],
                "platform": self._settings.model_format,
                "inputs": [spec.as_metadata() for spec in self._inference.inputs],
                "outputs": [spec.as_metadata() for spec in self._inference.outputs],
            }
        )

    async def _exposition(self, _request: web.BaseRequest) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


def _own_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("headgate")
    except PackageNotFoundError:  # run from a source tree
        return "unknown"


def _read(handler: Handler) -> Mapping[str, Handler]:
    return {"GET": handler, "HEAD": handler}


def _error(status: HTTPStatus, message: str) -> web.Response:
    return _json({"error": message}, status)


def _json(document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(
        body=json.dumps(document).encode(), status=status, content_type="application/json"
    )
