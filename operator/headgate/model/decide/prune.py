"""Which Deployments of earlier versions are no longer kept."""

from datetime import datetime

from headgate.model.decide.scale import is_drained, replicas_wanted
from headgate.model.observed import Observed


def deployments_to_delete(seen: Observed, now: datetime) -> tuple[str, ...]:
    """Return the versions whose Deployments go: those beyond revisionHistoryLimit, and orphans.

    Beyond the limit the oldest go, and empty ones only. An orphan's ModelVersion was deleted: it
    cannot be built, hence not be scaled, and its pods would be reached by a selector without a
    version. It goes once nothing reaches it.
    """
    unused = [version for version in seen.deployments if _is_unused(seen, version)]
    orphans = [v for v in unused if not _has_spec(seen, v) and is_drained(seen, v, now)]
    idle = [
        (deployment.created_at, version)
        for version, deployment in seen.deployments.items()
        if version in unused
        and _has_spec(seen, version)
        and deployment.replicas == 0
        and not seen.pods.get(version)
    ]
    excess = len(idle) - seen.spec.revision_history_limit
    return (*sorted(orphans), *(version for _, version in sorted(idle)[: max(0, excess)]))


def _is_unused(seen: Observed, version: str) -> bool:
    memory = seen.memory
    named = {memory.stable, memory.rollout.version if memory.rollout is not None else None}
    if _has_spec(seen, version):
        named.add(seen.spec.version)
    previous = memory.previous
    if previous is not None and (memory.rollout is None or _has_spec(seen, previous.version)):
        named.add(previous.version)
    wanted = dict(replicas_wanted(seen)).get(version, 0)
    return seen.deployments[version].owned and version not in named and not wanted


def _has_spec(seen: Observed, version: str) -> bool:
    known = seen.versions.get(version)
    return known is not None and known.spec is not None
