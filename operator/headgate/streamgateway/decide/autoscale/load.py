"""What a pool carries in all, signal by signal: the total of clients, not one pod's moment."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from headgate.streamgateway.decide.autoscale.pods import PodPhase, PodSignals, Sample
from headgate.streamgateway.decide.autoscale.targets import Targets

FIRST_FIGURES = 15.0
"""Seconds that a pod's first figures may take once it has started: till then it is not full."""

MEMORY_PRESSURE = 0.85


class Signal(StrEnum):
    """What a pool is scaled by."""

    CONNECTIONS = "connections"
    DELIVERIES = "deliveries/s"
    BYTES = "bytes/s"
    CPU = "% CPU"

    @property
    def is_level(self) -> bool:
        """Whether it is a count of what stays, not a rate that every scrape shows differently."""
        return self is Signal.CONNECTIONS


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One sample, added up."""

    time: float
    totals: tuple[tuple[Signal, float], ...]
    ready: int
    missing: tuple[str, ...] = ()
    """Pods whose figures are missing."""
    pressed: tuple[str, ...] = ()
    """Pods near the limit of their memory."""
    leaving: int = 0
    disrupted: bool = False

    def total(self, signal: Signal) -> float:
        """Return what all pods carry of it; zero when it was not read."""
        return next((total for name, total in self.totals if name is signal), 0.0)


def per_pod_targets(targets: Targets) -> tuple[tuple[Signal, float], ...]:
    """Return what one pod should carry of each signal that is in use."""
    wanted = (
        (Signal.CONNECTIONS, targets.connections_per_pod),
        (Signal.DELIVERIES, targets.deliveries_per_second_per_pod),
        (Signal.BYTES, targets.bytes_per_second_per_pod),
        (Signal.CPU, targets.cpu_utilization),
    )
    return tuple((signal, float(value)) for signal, value in wanted if value and value > 0)


def read(sample: Sample, targets: Targets) -> Reading:
    """Add a sample up; where figures are missing, a pod counts as full."""
    in_use = per_pod_targets(targets)
    pods = [pod for pod in sample.pods if pod.phase is not PodPhase.STARTING]
    return Reading(
        time=sample.time,
        totals=tuple((signal, _total(pods, signal, most, targets)) for signal, most in in_use),
        ready=sum(pod.phase is PodPhase.READY for pod in pods),
        missing=tuple(
            pod.name for pod in pods if any(_value(pod, signal) is None for signal, _ in in_use)
        ),
        pressed=tuple(pod.name for pod in pods if (pod.memory_share or 0.0) >= MEMORY_PRESSURE),
        leaving=sum(pod.phase is PodPhase.LEAVING for pod in pods),
        disrupted=sample.disrupted,
    )


def _total(pods: list[PodSignals], signal: Signal, target: float, targets: Targets) -> float:
    seen = [value for pod in pods if (value := _value(pod, signal)) is not None]
    unseen = sum(1 for _ in _full(pods, signal, targets))
    full = max(target, sum(seen) / len(seen)) if seen else target
    return sum(seen) + unseen * full


def _full(pods: list[PodSignals], signal: Signal, targets: Targets) -> Iterator[PodSignals]:
    for pod in pods:
        expected = pod.age_seconds >= targets.pod_start_seconds + FIRST_FIGURES
        if expected and _value(pod, signal) is None:
            yield pod


def _value(pod: PodSignals, signal: Signal) -> float | None:
    value = {
        Signal.CONNECTIONS: pod.connections,
        Signal.DELIVERIES: pod.deliveries_per_second,
        Signal.BYTES: pod.bytes_per_second,
        Signal.CPU: None if pod.cpu_share is None else 100.0 * pod.cpu_share,
    }[signal]
    return None if value is None or not math.isfinite(value) else max(0.0, float(value))
