"""The operator as a whole, without what is particular to any kind: follow, lead, work, stand by.

controller.py says which kinds there are and starts one Operation; tests start them with kinds of
their own.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from headgate.core.lane import Lane
from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.events import EventRecorder
from headgate.kube.reflector import Reflector
from headgate.kube.resources import Key, Resource
from headgate.kube.session import KubeSession
from headgate.loop.lease import Lease
from headgate.loop.queue import WorkQueue
from headgate.loop.resync import PERIOD_SECONDS, resync
from headgate.loop.workers import Meter, Reconcile, Workers

PATIENCE_SECONDS = 0.8
"""How long a begun pass may go on when we are asked to stop: longer than any sound one takes."""
LAST_EVENTS_SECONDS = 0.2
STALLED_SECONDS = 120.0
LAPSE_SECONDS = 10.0
"""How long a replica that lost the lease keeps what is due, should it get the lease back."""

log = structlog.get_logger(__name__)


def at_once(_key: Key, _old: Any, _new: Any) -> Lane:
    """Return the lane for what a change concerns, where nothing is known about the change."""
    return Lane.URGENT


@dataclass(frozen=True, slots=True)
class Followed[T]:
    """A kind of object that is followed, and whose business a change from old to new is."""

    resource: Resource
    cache: Cache[T]
    keys_of: Callable[[T | None, T | None], Iterable[Key]]
    label_selector: str = ""
    lane_of: Callable[[Key, T | None, T | None], Lane] = at_once
    """How soon one of these keys is worked on, because of this change."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that is reconciled: all there are, and what to do for one."""

    name: str
    cache: Cache[Any]
    reconcile: Reconcile
    mirrors: bool = False
    """Whether its passes only show what others decided: then they wait until those are through."""
    on_stand_by: Callable[[], None] = lambda: None
    """Forgets what only a leader may go by or tell; called when the lease is lost."""

    def all_keys(self) -> list[Key]:
        """Return a key for every object there is."""
        return [Key(self.name, namespace, name) for namespace, name in self.cache.names()]


@dataclass(frozen=True, slots=True)
class Timing:
    """What an installation may want different."""

    workers: int = 8
    resync_seconds: float = PERIOD_SECONDS


class Operation:
    """One replica at work."""

    def __init__(
        self,
        session: KubeSession,
        kube: KubeClient,
        lease: Lease,
        recorder: EventRecorder,
        meter: Meter,
        followed: Sequence[Followed[Any]],
        kinds: Sequence[Kind],
        timing: Timing | None = None,
    ) -> None:
        """Start nothing yet. `kube` is what reconcilers write with, gated by the lease."""
        timing = timing or Timing()
        self.queue: WorkQueue[Key] = WorkQueue()
        self.lease = lease
        self._kube = kube
        self._recorder = recorder
        self._kinds = kinds
        self._resync_seconds = timing.resync_seconds
        self._reconcilers: Mapping[str, Reconcile] = {kind.name: kind.reconcile for kind in kinds}
        self._mirrors = frozenset(kind.name for kind in kinds if kind.mirrors)
        self._reflectors = [self._reflector(session, each) for each in followed]
        own = {id(kind.cache) for kind in kinds}
        self._own = [each for each in self._reflectors if id(each.cache) in own]
        self._children = [each for each in self._reflectors if id(each.cache) not in own]
        self._workers = Workers(self.queue, self._reconcile, meter, timing.workers)
        self._wanted = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to follow the cluster and to stand by."""
        for reflector in self._reflectors:
            self._spawn(f"reflector {reflector.name}", reflector.run())
        self._spawn("events", self._recorder.run())
        self._spawn("lease", self._hold_lease())
        self._spawn("lead", self._lead())
        self._spawn("resync", resync(self.queue, self._due_for_resync, self._resync_seconds))

    async def stop(self) -> None:
        """Stop writing, and only then let the other replica begin."""
        self._wanted = False
        await self._cancel("lead", "resync")
        cut_off_before = self._kube.writes_cut_off
        await self._workers.stop(PATIENCE_SECONDS)
        await self._cancel("events")
        await self._recorder.drain(LAST_EVENTS_SECONDS)
        await self._cancel("lease")
        if self._kube.writes_cut_off == cut_off_before:
            await self.lease.release()
        else:
            # The server may still be working on a write of ours: let the lease run out instead.
            log.warning("a write was cut off: the lease is not released")
        await self._cancel(*self._tasks)

    def unready(self) -> str:
        """Return why this replica could not take over now; empty when it could."""
        waiting = [each.resource.plural for each in self._reflectors if not each.cache.synced]
        if waiting:
            return f"not yet listed: {', '.join(waiting)}"
        trouble = self.lease.trouble()
        return f"cannot read or write the lease: {trouble}" if trouble else ""

    def dead(self) -> str:
        """Return why only a restart will help; empty while all is well."""
        ended = [name for name, task in self._tasks.items() if task.done()]
        if ended:
            return f"ended: {', '.join(ended)}"
        if self._workers.crippled():
            return "a worker ended"
        stalled = self._workers.stalled_since()
        return f"a pass hangs for {stalled:.0f} s" if stalled > STALLED_SECONDS else ""

    async def _hold_lease(self) -> None:
        await asyncio.gather(*(each.wait_until_synced() for each in self._reflectors))
        # What was listed stays: a full collection over it would stop everything for a while.
        gc.collect()
        gc.freeze()
        await self.lease.run()  # not sooner: who cannot see the cluster must not lead it

    async def _lead(self) -> None:
        """Lead whenever the lease says so."""
        term = 0
        while True:
            await self._stand_by()
            lost = asyncio.create_task(self.lease.wait_until_lost())
            if self._wanted and self.lease.term == term:
                self._workers.start()  # nobody led meanwhile: all that was known and due still is
                log.info("working again", objects=self.queue.depth)
                await lost
            else:
                term = self.lease.term
                await self._begin_until(lost)
            log.warning("lost the lease: standing by")
            await self._workers.stop(patience=0)
            for kind in self._kinds:
                kind.on_stand_by()

    async def _stand_by(self) -> None:
        """Wait for the lease. What is due is kept for a moment: most losses are lapses."""
        try:
            async with asyncio.timeout(LAPSE_SECONDS):
                await self.lease.wait_until_leading()
        except TimeoutError:
            self._wanted = False
            self.queue.clear()
            await self.lease.wait_until_leading()

    async def _begin_until(self, lost: asyncio.Task[None]) -> None:
        """Work on everything, from a fresh look, until the lease is lost."""
        self.queue.clear()
        self._wanted = True
        fresh = asyncio.create_task(self._refresh(self._own))
        children = None
        try:
            await asyncio.wait({fresh, lost}, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                self._wanted = False  # not even begun: the next time begins anew
                return
            self._begin()
            children = asyncio.create_task(self._refresh(self._children))
            await lost
        finally:
            for task in (lost, fresh, children):
                if task is not None:
                    task.cancel()

    def _begin(self) -> None:
        for kind in self._kinds:
            for key in kind.all_keys():
                self.queue.add(key, Lane.BACKGROUND)
        self._workers.start()
        log.info("working", objects=self.queue.depth)

    async def _refresh(self, reflectors: Iterable[Reflector[Any]]) -> None:
        """List again: what a standby's watch brought may be old, and lists are quorum reads.

        Our own kinds come before any work, for their status is the memory that decisions go by.
        Children follow while work has begun: thousands take seconds to list, and what is done
        about an old one is repeated or refused (applies, deletes by uid).
        """
        await asyncio.gather(*(each.refresh() for each in reflectors))

    def _due_for_resync(self) -> Iterable[Key]:
        return [key for kind in self._kinds for key in kind.all_keys()] if self._wanted else ()

    async def _reconcile(self, key: Key) -> Any:
        return await self._reconcilers[key.kind](key)

    def _reflector[T](self, session: KubeSession, each: Followed[T]) -> Reflector[T]:
        def on_change(old: T | None, new: T | None, _metadata: Mapping[str, Any]) -> None:
            if not self._wanted:
                return  # a standby keeps its picture current; work begins with all keys anyway
            for key in each.keys_of(old, new):
                mirrored = key.kind in self._mirrors
                self.queue.add(key, Lane.BACKGROUND if mirrored else each.lane_of(key, old, new))

        return Reflector(
            session,
            each.resource,
            each.cache,
            label_selector=each.label_selector,
            on_change=on_change,
        )

    def _spawn(self, name: str, work: Any) -> None:
        self._tasks[name] = asyncio.create_task(work, name=name)

    async def _cancel(self, *names: str) -> None:
        tasks = [self._tasks.pop(name) for name in names if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
