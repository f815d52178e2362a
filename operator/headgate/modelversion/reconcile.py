"""One pass over a ModelVersion: it has no children, so a pass is a look and one status write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.kube.client import Kube
from headgate.kube.resources import MODEL_VERSIONS, Key
from headgate.model.caches import Caches
from headgate.modelversion.observe import observe
from headgate.modelversion.status import status_of


@dataclass(frozen=True, kw_only=True)
class ModelVersionReconciler:
    """Keeps the status of ModelVersions true."""

    kube: Kube
    caches: Caches
    clock: Callable[[], datetime]

    async def reconcile(self, key: Key) -> datetime | None:
        """Write what is known of one version, if it changed."""
        record = self.caches.versions.get(key.namespace, key.name)
        if record is None or record.leaving:
            return None
        seen = observe(record, self.caches)
        previous = record.raw_status()
        status = status_of(seen, record.status().conditions, self.clock())
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
        return None
