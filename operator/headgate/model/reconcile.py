"""One pass over a Model: the only place where the order of effects is visible.

A pass either records a decision (one status write, then at once another pass), or carries the
recorded decisions out: children first, then the status, each only where it differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from headgate.core import labels
from headgate.core.lane import Lane
from headgate.core.resource import Problem
from headgate.core.transitions import transitions
from headgate.gauges.ledger import Ledger
from headgate.kube.cache import Cache
from headgate.kube.client import Kube
from headgate.kube.errors import NotFound
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import DEPLOYMENTS, MODELS, Key, resource_of
from headgate.model.build import Manifest, build_children
from headgate.model.caches import Caches
from headgate.model.decide import Plan, decide
from headgate.model.observe import name_taken, observe, record_of
from headgate.model.observed import Observed
from headgate.model.projections import Child, DeploymentRecord, child_of
from headgate.model.records import ModelRecord
from headgate.model.runtimes.settings import ServingImages
from headgate.model.settled import Settled
from headgate.model.status import status_of
from headgate.model.status_types import ModelStatus

LOOK_AGAIN_AT_TAKEN_NAMES = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class ModelMeter(Protocol):
    """Whoever shows Models in metrics."""

    def set(
        self,
        namespace: str,
        name: str,
        phase: str,
        weights: Mapping[str, float],
        shares: Mapping[str, float],
    ) -> None:
        """Replace what is told of one Model: percent wanted and got, by version."""

    def forget(self, namespace: str, name: str) -> None:
        """Tell no more of a Model that is gone."""

    def clear(self) -> None:
        """Tell of no Model any more."""


@dataclass(frozen=True, kw_only=True)
class ModelReconciler:
    """Moves Models towards their specs."""

    kube: Kube
    caches: Caches
    ledger: Ledger
    recorder: Recorder
    meter: ModelMeter
    images: ServingImages
    clock: Callable[[], datetime]
    settled: Settled = field(default_factory=Settled)

    async def reconcile(self, key: Key) -> datetime | Lane | None:
        """Move one Model towards its spec; return when to look again.

        What only lets a canary go on may wait a little while other Models' specs and failures are
        heard; what requests may wait for may not.
        """
        record = record_of(self.caches, key)
        if record is None:
            self.ledger.forget_all(key)
            self.settled.forget((key.namespace, key.name))
            self.meter.forget(key.namespace, key.name)
            return None
        seen = await observe(key, record, self.caches, self.ledger, self.clock())
        plan = decide(seen, self.clock())
        if plan.change is None:
            taken = await self._carry_out(seen, plan)
            if taken:
                seen = replace(seen, problems=(*seen.problems, *taken))
                later = self.clock() + LOOK_AGAIN_AT_TAKEN_NAMES
                plan = replace(decide(seen, self.clock()), wake_at=later)
        status = await self._write_status(record, seen, plan)
        self._tell(record, status, plan)
        if plan.change is not None:
            return Lane.URGENT if plan.urgent else Lane.SOON
        return plan.wake_at

    def stand_by(self) -> None:
        """Forget what was seen while leading: by the next time, it may long be otherwise."""
        self.ledger.clear()
        self.settled.clear()
        self.meter.clear()

    async def _carry_out(self, seen: Observed, plan: Plan) -> tuple[Problem, ...]:
        """Bring the children to what the plan wants; return the names that others hold."""
        taken = []
        for manifest in build_children(seen, plan, self.images):
            problem = await self._ensure(manifest, seen)
            if problem is not None:
                taken.append(problem)
        for version in plan.deletes:
            doomed = seen.deployments[version]
            await self.kube.delete(DEPLOYMENTS, seen.namespace, doomed.name, uid=doomed.uid)
        return tuple(taken)

    async def _ensure(self, manifest: Manifest, seen: Observed) -> Problem | None:
        """Apply a child if it differs; one that is not ours is never touched."""
        cache = self._cache_for(manifest)
        meta = manifest["metadata"]
        found = cache.get(meta["namespace"], meta["name"])
        owner = (seen.namespace, seen.name)
        if (
            found is not None
            and is_current(found, manifest)
            and self.settled.is_untouched(owner, found.child)
        ):
            return None
        child: Child | None = found.child if found is not None else None
        if child is None:
            child = await self._find_unseen(manifest, cache)
        if child is not None and child.owner_uid != seen.uid:
            return name_taken(child.name, child.model)
        applied = manifest
        if child is not None:  # this very object, not one made anew under its name
            applied = {**manifest, "metadata": {**meta, "uid": child.uid}}
        answer = await self.kube.apply(applied)
        cache.remember(answer)
        self.settled.note(owner, child_of(answer))
        return None

    async def _find_unseen(self, manifest: Manifest, cache: Cache[Any]) -> Child | None:
        """Look for an object that the caches do not hold: without our labels, or made just now."""
        meta = manifest["metadata"]
        try:
            raw = await self.kube.get(resource_of(manifest), meta["namespace"], meta["name"])
        except NotFound:
            return None
        projected = cache.project(raw)
        return projected.child if projected is not None else None

    def _cache_for(self, manifest: Manifest) -> Cache[Any]:
        if manifest["kind"] == DEPLOYMENTS.kind:
            return self.caches.deployments
        return self.caches.services

    async def _write_status(self, record: ModelRecord, seen: Observed, plan: Plan) -> ModelStatus:
        previous = record.raw_status()
        status = status_of(seen, plan, record.status().conditions, self.clock())
        wanted = status.dump()
        if wanted != previous:
            written = await self.kube.patch_status(
                MODELS,
                record.namespace,
                record.name,
                wanted,
                previous=previous,
                resource_version=record.resource_version,
            )
            self.caches.models.remember(written)
        return status

    def _tell(self, record: ModelRecord, status: ModelStatus, plan: Plan) -> None:
        """Show the outcome in metrics, Events and the log, once it has been written."""
        weights = {entry.name: float(entry.weight) for entry in status.versions}
        shares = {entry.name: float(entry.share) for entry in status.versions}
        self.meter.set(record.namespace, record.name, plan.state.phase.value, weights, shares)
        ref = ObjectRef(MODELS.api_version, MODELS.kind, record.namespace, record.name, record.uid)
        for turned in transitions(record.status().conditions, status.conditions):
            kind = "Warning" if turned.warning else "Normal"
            self.recorder.record(ref, kind, turned.reason, turned.message, "Check")
        if plan.change is None:
            return
        for told in plan.change.announcements:
            kind = "Warning" if told.warning else "Normal"
            self.recorder.record(ref, kind, told.reason.value, told.message, "Rollout")
            log.info("decided", reason=told.reason.value, detail=told.message)


def is_current(found: Any, manifest: Manifest) -> bool:
    """Return whether what was last applied, by digest and by what routes, is what is wanted now."""
    child: Child = found.child
    if child.applied != manifest["metadata"]["annotations"][labels.APPLIED]:
        return False
    if isinstance(found, DeploymentRecord):
        return bool(found.seen.replicas == manifest["spec"]["replicas"])
    # Also for a process that did not apply it itself: managedFields tell times by the second.
    return bool(found.pinned == manifest["spec"]["selector"].get(labels.VERSION))
