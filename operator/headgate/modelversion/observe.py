"""From caches to one frozen VersionObserved."""

from headgate.core.names import label_value
from headgate.core.reasons import Reason
from headgate.model.caches import Caches
from headgate.model.decide.health import told_by
from headgate.model.observe import version_seen
from headgate.model.observed import PodSeen
from headgate.modelversion.observed import VersionObserved
from headgate.modelversion.records import VersionRecord


def observe(record: VersionRecord, caches: Caches) -> VersionObserved:
    """Return what is known of a ModelVersion now."""
    version = version_seen(record.namespace, record.name, caches)
    model = caches.models.get(record.namespace, record.model)
    status = model.status() if model is not None else None
    shares = {entry.name: entry.share for entry in status.versions} if status else {}
    rejections = {entry.name: entry for entry in status.rejected} if status else {}
    rejection = rejections.get(record.name)
    pods = _pods(record, caches)
    return VersionObserved(
        name=record.name,
        generation=record.generation,
        spec=version.spec,
        problems=version.problems,
        waits_for=tuple(
            f"{needed.name}: {needed.detail}"
            for needed in version.dependencies
            if not needed.serving
        ),
        weight=shares.get(record.name, 0),
        ready_pods=sum(pod.ready and not pod.leaving for pod in pods),
        pods=sum(not pod.leaving for pod in pods),
        fetched=any(_has_fetched(pod) for pod in pods),
        digest_mismatch=next((text for pod in pods if (text := _mismatch(pod))), ""),
        rejected=f"rejected ({rejection.reason}): {rejection.message}" if rejection else "",
    )


def _pods(record: VersionRecord, caches: Caches) -> tuple[PodSeen, ...]:
    key = (record.namespace, label_value(record.model))
    label = label_value(record.name)
    return tuple(pod.seen for pod in caches.pods.by_index(key) if pod.child.version == label)


def _has_fetched(pod: PodSeen) -> bool:
    """Return whether the init container has ended well: it checks the digest first."""
    return any(c.init and c.name == "fetch" and c.exit_code == 0 for c in pod.containers)


def _mismatch(pod: PodSeen) -> str:
    for container in pod.containers:
        told = told_by(container)
        if told is not None and told.reason is Reason.DIGEST_MISMATCH:
            return told.message
    return ""
