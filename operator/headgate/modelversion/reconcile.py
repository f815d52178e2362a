"""One pass over a ModelVersion: it has no children, so a pass is a look and one status write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.core.resource import Condition
from headgate.core.transitions import transitions
from headgate.kube.client import Kube
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import MODEL_VERSIONS, Key
from headgate.model.caches import Caches
from headgate.modelversion.observe import observe
from headgate.modelversion.records import VersionRecord
from headgate.modelversion.status import status_of


@dataclass(frozen=True, kw_only=True)
class ModelVersionReconciler:
    """Keeps the status of ModelVersions true."""

    kube: Kube
    caches: Caches
    recorder: Recorder
    clock: Callable[[], datetime]

    async def reconcile(self, key: Key) -> datetime | None:
        """Write what is known of one version, if it changed."""
        record = self.caches.versions.get(key.namespace, key.name)
        if record is None or record.leaving:
            return None
        seen = observe(record, self.caches)
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
        return None

    def _tell(
        self, record: VersionRecord, before: tuple[Condition, ...], after: tuple[Condition, ...]
    ) -> None:
        version, kind = MODEL_VERSIONS.api_version, MODEL_VERSIONS.kind
        ref = ObjectRef(version, kind, record.namespace, record.name, record.uid)
        for turned in transitions(before, after):
            event_type = "Warning" if turned.warning else "Normal"
            self.recorder.record(ref, event_type, turned.reason, turned.message, "Check")
