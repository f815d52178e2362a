"""How many pods of which configuration: which are made.

A pod is made before another one leaves; departure.py says which one that is.
"""

from datetime import datetime

from headgate.streamgateway.decide.departure import is_still_left, to_be_replaced
from headgate.streamgateway.decide.plan import Memory, NewEdge
from headgate.streamgateway.decide.standing import (
    Standing,
    revision_to_make,
    standing,
    takes_others,
)
from headgate.streamgateway.observed import Observed


def new_edges(seen: Observed, memory: Memory, desired: int, now: datetime) -> tuple[NewEdge, ...]:
    """Return the pods to be made: what is short of the number, and one more to replace another.

    A trial begins whatever state the others are in, as it may be what mends them; but not while
    connections leave a pod: what is tried may refuse them.
    """
    revision = revision_to_make(memory)
    pods = standing(seen, memory)
    wanted: list[str] = []
    if revision is not None:
        short = desired - len(pods.kept)
        if short == 0 and to_be_replaced(pods.kept, memory, now):
            short = 1
        wanted += [revision] * max(0, short)
    candidate = memory.candidate
    if (
        candidate is not None
        and not candidate.proven
        and not pods.on_trial
        and not _is_being_left(seen, memory, pods, desired)
    ):
        wanted.append(candidate.revision)
    return tuple(
        NewEdge(name=name, revision=each)
        for name, each in zip(free_names(seen, len(wanted)), wanted, strict=True)
    )


def _is_being_left(seen: Observed, memory: Memory, pods: Standing, desired: int) -> bool:
    """Whether connections leave a pod, or will when those that take them are there.

    What cannot end by itself is not waited for.
    """
    coming = len(pods.kept) < desired or any(pod.trouble is None for pod in pods.kept)
    if (pods.strays and coming) or is_still_left(seen):
        return True
    drained = seen.drained
    return drained is not None and bool(drained.connections) and takes_others(seen, memory)


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
