"""Kubernetes' HorizontalPodAutoscaler, autoscaling/v2, with one Pods metric of type AverageValue.

As published in the Kubernetes documentation, "Horizontal Pod Autoscaling": sections "Algorithm
details", "Configurable scaling behavior" (default behavior, scaling policies, stabilization
window). All at their defaults: every 15 s; tolerance 0.1; up at once by at most 4 pods or 100 %
in 15 s, whichever is more; down by at most 100 % in 15 s, to the highest recommendation of 300 s.
Where a pod's metric is missing, it counts as 100 % of the target when that would scale down and as
0 % when that would scale up; pods that are not yet ready count as 0 % when that would scale up;
pods that are being deleted do not count. With no metric of any pod, nothing is done.
"""

import math
from dataclasses import dataclass, field

from tests.load.autoscaling.policy import TARGET, PodSeen, clamp, newest
from tests.load.autoscaling.pool import Phase, Pod, Pool

TOLERANCE = 0.1
STABILIZATION = 300
PERIOD = 15
UP_PODS = 4
UP_FACTOR = 2


@dataclass
class Horizontal:
    """Looks every 15 s; whom it lets go is not its choice."""

    name: str = "HPA"
    every_seconds: int = 15
    recommended: list[tuple[int, int]] = field(default_factory=list)
    grown: list[tuple[int, int]] = field(default_factory=list)

    def replicas(self, now: int, pods: list[PodSeen], current: int) -> int:
        wanted = recommendation(pods, current)
        if wanted is None:
            return current
        self.recommended = [(t, n) for t, n in self.recommended if now - t < STABILIZATION]
        self.recommended.append((now, clamp(wanted)))
        highest = max(n for _, n in self.recommended)
        stabilized = clamp(wanted) if wanted > current else min(current, highest)
        return self._at_most(now, current, stabilized)

    def _at_most(self, now: int, current: int, wanted: int) -> int:
        self.grown = [(t, n) for t, n in self.grown if now - t < PERIOD]
        if wanted <= current:
            return wanted
        begun_with = current - sum(n for _, n in self.grown)
        allowed = min(wanted, max(begun_with + UP_PODS, math.ceil(begun_with * UP_FACTOR)))
        allowed = max(allowed, current)
        self.grown.append((now, allowed - current))
        return clamp(allowed)

    def victims(self, pool: Pool, count: int) -> list[Pod]:
        return newest(pool, count)


def recommendation(pods: list[PodSeen], current: int) -> int | None:
    """Return the replicas of the average metric; None when there is no metric at all."""
    counted = [pod for pod in pods if pod.phase is not Phase.LEAVING]
    ready = [pod for pod in counted if pod.phase is Phase.READY]
    values = [pod.connections for pod in ready if pod.connections is not None]
    if not values:
        return None
    missing, unready = len(ready) - len(values), len(counted) - len(ready)
    ratio = sum(values) / (len(values) * TARGET)
    if not missing and not (unready and ratio > 1):
        return current if abs(1 - ratio) <= TOLERANCE else math.ceil(ratio * len(ready))
    filled = [
        *values,
        *[TARGET if ratio < 1 else 0] * missing,
        *[0] * (unready if ratio > 1 else 0),
    ]
    again = sum(filled) / (len(filled) * TARGET)
    turned = (ratio < 1 < again) or (again < 1 < ratio)
    if abs(1 - again) <= TOLERANCE or turned:
        return current
    wanted = math.ceil(again * len(filled))
    against = (again < 1 and wanted > current) or (again > 1 and wanted < current)
    return current if against else wanted
