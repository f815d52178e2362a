"""Which pod is the next to leave. One leaves at a time, and only one that can be spared.

A pod that takes clients can be spared when as many as are wanted take them without it, and it says
how many it has: what does not say counts as full. Only where its answers are wrong for good, and
others are to take its place, it goes uncounted: else what mends it could never come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.decide.standing import Standing, revision_to_make, standing
from headgate.streamgateway.decide.trial import verdicts
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import WhyDrained

STARTS_AGAIN = timedelta(seconds=10)
"""The kubelet starts a crashed server again, the first time at once: so long it is waited for."""


@dataclass(frozen=True, kw_only=True)
class Leaver:
    """A pod that should leave next."""

    pod: EdgePod
    why: WhyDrained


def next_to_leave(seen: Observed, memory: Memory, desired: int, now: datetime) -> Leaver | None:
    """Return the pod that should leave now, if one should; of several, the emptiest."""
    if is_still_left(seen):
        return None
    taken_out = [pod for pod in seen.edges if not pod.serving and not pod.leaving and not pod.over]
    if taken_out:  # by somebody's hand: its clients are asked to move like others
        return Leaver(pod=_emptiest(taken_out), why=WhyDrained.TAKEN_OUT)
    pods = standing(seen, memory)
    strays = [pod for pod in pods.strays if _stray_can_go(pod, pods, desired, now)]
    if strays:
        return Leaver(pod=_emptiest(strays), why=WhyDrained.REVISION_REJECTED)
    if pods.strays or (pods.on_trial and not _is_held(seen, memory, now)):
        return None  # what was rejected, or is tried, may refuse those that would leave
    return _of_kept(pods.kept, memory, desired, now)


def is_still_left(seen: Observed) -> bool:
    """Whether a pod that is being deleted has clients, which are about to come to others."""
    return any(pod.leaving and pod.connections for pod in seen.edges)


def _is_held(seen: Observed, memory: Memory, now: datetime) -> bool:
    """Whether a configuration fails and is not given up, as the spec asks: that may last."""
    candidate = memory.candidate
    shown = verdicts(seen, candidate, now) if candidate is not None else ()
    return any(each.failing is not None for each in shown)


def to_be_replaced(kept: Sequence[EdgePod], memory: Memory, now: datetime) -> tuple[EdgePod, ...]:
    """Return pods that another should take the place of: of an old configuration, or broken.

    Those of a configuration on its way are judged instead: another would break as well.
    """
    revision = revision_to_make(memory)
    old = tuple(pod for pod in kept if pod.revision != revision)
    if memory.candidate is not None and memory.candidate.proven:
        return old
    return old + tuple(
        pod
        for pod in kept
        if pod.revision == revision
        and pod.broken
        and now - (pod.unready_since or pod.created_at) >= STARTS_AGAIN
    )


def _stray_can_go(pod: EdgePod, pods: Standing, desired: int, now: datetime) -> bool:
    """Whether those that take its place are there; ones in trouble are not waited for."""
    if not pod.ready:
        return True
    come = all(other.settled(now) or other.trouble is not None for other in pods.kept)
    some = any(other.settled(now) for other in pods.kept)
    told = pod.connections is not None or pod.mute
    return told and len(pods.kept) >= desired and come and some


def _of_kept(kept: Sequence[EdgePod], memory: Memory, desired: int, now: datetime) -> Leaver | None:
    surplus = len(kept) - desired
    if surplus <= 0:
        return None
    replaced = to_be_replaced(kept, memory, now)
    if replaced and surplus == 1:
        able = [pod for pod in replaced if _has_successor(pod, kept, memory, now)]
    else:
        able = list(replaced or kept)
    able = [pod for pod in able if _can_be_spared(pod, kept, memory, desired, now)]
    if not replaced and any(pod.ready and pod.connections is None for pod in kept):
        able = [pod for pod in able if not pod.ready]  # the silent one may be the emptiest, or full
    if not able:
        return None
    pod = _emptiest(able)
    return Leaver(pod=pod, why=_why(pod, replaced, memory))


def _why(pod: EdgePod, replaced: Sequence[EdgePod], memory: Memory) -> WhyDrained:
    if pod.revision != revision_to_make(memory):
        return WhyDrained.NEW_REVISION
    return WhyDrained.BROKEN if pod in replaced else WhyDrained.SCALE_DOWN


def _has_successor(pod: EdgePod, kept: Sequence[EdgePod], memory: Memory, now: datetime) -> bool:
    """Whether what was made in its stead takes clients.

    A broken pod leaves only when a younger one of the same configuration works: where that breaks
    too, replacing does not help, and one more would be made for ever.
    """
    revision = revision_to_make(memory)
    wanted = [each for each in kept if each.revision == revision]
    if pod.revision == revision:
        return any(each.settled(now) and each.created_at > pod.created_at for each in wanted)
    under_way = memory.candidate is not None
    return all(each.settled(now) or (each.broken and not under_way) for each in wanted)


def _can_be_spared(
    pod: EdgePod, kept: Sequence[EdgePod], memory: Memory, desired: int, now: datetime
) -> bool:
    """Whether enough others take clients; one whose answers are wrong leaves for better ones."""
    if not pod.ready:
        return True
    others = sum(each.settled(now) for each in kept if each is not pod)
    told = pod.connections is not None or (pod.mute and pod.revision != revision_to_make(memory))
    return told and others >= desired


def _emptiest(pods: Sequence[EdgePod]) -> EdgePod:
    """Return the pod with the fewest connections, one that takes none before all others."""

    def order(pod: EdgePod) -> tuple[bool, bool, float, str]:
        count = float("inf") if pod.connections is None else pod.connections
        return (pod.ready, not pod.broken, count, pod.name)

    return min(pods, key=order)
