"""Which Deployments of earlier versions are no longer kept."""

from headgate.model.decide.scale import replicas_wanted
from headgate.model.observed import Observed


def deployments_to_delete(seen: Observed) -> tuple[str, ...]:
    """Return the versions whose empty Deployments exceed revisionHistoryLimit, oldest first."""
    wanted = dict(replicas_wanted(seen))
    kept = {seen.memory.stable, seen.spec.version}
    if seen.memory.previous is not None:
        kept.add(seen.memory.previous.version)
    if seen.memory.rollout is not None:
        kept.add(seen.memory.rollout.version)
    idle = [
        (deployment.created_at, version)
        for version, deployment in seen.deployments.items()
        if version not in kept
        and deployment.owned
        and deployment.replicas == 0
        and not seen.pods.get(version)
        and not wanted.get(version)
    ]
    excess = len(idle) - seen.spec.revision_history_limit
    return tuple(version for _, version in sorted(idle)[: max(0, excess)])
