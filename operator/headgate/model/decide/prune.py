"""Which Deployments of earlier versions are no longer kept."""

from datetime import datetime

from headgate.model.decide.scale import has_spec, is_drained, replicas_wanted, versions_in_the_way
from headgate.model.decide.target import target_of
from headgate.model.observed import Observed
from headgate.model.status_types import RolloutKind


def deployments_to_delete(seen: Observed, now: datetime) -> tuple[str, ...]:
    """Return the versions whose Deployments go: those beyond revisionHistoryLimit, and orphans.

    Beyond the limit the oldest go, and empty ones only. An orphan's ModelVersion was deleted: it
    cannot be built, hence not be scaled, and its pods would be reached by a selector without a
    version. It goes once nothing reaches it, or at once where it has to make room.
    """
    unused = [version for version in seen.deployments if _is_unused(seen, version)]
    orphans = [v for v in unused if not has_spec(seen, v) and _may_go(seen, v, now)]
    idle = [
        (deployment.created_at, version)
        for version, deployment in seen.deployments.items()
        if version in unused
        and has_spec(seen, version)
        and deployment.replicas == 0
        and not seen.pods.get(version)
    ]
    excess = len(idle) - seen.spec.revision_history_limit
    return (*sorted(orphans), *(version for _, version in sorted(idle)[: max(0, excess)]))


def _is_unused(seen: Observed, version: str) -> bool:
    memory = seen.memory
    named = {memory.stable, memory.rollout.version if memory.rollout is not None else None}
    if has_spec(seen, version):
        named.add(target_of(seen))
    previous = memory.previous
    if previous is not None and (memory.rollout is None or has_spec(seen, previous.version)):
        named.add(previous.version)
    wanted = dict(replicas_wanted(seen)).get(version, 0)
    if not has_spec(seen, version) and _is_to_stop(seen, version):
        return True
    return version not in named and not wanted


def _is_to_stop(seen: Observed, version: str) -> bool:
    """Return whether a version has to make room at once, which without a spec is to be deleted."""
    rollout = seen.memory.rollout
    recreated = rollout is not None and rollout.kind is RolloutKind.RECREATE
    stopped = recreated and version == seen.memory.stable
    return stopped or version in versions_in_the_way(seen)


def _may_go(seen: Observed, version: str, now: datetime) -> bool:
    return _is_to_stop(seen, version) or is_drained(seen, version, now)
