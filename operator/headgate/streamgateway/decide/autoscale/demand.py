"""How many pods each signal asks for: what there is, a surge, and where growth leads to.

Two windows as in Knative's autoscaler (Knative documentation, "Additional autoscaling configuration
for Knative Pod Autoscaler"): a stable one of 60 s for rates, and one of 6 s that counts when it is
1.15 times what the ready pods should carry. A forecast looks as far ahead as a pod that is asked
for now needs to start and to take clients. A pool that is full is taken to be wanted by more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from headgate.streamgateway.decide.autoscale.load import Reading, Signal, per_pod_targets
from headgate.streamgateway.decide.autoscale.targets import Targets

STABLE_WINDOW = 60.0
SURGE_WINDOW = 6.0
SURGE_SHARE = 1.15
SETTLE = 15.0
"""Seconds that clients need to spread over a pod once it is ready."""
SHORTEST_TREND = 30.0
"""Seconds of readings below which no growth is extrapolated."""
FULL_SHARE = 0.97
"""Of all that ready pods can hold: from here on clients are refused, so that the demand is not seen
any more. It is taken to be twice what the pods should carry."""
MOST_REPLICAS = 1_000_000.0
"""A target close to zero asks for no more than this: infinity is no number of pods."""
ROUNDING = 1e-6
"""Of a pod, and of a second on a clock that counts from 1970: below it, it is arithmetic."""


class Basis(StrEnum):
    """Which view of a signal asks for the most."""

    LEVEL = "now"
    SURGE = "in a surge"
    FORECAST = "expected"
    FULL = "pods are full"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What a signal asks for: an amount, and what one pod should carry of it."""

    signal: Signal
    basis: Basis
    amount: float
    per_pod: float

    @property
    def replicas(self) -> int:
        """Return the pods that carry it."""
        return math.ceil(min(self.amount / self.per_pod, MOST_REPLICAS) - ROUNDING)


def highest_demand(
    readings: Sequence[Reading], peaks: Sequence[tuple[Signal, float]], targets: Targets
) -> Demand | None:
    """Return the demand of most pods; None when nothing was read.

    readings: those of the stable window, in the order of time. peaks: the most that each signal
    came to during the time for scaling down, before the last of them.
    """
    found = [
        demand
        for signal, per_pod in (per_pod_targets(targets) if readings else ())
        for demand in _demands(readings, dict(peaks).get(signal, 0.0), signal, per_pod, targets)
    ]
    return max(found, key=lambda demand: demand.amount / demand.per_pod, default=None)


def _demands(
    readings: Sequence[Reading], peak: float, signal: Signal, per_pod: float, targets: Targets
) -> list[Demand]:
    series = [(reading.time, reading.total(signal)) for reading in readings]
    latest = readings[-1]
    now = series[-1][1] if signal.is_level else _mean(series)
    surge = _mean([point for point in series if point[0] > latest.time - SURGE_WINDOW])
    horizon = targets.pod_start_seconds + SETTLE
    amounts = [(Basis.LEVEL, now)]
    if surge >= SURGE_SHARE * per_pod * latest.ready:
        amounts.append((Basis.SURGE, surge))
    if is_full(latest, signal, targets):
        amounts.append((Basis.FULL, no_growth_to(peak, now, doubled(readings, per_pod, horizon))))
    if not any(reading.missing or reading.disrupted or reading.leaving for reading in readings):
        lag = 0.0 if signal.is_level else (latest.time - readings[0].time) / 2
        ahead = now + max(0.0, lasting_slope(series)) * (horizon + lag)
        amounts.append((Basis.FORECAST, no_growth_to(peak, now, ahead)))
    return [
        Demand(signal=signal, basis=basis, amount=amount, per_pod=per_pod)
        for basis, amount in amounts
    ]


def is_full(latest: Reading, signal: Signal, targets: Targets) -> bool:
    """Return whether ready pods hold all that they can, so that they refuse clients."""
    limit = (targets.connection_limit or 0) * latest.ready
    return signal is Signal.CONNECTIONS and 0 < FULL_SHARE * limit <= latest.total(signal)


def doubled(readings: Sequence[Reading], per_pod: float, horizon: float) -> float:
    """Return twice what the pods should carry that were ready all through the horizon.

    So that it doubles once in the time that new pods need to start and to take clients.
    """
    recent = [reading for reading in readings if reading.time > readings[-1].time - horizon]
    return 2 * per_pod * min(reading.ready for reading in recent)


def no_growth_to(peak: float, now: float, expected: float) -> float:
    """Return what is expected, but no more than the peak while no more than that is there.

    Clients that come back after a fault are no growth: a wave of them ends where they were.
    """
    return expected if now > peak else min(expected, peak)


def lasting_slope(series: Sequence[tuple[float, float]]) -> float:
    """Return the growth per second that every third of a series shows: the least of their slopes.

    A jump shows in two thirds at most, so that it is not taken for growth that goes on. Zero when
    the series is too short to tell.
    """
    if not series or series[-1][0] - series[0][0] < SHORTEST_TREND:
        return 0.0
    begin, third = series[0][0], (series[-1][0] - series[0][0]) / 3
    return min(
        slope(
            [
                (time, value)
                for time, value in series
                if -ROUNDING <= time - begin - third * part <= third + ROUNDING
            ]
        )
        for part in range(3)
    )


def slope(series: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line; zero for fewer than two times."""
    if not series:
        return 0.0
    first_time, first_value = series[0]  # what never changes has a slope of zero, to the last digit
    times = [time - first_time for time, _ in series]
    values = [value - first_value for _, value in series]
    mean = sum(times) / len(times)
    spread = sum((time - mean) ** 2 for time in times)
    if spread <= 0.0:
        return 0.0
    return sum((time - mean) * value for time, value in zip(times, values, strict=True)) / spread


def _mean(series: Sequence[tuple[float, float]]) -> float:
    return sum(value for _, value in series) / len(series) if series else 0.0
