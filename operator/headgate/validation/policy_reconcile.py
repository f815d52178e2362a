"""One pass over a ValidationPolicy: it has no children, so a pass is a look and one write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from headgate.core.transitions import transitions
from headgate.kube.client import Kube
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import VALIDATION_POLICIES, Key
from headgate.validation.caches import ValidationCaches
from headgate.validation.status import policy_status


@dataclass(frozen=True, kw_only=True)
class PolicyReconciler:
    """Keeps the status of ValidationPolicies true."""

    kube: Kube
    caches: ValidationCaches
    recorder: Recorder
    clock: Callable[[], datetime]

    async def reconcile(self, key: Key) -> datetime | None:
        """Write whether one policy can be used, if that changed."""
        record = self.caches.policies.get(key.namespace, key.name)
        if record is None or record.leaving:
            return None
        _, problems = record.spec()
        before, previous = record.status().conditions, record.raw_status()
        status = policy_status(record.generation, problems, before, self.clock())
        wanted = status.dump()
        if wanted == previous:
            return None
        written = await self.kube.patch_status(
            VALIDATION_POLICIES,
            record.namespace,
            record.name,
            wanted,
            previous=previous,
            resource_version=record.resource_version,
        )
        self.caches.policies.remember(written)
        ref = ObjectRef(
            VALIDATION_POLICIES.api_version,
            VALIDATION_POLICIES.kind,
            record.namespace,
            record.name,
            record.uid,
        )
        for turned in transitions(before, status.conditions):
            event_type = "Warning" if turned.warning else "Normal"
            self.recorder.record(ref, event_type, turned.reason, turned.message, "Check")
        return None
