"""Whether the version on trial has answered anything: what nobody has seen proves nothing.

Where nobody asks at all, time alone has to do. Where the stable version is asked and the one on
trial is not, something keeps the traffic from it, and its silence is no success.
"""

from headgate.model.observed import Observed
from headgate.model.status_types import RolloutKind

BLIND = "its counters cannot be read: the gates are blind"


def is_unheard(seen: Observed) -> bool:
    """Return whether the stable version has answered since the start, and this one nothing."""
    rollout, evidence = seen.memory.rollout, seen.evidence
    if rollout is None or rollout.kind is not RolloutKind.CANARY:
        return False
    if rollout.full or not rollout.weight or evidence.canary.requests:
        return False
    return evidence.stable.requests > 0 and not is_blind(seen)


def is_blind(seen: Observed) -> bool:
    """Return whether the gates cannot see what the version on trial answers.

    A container need not count; the builtin server always does, so that none of its counters read
    so far means that it was not reached yet.
    """
    rollout = seen.memory.rollout
    version = seen.versions.get(rollout.version) if rollout is not None else None
    if rollout is None or version is None or version.spec is None:
        return False
    if version.spec.runtime.builtin is not None:
        return False
    read = {entry.pod for entry in seen.evidence.pods}
    pods = seen.pods.get(rollout.version, ())
    return any(pod.ready for pod in pods) and not any(pod.name in read for pod in pods)
