"""Which versions the Service selects. It never turns to a version that cannot take the traffic."""

from datetime import datetime, timedelta

from headgate.model.decide.plan import Route
from headgate.model.decide.scale import replicas_wanted
from headgate.model.observed import Observed
from headgate.model.status_types import Rollout, RolloutKind

PATIENCE = timedelta(seconds=15)
FULL = 100


def weights_wanted(seen: Observed) -> tuple[tuple[str, int], ...]:
    """Return the percent of requests for each version that gets any; they sum to 100."""
    memory, rollout = seen.memory, seen.memory.rollout
    if rollout is None:
        return ((memory.stable, FULL),) if memory.stable is not None else ()
    if memory.stable is None and seen.service is None and lacks_dependency(seen, rollout.version):
        return ()  # nobody uses it yet: nobody shall meet it without what it needs
    if memory.stable is None or rollout.kind is not RolloutKind.CANARY:
        return ((rollout.version, FULL),)
    weight = effective_weight(seen, rollout)
    return ((memory.stable, FULL - weight), (rollout.version, weight))


def effective_weight(seen: Observed, rollout: Rollout) -> int:
    """Return the weight of the version on trial: none while what it depends on does not serve.

    Not all either while versions depend on the stable one: they leave first.
    """
    if lacks_dependency(seen, rollout.version):
        return 0
    return min(rollout.weight, FULL - 1) if has_to_share(seen) else rollout.weight


def lacks_dependency(seen: Observed, version: str) -> bool:
    """Return whether something that a version depends on does not serve."""
    known = seen.versions.get(version)
    return known is not None and any(not needed.serving for needed in known.dependencies)


def has_to_share(seen: Observed) -> bool:
    """Return whether a step of all traffic has to leave the stable version some of it for now."""
    rollout, stable = seen.memory.rollout, seen.memory.stable
    if rollout is None or rollout.kind is not RolloutKind.CANARY or rollout.weight < FULL:
        return False
    return bool(seen.dependents.get(stable or ""))


def route_wanted(seen: Observed, now: datetime) -> Route | None:
    """Return what the Service should select now; None while there is nothing to route to.

    Until the versions can share, the stable one has everything: also while pods of a version that
    was given up are still there, which a selector without a version would reach.
    """
    weights = {version: weight for version, weight in weights_wanted(seen) if weight}
    if not weights:
        return None
    if len(weights) > 1 and _can_mix(seen, frozenset(weights)):
        return Route(pinned=None)
    alone = next(iter(weights)) if len(weights) == 1 else seen.memory.stable or ""
    if _can_pin(seen, alone, now):
        return Route(pinned=alone)
    if seen.service is None:
        return Route(pinned=seen.memory.stable or alone)
    return Route(pinned=seen.service.pinned)


def in_effect(seen: Observed) -> bool:
    """Return whether the data plane has what the weights ask for, every wanted pod included."""
    weights = {version: weight for version, weight in weights_wanted(seen) if weight}
    if seen.service is None or not weights:
        return False
    wanted = dict(replicas_wanted(seen))
    pinned = next(iter(weights)) if len(weights) == 1 else None
    routed = all(seen.endpoints.get(version, 0) >= wanted.get(version, 0) for version in weights)
    absent = all(version in weights for version, count in seen.endpoints.items() if count)
    return seen.service.pinned == pinned and routed and absent


def what_blocks(seen: Observed) -> str:
    """Return in a few words what keeps the route from having its effect."""
    weights = {version: weight for version, weight in weights_wanted(seen) if weight}
    wanted = dict(replicas_wanted(seen))
    for version in weights:
        ready = seen.ready(version)
        if ready < wanted.get(version, 0):
            return f"{version} has {ready} of {wanted[version]} pods ready"
    if len(weights) > 1:
        others = [v for v in sorted(seen.pods) if v not in weights]
        strays = [pod.name for v in others for pod in seen.pods[v] if not pod.leaving]
        if strays:
            return f"pod {strays[0]} is of another version and would be reached too, until it goes"
    return "waits for the Service's endpoints"


def _can_mix(seen: Observed, versions: frozenset[str]) -> bool:
    """Return whether a selector without a version would reach these versions and no other."""
    others = (version for version in seen.pods if version not in versions)
    return all(seen.ready(version) > 0 for version in versions) and not any(
        not pod.leaving for version in others for pod in seen.pods[version]
    )


def _can_pin(seen: Observed, version: str, now: datetime) -> bool:
    """Return whether a version may have all the traffic: with all its pods, or as the lesser evil.

    The stable version takes over with fewer when the rest of what serves is on trial or failed:
    at once from sharing, where it serves already, and else after PATIENCE. The last good version
    is no evil: until all pods are there, it goes on.
    """
    ready, service, memory = seen.ready(version), seen.service, seen.memory
    if ready >= max(1, dict(replicas_wanted(seen)).get(version, 0)):
        return True
    if service is None:
        return version == memory.stable
    if ready == 0 or service.pinned == version:
        return seen.spec.replicas == 0 or service.pinned == version
    rivals = seen.pods if service.pinned is None else (service.pinned,)
    serving = {rival for rival in rivals if rival != version and seen.ready(rival)}
    if not serving:
        return True
    last_good = memory.previous.version if memory.previous is not None else None
    if version != memory.stable or last_good in serving:
        return False
    waited = bool(memory.history) and now - memory.history[0].at >= PATIENCE
    return service.pinned is None or waited
