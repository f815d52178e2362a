"""How many pods of which configuration: who is made, and who is the next to leave.

A pod is made before another one leaves, and one leaves at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.streamgateway.decide.plan import Memory, NewEdge
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import WhyDrained


@dataclass(frozen=True, kw_only=True)
class Leaver:
    """A pod that should leave next."""

    pod: EdgePod
    why: WhyDrained


def revision_to_make(memory: Memory) -> str | None:
    """Return the configuration of pods that are made to keep up the number; None where none is."""
    candidate = memory.candidate
    if candidate is not None and candidate.proven:
        return candidate.revision
    return memory.stable_revision


def new_edges(seen: Observed, memory: Memory, desired: int) -> tuple[NewEdge, ...]:
    """Return the pods to be made: what is short of the number, and one more to replace another."""
    revision = revision_to_make(memory)
    staying = seen.staying
    wanted: list[str] = []
    if revision is not None:
        counted = [pod for pod in staying if not _is_on_trial(pod, memory)]
        short = desired - len(counted)
        if short <= 0 and _to_be_replaced(counted, revision) and len(counted) == desired:
            short = 1
        wanted += [revision] * max(0, short)
    candidate = memory.candidate
    if (
        candidate is not None
        and not candidate.proven
        and not any(pod.revision == candidate.revision for pod in staying)
        and all(pod.ready for pod in staying)
    ):
        wanted.append(candidate.revision)
    return tuple(
        NewEdge(name=name, revision=each)
        for name, each in zip(free_names(seen, len(wanted)), wanted, strict=True)
    )


def free_names(seen: Observed, count: int) -> tuple[str, ...]:
    """Return the lowest names that no pod has, one that is still leaving included."""
    taken = {pod.name for pod in seen.edges}
    names: list[str] = []
    index = 0
    while len(names) < count:
        name = edge_name(seen.name, index)
        if name not in taken:
            names.append(name)
        index += 1
    return tuple(names)


def edge_name(gateway: str, index: int) -> str:
    """Return the name of an edge pod."""
    return f"{gateway}-edge-{index}"


def next_to_leave(seen: Observed, memory: Memory, desired: int) -> Leaver | None:
    """Return the pod that should leave now, if one should; of several, the emptiest."""
    staying = seen.staying
    stray = [pod for pod in staying if _is_stray(pod, memory)]
    if stray:
        return Leaver(pod=_emptiest(stray), why=WhyDrained.REVISION_REJECTED)
    counted = [pod for pod in staying if not _is_on_trial(pod, memory)]
    revision = revision_to_make(memory)
    if revision is None or len(counted) <= desired:
        return None
    if not all(pod.ready for pod in counted if pod.revision == revision):
        return None  # whoever comes in its stead does not take clients yet
    old = _to_be_replaced(counted, revision)
    if old:
        return Leaver(pod=_emptiest(old), why=WhyDrained.NEW_REVISION)
    return Leaver(pod=_emptiest(counted), why=WhyDrained.SCALE_DOWN)


def _to_be_replaced(pods: Sequence[EdgePod], revision: str) -> list[EdgePod]:
    return [pod for pod in pods if pod.revision != revision]


def _is_on_trial(pod: EdgePod, memory: Memory) -> bool:
    candidate = memory.candidate
    return candidate is not None and not candidate.proven and pod.revision == candidate.revision


def _is_stray(pod: EdgePod, memory: Memory) -> bool:
    """Whether it has a configuration that was rejected, or is wanted no more before it was proven.

    Pods of the stable configuration are never that, nor are those under way.
    """
    if memory.stable_revision is None:
        return False
    known = {memory.stable_revision}
    if memory.candidate is not None:
        known.add(memory.candidate.revision)
    return pod.revision not in known


def _emptiest(pods: Sequence[EdgePod]) -> EdgePod:
    """Return the pod with the fewest connections; one that does not say counts as full."""

    def order(pod: EdgePod) -> tuple[bool, float, str]:
        count = float("inf") if pod.connections is None else pod.connections
        return (pod.ready, count, pod.name)

    return min(pods, key=order)
