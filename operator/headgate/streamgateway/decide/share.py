"""Which pods get no new clients for now, as they have more than their share. Pure.

Who is asked to move connects by the Service, like everybody. Were the pods that are to become
emptier still in it, most moves would end on one of them, and be made again and again.
"""

import math
from collections.abc import Sequence
from datetime import datetime

from headgate.streamgateway.decide import rebalance
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.observed import EdgePod, Observed


def full_pods(seen: Observed, memory: Memory, now: datetime) -> frozenset[str]:
    """Return the names of pods to be out of the Service for now: none, unless a rebalance goes on.

    A pod is full when it has clearly more than the mean, and until it has no more than the mean.
    While a pod does not say how many it has, all stays as it is. Wherever no other pod takes
    clients for certain, none is full.
    """
    pods = rebalance.taking(seen)
    if not rebalance.is_under_way(memory) or not rebalance.can_be_moved(pods):
        return frozenset()
    if rebalance.can_be_judged(pods):
        full = _above_the_mean(pods, rebalance.ends_at(seen.spec.rebalance.max_skew))
    else:
        full = frozenset(pod.name for pod in pods if pod.full)
    others = any(pod.settled(now) and pod.name not in full for pod in pods)
    return full if others else frozenset()


def to_close(seen: Observed, full: frozenset[str]) -> tuple[EdgePod, ...]:
    """Return pods that are to leave the Service for now."""
    return tuple(pod for pod in seen.staying if pod.name in full and not pod.full)


def to_open(seen: Observed, full: frozenset[str]) -> tuple[EdgePod, ...]:
    """Return pods that are to come back into the Service."""
    return tuple(pod for pod in seen.staying if pod.full and pod.name not in full)


def _above_the_mean(pods: Sequence[EdgePod], clearly: float) -> frozenset[str]:
    """Return who has more than the mean: who is full already at all, who is not yet clearly."""
    mean = sum(pod.connections or 0 for pod in pods) / len(pods)

    def is_full(pod: EdgePod) -> bool:
        excess = math.floor((pod.connections or 0) - mean)
        if pod.full:
            return excess > 0
        return excess >= rebalance.WORTH_IT and (pod.connections or 0) > clearly * mean

    return frozenset(pod.name for pod in pods if is_full(pod))
