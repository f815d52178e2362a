"""One pass over a ModelVersion: make the runs that its policy asks for, then one status write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.core.resource import Condition
from headgate.core.transitions import transitions
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import MODEL_VERSIONS, VALIDATION_RUNS, Key, Manifest
from headgate.model.caches import Caches
from headgate.modelversion.build import build_run
from headgate.modelversion.observe import next_run_name, observe, run_name
from headgate.modelversion.observed import VersionObserved
from headgate.modelversion.records import VersionRecord
from headgate.modelversion.schedule import decide_schedule
from headgate.modelversion.status import gate_of, status_of
from headgate.validation.caches import ValidationCaches
from headgate.validation.run_types import Trigger


@dataclass(frozen=True, kw_only=True)
class ModelVersionReconciler:
    """Keeps the status of ModelVersions true."""

    kube: Kube
    caches: Caches
    validation: ValidationCaches
    recorder: Recorder
    clock: Callable[[], datetime]

    async def reconcile(self, key: Key) -> datetime | None:
        """Write what is known of one version, if it changed; return when its next run is due."""
        record = self.caches.versions.get(key.namespace, key.name)
        if record is None or record.leaving:
            return None
        seen = observe(record, self.caches, self.validation)
        if gate_of(seen, record.status().conditions).needs_run:
            seen = await self._make_run(record, build_run(record, run_name(record), seen.spec))
        plan = decide_schedule(seen.schedule, self.clock())
        if plan.follows is not None:
            name = next_run_name(record, plan.follows)
            await self._make_run(record, build_run(record, name, seen.spec, Trigger.SCHEDULE))
        for run in plan.deletes:
            await self.kube.delete(VALIDATION_RUNS, record.namespace, run.name, uid=run.uid)
        previous = record.raw_status()
        before = record.status().conditions
        status = status_of(seen, before, self.clock())
        wanted = status.dump()
        if wanted != previous:
            written = await self.kube.patch_status(
                MODEL_VERSIONS,
                record.namespace,
                record.name,
                wanted,
                previous=previous,
                resource_version=record.resource_version,
            )
            self.caches.versions.remember(written)
            self._tell(record, before, status.conditions)
        return plan.wake_at

    async def _make_run(self, record: VersionRecord, manifest: Manifest) -> VersionObserved:
        """Create a run of the version; one of that name that is not this version's stays."""
        try:
            answer = await self.kube.create(VALIDATION_RUNS, record.namespace, manifest)
        except AlreadyExists:  # made by a pass whose answer was lost, or the one being deleted
            answer = await self.kube.get(
                VALIDATION_RUNS, record.namespace, manifest["metadata"]["name"]
            )
        self.validation.runs.remember(answer)
        return observe(record, self.caches, self.validation)

    def _tell(
        self, record: VersionRecord, before: tuple[Condition, ...], after: tuple[Condition, ...]
    ) -> None:
        version, kind = MODEL_VERSIONS.api_version, MODEL_VERSIONS.kind
        ref = ObjectRef(version, kind, record.namespace, record.name, record.uid)
        for turned in transitions(before, after):
            event_type = "Warning" if turned.warning else "Normal"
            self.recorder.record(ref, event_type, turned.reason, turned.message, "Check")
