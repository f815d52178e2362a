"""Tells users what happened to their object, in `kubectl describe`.

Best effort by design: an event that cannot be written is dropped and counted, and no reconcile
ever waits for one or fails because of one. Conditions carry the truth, events the story.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from headgate.kube.client import KubeClient
from headgate.kube.errors import KubeError, NotFound
from headgate.kube.resources import EVENTS

CONTROLLER = "headgate.dev/operator"
QUEUE_LIMIT = 1000
SERIES_SECONDS = 600.0
"""Equal events within this time are one event with a count."""
REPEAT_EVERY_SECONDS = 30.0
"""How often the count of a repeated event is written."""
REST = 3.0
"""Waits this many times as long as a write took: a busy API server serves rollouts first."""
REMEMBERED = 2048
NOTE_LIMIT = 1024  # what the API server accepts, in bytes
NAME_LIMIT = 253

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """The object that an event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


class Recorder(Protocol):
    """Whoever writes Events."""

    def record(
        self, ref: ObjectRef, event_type: str, reason: str, message: str, action: str
    ) -> None:
        """Note what happened."""


@dataclass(frozen=True, slots=True)
class _Happening:
    ref: ObjectRef
    type: str
    reason: str
    message: str
    action: str


@dataclass(slots=True)
class _Series:
    name: str
    count: int
    begun_at: float
    written_at: float


class EventRecorder:
    """Takes events from reconcilers and writes them from a task of its own."""

    def __init__(
        self,
        kube: KubeClient,
        instance: str,
        clock: Callable[[], float] | None = None,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        """`instance` names this replica. `on_drop` counts what is lost."""
        self._kube = kube
        self._instance = instance
        self._clock = clock or asyncio.get_running_loop().time
        self._on_drop = on_drop
        self._waiting: asyncio.Queue[tuple[_Happening, str]] = asyncio.Queue(QUEUE_LIMIT)
        self._series: OrderedDict[_Happening, _Series] = OrderedDict()

    def record(
        self, ref: ObjectRef, event_type: str, reason: str, message: str, action: str
    ) -> None:
        """Note what happened; `event_type` is Normal or Warning. Never waits, never raises."""
        try:
            happening = _Happening(ref, event_type, str(reason), message, action)
            self._waiting.put_nowait((happening, _now()))
        except asyncio.QueueFull:
            self._on_drop()

    async def run(self) -> None:
        """Write events until cancelled."""
        while True:
            happening, at = await self._waiting.get()
            begun = self._clock()
            try:
                await self._write(happening, at)
            except KubeError as error:
                self._on_drop()
                log.info("event dropped", reason=happening.reason, error=str(error))
            except Exception:
                self._on_drop()
                log.exception("event dropped by a defect", reason=happening.reason)
            await asyncio.sleep(REST * (self._clock() - begun))

    async def drain(self, patience: float) -> None:
        """Write what waits, for at most `patience` seconds; for a graceful stop."""
        try:
            async with asyncio.timeout(patience):
                while not self._waiting.empty():
                    await self._write(*self._waiting.get_nowait())
        except (TimeoutError, KubeError):
            log.info("events left unwritten", count=self._waiting.qsize())

    async def _write(self, happening: _Happening, at: str) -> None:
        now = self._clock()
        series = self._series.get(happening)
        if series is None or now - series.begun_at > SERIES_SECONDS:
            await self._create(happening, now, at)
            return
        series.count += 1
        if now - series.written_at < REPEAT_EVERY_SECONDS:
            return
        series.written_at = now
        observed = {"series": {"count": series.count, "lastObservedTime": at}}
        try:
            await self._kube.patch(EVENTS, happening.ref.namespace, series.name, observed)
        except NotFound:  # expired, or deleted by somebody
            await self._create(happening, now, at)

    async def _create(self, happening: _Happening, now: float, at: str) -> None:
        name = _name_of(happening, self._instance, now)
        self._series[happening] = _Series(name, count=1, begun_at=now, written_at=now)
        self._series.move_to_end(happening)
        while len(self._series) > REMEMBERED:
            self._series.popitem(last=False)
        manifest = self._manifest(happening, name, at)
        await self._kube.create(EVENTS, happening.ref.namespace, manifest)

    def _manifest(self, happening: _Happening, name: str, at: str) -> Mapping[str, Any]:
        ref = happening.ref
        return {
            "apiVersion": EVENTS.api_version,
            "kind": EVENTS.kind,
            "metadata": {"namespace": ref.namespace, "name": name},
            "eventTime": at,
            "reportingController": CONTROLLER,
            "reportingInstance": self._instance[:128],
            "action": happening.action,
            "reason": happening.reason,
            "type": happening.type,
            "regarding": {
                "apiVersion": ref.api_version,
                "kind": ref.kind,
                "namespace": ref.namespace,
                "name": ref.name,
                "uid": ref.uid,
            },
            "note": _shortened(happening.message),
        }


def _name_of(happening: _Happening, instance: str, now: float) -> str:
    """Return a name that no other event has; long object names are cut to leave room."""
    what = repr((happening, instance, now)).encode()
    suffix = "." + hashlib.sha256(what).hexdigest()[:16]
    return happening.ref.name[: NAME_LIMIT - len(suffix)].rstrip(".-") + suffix


def _shortened(note: str) -> str:
    encoded = note.encode()
    if len(encoded) <= NOTE_LIMIT:
        return note
    return encoded[: NOTE_LIMIT - 3].decode(errors="ignore") + "…"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
