"""Takes keys from the queue and reconciles them; sorts what can come of it.

Three outcomes: done, look again at a time, failed. A failure is never swallowed and never retried
in silence: each is counted by kind and reason, and the log says what to do about it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from structlog.contextvars import bound_contextvars

from headgate.core.lane import Lane
from headgate.kube.errors import AlreadyExists, ApiError, Conflict, Forbidden, NotLeading
from headgate.kube.jitter import jittered
from headgate.kube.resources import Key
from headgate.loop.queue import WorkQueue

PERMANENT_WAIT_SECONDS = 60.0
LONGEST_PERMANENT_WAIT_SECONDS = 600.0
# A hiccup heals in fewer tries; from here on a failure is somebody's business.
WORTH_A_WARNING = 5
# Timers may fire a moment early; a pass that comes before its time would find nothing to do.
LATE_SECONDS = 0.01
LONGEST_SPREAD_SECONDS = 1.0
# Without the lease nothing is to be done; the workers are about to be stopped.
LAPSE_SECONDS = 0.5

type Look = datetime | timedelta | Lane | None
"""When to look at the object again, if nothing happens to it before; a lane means at once."""

type Reconcile = Callable[[Key], Awaitable[Look]]

log = structlog.get_logger(__name__)


class Meter(Protocol):
    """Hears how every pass went: the metrics."""

    def passed(self, kind: str, result: str, seconds: float) -> None:
        """Count one pass."""

    def failed(self, kind: str, reason: str) -> None:
        """Count one failure, which will be tried again."""


class Workers:
    """A fixed number of tasks that reconcile keys."""

    def __init__(
        self,
        queue: WorkQueue[Key],
        reconcile: Reconcile,
        meter: Meter,
        count: int = 8,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Start nothing yet. `now` is the clock that reconcilers compute their times with."""
        self._queue = queue
        self._reconcile = reconcile
        self._meter = meter
        self._count = count
        self._now = now
        self._tasks: list[asyncio.Task[None]] = []
        self._busy: set[asyncio.Task[None] | None] = set()
        self._turn = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether keys are taken from the queue."""
        return bool(self._tasks)

    def start(self) -> None:
        """Begin to take keys."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._work(), name=f"worker-{number}")
                for number in range(self._count)
            ]

    async def stop(self, patience: float) -> bool:
        """Take no more keys, let begun passes end for `patience` seconds, then cut them off.

        Return whether all ended by themselves. A pass that was cut off does no harm: every pass
        may end anywhere, and the next one finds out where.
        """
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return True
        for task in tasks:
            if task not in self._busy:
                task.cancel()
        _, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return not late

    def stalled_since(self) -> float:
        """Return for how many seconds the slowest pass has been going on; 0 when none is."""
        oldest = self._queue.oldest_start()
        return 0.0 if oldest is None else asyncio.get_running_loop().time() - oldest

    def crippled(self) -> bool:
        """Whether a worker is gone that should be there."""
        return any(task.done() for task in self._tasks)

    async def _work(self) -> None:
        me = asyncio.current_task()
        while True:
            key = await self._queue.get()
            self._busy.add(me)
            try:
                await self._pass(key)
            finally:
                self._busy.discard(me)
                self._queue.done(key)
            if me not in self._tasks:
                return  # stopped meanwhile
            # A pass that finds nothing to do never waits for anything. Thousands of them, as at a
            # start, would keep the lease from being renewed: so one begins per turn of the loop.
            async with self._turn:
                await asyncio.sleep(0)

    async def _pass(self, key: Key) -> None:
        clock = asyncio.get_running_loop().time
        started = clock()
        result = "cut off"
        with bound_contextvars(kind=key.kind, namespace=key.namespace, name=key.name):
            try:
                look = await self._reconcile(key)
                result = "done" if look is None else "requeued"
                self._queue.forget_failures(key)
                if isinstance(look, Lane):
                    self._queue.add(key, look)
                elif look is not None:
                    self._queue.add_after(key, self._delay(look))
            except NotLeading as error:
                result = "not leading"
                self._queue.add_after(key, LAPSE_SECONDS)
                log.info("pass stopped", error=str(error))
            except asyncio.CancelledError:
                self._queue.add(key)  # for the case that we go on
                raise
            except ApiError as error:
                result = self._sort(key, error)
            except Exception as error:
                result = "defect"
                self._retry(key, type(error).__name__)
                log.exception(
                    "pass failed by a defect of Headgate", remedy="please report this message"
                )
            finally:
                self._meter.passed(key.kind, result, clock() - started)

    def _sort(self, key: Key, error: ApiError) -> str:
        reason = error.reason or type(error).__name__
        if error.permanent:
            nth = self._queue.failures(key)
            wait = min(LONGEST_PERMANENT_WAIT_SECONDS, PERMANENT_WAIT_SECONDS * 2.0 ** min(nth, 8))
            wait = self._retry(key, reason, at_least=wait)
            log.error(
                "pass refused", error=str(error), remedy=_remedy(error), wait_seconds=round(wait)
            )
            return "refused"
        wait = self._retry(key, reason, at_least=error.retry_after or 0.0)
        failures = self._queue.failures(key)
        if failures >= WORTH_A_WARNING:
            log.warning(
                "pass keeps failing",
                error=str(error),
                failures=failures,
                wait_seconds=round(wait, 2),
                remedy=_remedy(error),
            )
        else:
            log.info("pass failed", error=str(error), wait_seconds=round(wait, 2))
        return "conflict" if isinstance(error, Conflict | AlreadyExists) else "failed"

    def _retry(self, key: Key, reason: str, at_least: float = 0.0) -> float:
        self._meter.failed(key.kind, reason)
        return self._queue.retry_after(key, at_least=at_least)

    def _delay(self, look: datetime | timedelta) -> float:
        after = look if isinstance(look, timedelta) else look - self._now()
        seconds = max(0.0, after.total_seconds())
        spread = min(LONGEST_SPREAD_SECONDS, seconds * 0.05)
        return seconds + LATE_SECONDS + jittered(spread, 0.0, 1.0)


def _remedy(error: ApiError) -> str:
    if isinstance(error, Forbidden):
        return "let the operator's ClusterRole (or the quota or policy named here) allow this"
    if error.permanent:
        return "install CRDs and operator of the same version; if they are, please report this"
    if isinstance(error, Conflict | AlreadyExists):
        return "find out who else writes this object: see its metadata.managedFields"
    return "look at the API server's health and the network to it; it is tried again by itself"
