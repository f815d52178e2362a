"""Which replica writes: a Lease that is given up in time.

The promise: a replica stops writing before another can begin. A holder that could not renew for
4 s stops by its own clock, without asking anybody; another takes over only when it has itself
seen the Lease unchanged for 6 s. The clocks of two machines are never compared.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

import structlog

from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, ApiError, Conflict, NotFound
from headgate.kube.jitter import jittered
from headgate.kube.resources import LEASES

DURATION_SECONDS = 6
RENEW_EVERY_SECONDS = 1.5
STOP_AFTER_SECONDS = 4.0
POLL_EVERY_SECONDS = 0.6
RETRY_EVERY_SECONDS = 0.3
CALL_SECONDS = 1.0
"""Time limit of one call: a hanging API server must not take the time for a second try."""
TROUBLE_SECONDS = 10.0
"""A replica that cannot get at the Lease for so long is told of as not ready."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds the Lease, as the API server says."""

    holder: str
    duration_seconds: float
    transitions: int
    resource_version: str


class Choice(Enum):
    """What to do about a Lease."""

    CREATE = auto()
    TAKE = auto()
    RENEW = auto()
    WAIT = auto()


def choose(
    holding: Holding | None, me: str, unchanged_seconds: float, last_holder: str = ""
) -> Choice:
    """Decide by who holds the Lease, and for how long we ourselves have seen it unchanged."""
    if holding is None:
        # Deleted by somebody: its holder goes on until its next renewal fails.
        mine = last_holder in {"", me} or unchanged_seconds >= DURATION_SECONDS
        return Choice.CREATE if mine else Choice.WAIT
    if holding.holder == me:
        return Choice.RENEW  # from before our own restart: nobody else has this name
    if not holding.holder:
        return Choice.TAKE  # released
    # Never sooner than our own rule, whatever duration somebody wrote there.
    patience = max(holding.duration_seconds, DURATION_SECONDS)
    return Choice.TAKE if unchanged_seconds >= patience else Choice.WAIT


def read_holding(lease: Mapping[str, Any]) -> Holding:
    """Return what decides in a Lease object."""
    spec = lease.get("spec") or {}
    return Holding(
        holder=spec.get("holderIdentity") or "",
        duration_seconds=float(spec.get("leaseDurationSeconds") or 0),
        transitions=int(spec.get("leaseTransitions") or 0),
        resource_version=lease["metadata"]["resourceVersion"],
    )


def monotonic_seconds() -> float:
    """Return a clock that also runs while the machine sleeps, where there is one."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Lease:
    """This replica's claim to lead. `run` keeps it up, `leading` is always true to the clock."""

    def __init__(
        self,
        kube: Kube,
        namespace: str,
        name: str,
        identity: str,
        clock: Callable[[], float] = monotonic_seconds,
    ) -> None:
        """`kube` must let writes pass, answer within CALL_SECONDS, and not retry by itself."""
        self._kube = kube
        self._namespace = namespace
        self._name = name
        self._me = identity
        self._clock = clock
        self.term = 0
        """Grows when leadership begins after somebody else may have led; a mere lapse is no end."""
        self._leads_until = float("-inf")
        self._object: dict[str, Any] | None = None
        self._seen_version = ""
        self._seen_holder = ""
        self._seen_at = clock()
        self._trouble = ""
        self._troubled_since: float | None = None
        self._changed = asyncio.Event()

    @property
    def leading(self) -> bool:
        """Whether this replica may write at this very moment."""
        return self.seconds_left() > 0

    def seconds_left(self) -> float:
        """Return for how long this replica may write yet, even if nothing answers any more."""
        return self._leads_until - self._clock()

    def trouble(self) -> str:
        """Return what has kept us from the Lease for long; empty while all is well or just gone."""
        since = self._troubled_since
        lasts = since is not None and self._clock() - since >= TROUBLE_SECONDS
        return self._trouble if lasts else ""

    async def run(self) -> None:
        """Take the Lease when it is free and keep it, until cancelled."""
        while True:
            started = self._clock()
            try:
                await self._step()
                self._trouble, self._troubled_since = "", None
                wait = RENEW_EVERY_SECONDS if self.leading else self._until_next_look(started)
            except ApiError as error:
                self._complain(error, started)
                self._object = None  # a renewal may have gone through unseen: read before writing
                wait = RETRY_EVERY_SECONDS if self.leading else jittered(POLL_EVERY_SECONDS)
            await asyncio.sleep(max(0.05, wait - (self._clock() - started)))

    def _until_next_look(self, now: float) -> float:
        """Poll, and be there when the holder will have been silent for long enough."""
        poll = jittered(POLL_EVERY_SECONDS)
        ripe = self._seen_at + DURATION_SECONDS - now
        return min(poll, ripe + 0.01) if ripe > 0 else poll

    async def wait_until_leading(self) -> None:
        """Wait for leadership."""
        while not self.leading:
            self._changed.clear()
            await self._changed.wait()

    async def wait_until_lost(self) -> None:
        """Wait until this replica must have stopped writing, also if nothing answers any more."""
        while (left := self._leads_until - self._clock()) > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def release(self) -> None:
        """Stop leading and let the other replica begin at once; call it when nothing writes."""
        if not self.leading:
            return
        self._set_until(float("-inf"))
        try:
            lease = self._object or await self._kube.get(LEASES, self._namespace, self._name)
            if read_holding(lease).holder != self._me:
                return
            spec = {**lease["spec"], "leaseDurationSeconds": 1, "renewTime": _now()}
            spec.pop("holderIdentity", None)
            await self._kube.replace(LEASES, self._namespace, {**lease, "spec": spec})
            log.info("released the lease", identity=self._me)
        except ApiError as error:
            log.warning("could not release the lease: it runs out by itself", error=str(error))

    async def _step(self) -> None:
        """Read unless we know the Lease from our own last write, then do what is due."""
        if self._object is None or not self.leading:
            try:
                self._object = await self._kube.get(LEASES, self._namespace, self._name)
            except NotFound:
                self._object = None
        started = self._clock()
        holding = None if self._object is None else read_holding(self._object)
        if holding is not None and holding.resource_version != self._seen_version:
            self._seen_version, self._seen_at = holding.resource_version, started
            self._seen_holder = holding.holder
        choice = choose(holding, self._me, started - self._seen_at, self._seen_holder)
        if choice is Choice.WAIT:
            self._set_until(float("-inf"))
            return
        try:
            self._object = await self._write(choice, holding)
        except (Conflict, AlreadyExists):
            self._object = None  # somebody was faster, or an earlier try of ours did arrive
            if not self.leading:
                return
            raise
        if choice is not Choice.RENEW or not self.term:
            self.term += 1
        if not self.leading:
            log.info("leading", identity=self._me, by=choice.name.lower(), term=self.term)
        # Counted from before the request went out: that is the latest moment the others can
        # have seen us alive for sure.
        self._set_until(started + STOP_AFTER_SECONDS)

    async def _write(self, choice: Choice, holding: Holding | None) -> dict[str, Any]:
        now = _now()
        before = {} if self._object is None else self._object.get("spec") or {}
        spec = {
            **before,
            "holderIdentity": self._me,
            "leaseDurationSeconds": DURATION_SECONDS,
            "renewTime": now,
        }
        if choice is not Choice.RENEW:
            spec["acquireTime"] = now
            spec["leaseTransitions"] = 0 if holding is None else holding.transitions + 1
        if self._object is None:
            manifest = {
                "apiVersion": LEASES.api_version,
                "kind": LEASES.kind,
                "metadata": {"namespace": self._namespace, "name": self._name},
                "spec": spec,
            }
            return await self._kube.create(LEASES, self._namespace, manifest)
        return await self._kube.replace(LEASES, self._namespace, {**self._object, "spec": spec})

    def _set_until(self, until: float) -> None:
        if until < self._leads_until or not self.leading:
            self._changed.set()
        self._leads_until = until

    def _complain(self, error: ApiError, at: float) -> None:
        """Log a trouble once, not each time that it comes up again."""
        if self._troubled_since is None:
            self._troubled_since = at
        if str(error) != self._trouble:
            self._trouble = str(error)
            log.warning("could not reach the lease", leading=self.leading, error=self._trouble)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
