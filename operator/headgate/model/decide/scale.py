"""How many pods each version gets, and when a version's pods may go.

Traffic first: pods of a version that is not routed any more go only once the Service's endpoints
have been without them for SETTLE, the time that proxies need to follow.
"""

from datetime import datetime, timedelta

from headgate.model.decide.steps import canary_replicas, is_recreate
from headgate.model.observed import Observed
from headgate.model.status_types import RolloutKind

SETTLE = timedelta(seconds=3)


def replicas_wanted(seen: Observed) -> tuple[tuple[str, int], ...]:
    """Return the pods that each version should have in the end, versions in a stable order."""
    memory, total = seen.memory, seen.spec.replicas
    wanted = dict.fromkeys(sorted(seen.deployments), 0)
    rollout = memory.rollout
    if memory.previous is not None and rollout is None and not is_recreate(seen.spec):
        wanted[memory.previous.version] = min(seen.spec.rollback.keep_warm, total)
    if memory.stable is not None:
        wanted[memory.stable] = 0 if versions_in_the_way(seen) else total
    if rollout is not None:
        if rollout.kind is RolloutKind.CANARY:
            wanted[rollout.version] = canary_replicas(seen.spec, rollout)
        elif rollout.kind is RolloutKind.RECREATE and memory.stable is not None:
            wanted[memory.stable] = 0
            wanted[rollout.version] = 0 if seen.pods.get(memory.stable) else total
        else:
            wanted[rollout.version] = total
    return tuple(wanted.items())


def versions_in_the_way(seen: Observed) -> tuple[str, ...]:
    """Return the versions whose pods have to go before the stable one, gone back to, can start.

    Under recreate only: two may not fit there, so that neither room nor endpoints are waited for.
    """
    memory = seen.memory
    if memory.rollout is not None or memory.stable is None or not is_recreate(seen.spec):
        return ()
    if seen.ready(memory.stable):
        return ()
    return tuple(v for v in sorted(seen.deployments) if v != memory.stable and seen.pods.get(v))


def is_last_resort(seen: Observed) -> bool:
    """Return whether nothing is left to go back to from the version on trial."""
    rollout, stable = seen.memory.rollout, seen.memory.stable or ""
    if rollout is None or rollout.kind is not RolloutKind.RECREATE:
        return rollout is not None and rollout.kind is RolloutKind.INITIAL
    return not has_spec(seen, stable) and stable not in seen.deployments


def has_spec(seen: Observed, version: str) -> bool:
    """Return whether a version's ModelVersion exists: without it nothing can be built."""
    known = seen.versions.get(version)
    return known is not None and known.spec is not None


def replicas_allowed(seen: Observed, now: datetime) -> tuple[tuple[str, int], ...]:
    """Return the pods that each version may have now: no fewer while it may still be reached."""
    return tuple(
        (version, _held(seen, version, count, now)) for version, count in replicas_wanted(seen)
    )


def _held(seen: Observed, version: str, wanted: int, now: datetime) -> int:
    deployment = seen.deployments.get(version)
    current = deployment.replicas if deployment is not None else 0
    if version in versions_in_the_way(seen):
        return wanted
    if wanted >= current or is_routed_on_purpose(seen, version):
        return wanted
    return wanted if is_drained(seen, version, now) else current


def is_routed_on_purpose(seen: Observed, version: str) -> bool:
    """Return whether a version is meant to be scaled while it serves."""
    memory = seen.memory
    rollout = memory.rollout
    if rollout is not None and version == rollout.version:
        return True
    return version == memory.stable


def is_drained(seen: Observed, version: str, now: datetime) -> bool:
    """Return whether the data plane has been without a version's pods for long enough."""
    if seen.endpoints.get(version, 0):
        return False
    if seen.service is not None and seen.service.pinned in (None, version):
        return False
    return seen.endpoints_since is not None and now - seen.endpoints_since >= SETTLE


def settles_at(seen: Observed) -> datetime | None:
    """Return when the endpoints as they are now will have lasted for SETTLE."""
    return None if seen.endpoints_since is None else seen.endpoints_since + SETTLE
