"""Headgate's own autoscaler, exactly as the operator runs it."""

from dataclasses import dataclass, field

from headgate.streamgateway.decide.autoscale import (
    History,
    PodPhase,
    PodSignals,
    Sample,
    Targets,
    decide_replicas,
    record,
)
from tests.load.autoscaling.policy import MAX_REPLICAS, MIN_REPLICAS, TARGET, PodSeen
from tests.load.autoscaling.pool import LIMIT, Phase, Pod, Pool

PHASES = {
    Phase.STARTING: PodPhase.STARTING,
    Phase.READY: PodPhase.READY,
    Phase.LEAVING: PodPhase.LEAVING,
}


def targets() -> Targets:
    return Targets(
        min_replicas=MIN_REPLICAS,
        max_replicas=MAX_REPLICAS,
        connections_per_pod=TARGET,
        connection_limit=LIMIT,
        pod_start_seconds=20,
    )


@dataclass
class Headgate:
    """Looks every 2 s; lets the emptiest pod go."""

    name: str = "headgate"
    every_seconds: int = 2
    targets: Targets = field(default_factory=targets)
    history: History = field(default_factory=History)

    def replicas(self, now: int, pods: list[PodSeen], current: int) -> int:
        sample = Sample(time=float(now), pods=tuple(map(signals, pods)))
        self.history = record(self.history, sample, self.targets)
        return decide_replicas(self.targets, self.history, current, float(now)).desired

    def victims(self, pool: Pool, count: int) -> list[Pod]:
        order = sorted(pool.staying, key=lambda p: (p.phase is Phase.READY, p.connections))
        return order[:count]


def signals(pod: PodSeen) -> PodSignals:
    return PodSignals(
        name=f"pod-{pod.number}",
        phase=PHASES[pod.phase],
        age_seconds=float(pod.age),
        connections=pod.connections,
    )
