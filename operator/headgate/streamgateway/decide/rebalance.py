"""Whether connections are to be spread anew, and which pods' connections are asked to move."""

import math
from collections.abc import Sequence

from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import EdgePod, Observed

WORTH_IT = 10
"""Fewer connections than this above the mean are left alone."""


def skew(pods: Sequence[EdgePod]) -> float:
    """Return the most connections of a pod over the mean; 1 where nobody is connected."""
    counts = [pod.connections or 0 for pod in pods]
    total = sum(counts)
    return max(counts) * len(counts) / total if total else 1.0


def taking(seen: Observed) -> tuple[EdgePod, ...]:
    """Return the pods that new connections go to."""
    return tuple(pod for pod in seen.staying if pod.ready)


def moves(seen: Observed, *, under_way: bool, seconds: float) -> tuple[Moves, ...]:
    """Return what is to be asked to move now, for `seconds` at the spec's rate; none when even.

    Begins above maxSkew, and goes on (`under_way`) until a third of that is left, so that it does
    not begin anew at once. Only the excess over the mean moves. With a pod that does not say how
    many it has, nothing does.
    """
    pods = taking(seen)
    if len(pods) < 2 or any(pod.connections is None for pod in pods):  # noqa: PLR2004
        return ()
    most = seen.spec.rebalance.max_skew
    bound = 1 + (most - 1) / 3 if under_way else most
    mean = sum(pod.connections or 0 for pod in pods) / len(pods)
    if skew(pods) <= bound:
        return ()
    room = max(1, math.floor(seen.spec.rebalance.moves_per_second * seconds))
    wanted: list[Moves] = []
    for pod in sorted(pods, key=lambda each: -(each.connections or 0)):
        excess = math.floor((pod.connections or 0) - mean) - seen.asked.get(pod.name, 0)
        if excess < WORTH_IT and not wanted:
            break
        count = min(excess, room)
        if count > 0:
            wanted.append(Moves(pod=pod.name, count=count))
            room -= count
    return tuple(wanted)
