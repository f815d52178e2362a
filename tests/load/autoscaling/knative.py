"""Knative's pod autoscaler (KPA), with connections as its concurrency.

As published in the Knative documentation, "Additional autoscaling configuration for Knative Pod
Autoscaler" and "Configuring targets", and in Knative Serving's docs/scaling/SYSTEM.md. All at their
defaults: every 2 s; stable window 60 s, panic window 10 % of it; panic when the panic window asks
for 200 % of the ready pods or more, and for as long as the stable window after that; no scaling
down in panic; at most 1000 times up and half down; target utilization 70 %; no delay for scaling
down; begins in panic where it finds more than one pod. Where some pods cannot be scraped, the
others' average stands for them; where none can, averages are over the seconds that were read, and
with none left nothing is done.
"""

import math
from dataclasses import dataclass, field

from tests.load.autoscaling.policy import TARGET, PodSeen, clamp, newest
from tests.load.autoscaling.pool import Phase, Pod, Pool

STABLE_WINDOW = 60
PANIC_WINDOW = 6
PANIC_SHARE = 2.0
MOST_UP = 1000.0
MOST_DOWN = 2.0


@dataclass
class Knative:
    """Looks every 2 s; whom it lets go is not its choice."""

    name: str = "KPA"
    every_seconds: int = 2
    totals: list[tuple[int, float]] = field(default_factory=list)
    panic_since: int | None = None
    most_in_panic: int = 0
    begun: bool = False

    def replicas(self, now: int, pods: list[PodSeen], current: int) -> int:
        ready = [pod for pod in pods if pod.phase is Phase.READY]
        self._begin(now, len(ready))
        values = [pod.connections for pod in ready if pod.connections is not None]
        if values:
            self.totals.append((now, sum(values) / len(values) * len(ready)))
        self.totals = [(t, total) for t, total in self.totals if now - t < STABLE_WINDOW]
        if not self.totals:
            return current
        stable = mean([total for _, total in self.totals])
        panic = mean([total for t, total in self.totals if now - t < PANIC_WINDOW])
        return clamp(self._scale(now, stable, panic, max(1, len(ready))))

    def _begin(self, now: int, ready: int) -> None:
        if not self.begun and ready > 1:
            self.panic_since, self.most_in_panic = now, ready
        self.begun = True

    def _scale(self, now: int, stable: float, panic: float, ready: int) -> int:
        most, least = math.ceil(MOST_UP * ready), math.floor(ready / MOST_DOWN)
        asked_by_panic = math.ceil(panic / TARGET)
        by_stable = min(max(math.ceil(stable / TARGET), least), most)
        by_panic = min(max(asked_by_panic, least), most)
        if asked_by_panic / ready >= PANIC_SHARE:
            self.panic_since = now
        elif self.panic_since is not None and now > self.panic_since + STABLE_WINDOW:
            self.panic_since, self.most_in_panic = None, 0
        if self.panic_since is None:
            return by_stable
        self.most_in_panic = max(self.most_in_panic, by_stable, by_panic)
        return self.most_in_panic

    def victims(self, pool: Pool, count: int) -> list[Pod]:
        return newest(pool, count)


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
