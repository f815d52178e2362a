"""What is remembered of a pool's load: bounded, plain, and harmless to lose."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from headgate.streamgateway.decide.autoscale.demand import STABLE_WINDOW, Demand, highest_demand
from headgate.streamgateway.decide.autoscale.load import Reading, Signal, read
from headgate.streamgateway.decide.autoscale.pods import Sample
from headgate.streamgateway.decide.autoscale.targets import Targets

LONGEST_GAP = 15.0
"""Seconds without a reading after which the history starts anew."""
MOST_READINGS = 120
SPANS = 30
"""Into how many spans the time for scaling down is cut."""
SHORTEST_SPAN = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Peak:
    """The most of a span of time: what pods carried, and how many were asked for."""

    begun: float
    totals: tuple[tuple[Signal, float], ...]
    replicas: int


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """Readings of the stable window, and peaks of the time for scaling down."""

    since: float | None = None
    """Since when nothing is missing; None: nothing was read yet."""
    readings: tuple[Reading, ...] = ()
    peaks: tuple[Peak, ...] = ()
    demand: Demand | None = None
    """What the newest reading asks for, by what was read before it; None: no signal is in use."""

    @property
    def latest(self) -> Reading | None:
        """The newest reading."""
        return self.readings[-1] if self.readings else None

    @property
    def highest(self) -> tuple[tuple[Signal, float], ...]:
        """The most that each signal came to."""
        return _highest(total for peak in self.peaks for total in peak.totals)

    @property
    def replicas(self) -> int:
        """The most pods that were asked for at any time."""
        return max((peak.replicas for peak in self.peaks), default=0)


def record(history: History, sample: Sample, targets: Targets) -> History:
    """Add a sample; one that is not newer is ignored, one after a gap starts anew.

    A clock that was set back by more than a gap starts anew as well.
    """
    latest = history.latest
    if latest is not None:
        if abs(sample.time - latest.time) > LONGEST_GAP:
            history = History()
        elif sample.time <= latest.time:
            return history
    reading = read(sample, targets)
    kept = [r for r in history.readings if r.time > sample.time - STABLE_WINDOW]
    readings = (*kept, reading)[-MOST_READINGS:]
    demand = highest_demand(readings, history.highest, targets)
    return History(
        since=sample.time if history.since is None else history.since,
        readings=readings,
        peaks=_with_peak(history.peaks, reading, demand, targets.scale_down_seconds),
        demand=demand,
    )


def _with_peak(
    peaks: tuple[Peak, ...], reading: Reading, demand: Demand | None, window: float
) -> tuple[Peak, ...]:
    replicas = 0 if demand is None else demand.replicas
    span = max(SHORTEST_SPAN, window / SPANS)
    oldest = reading.time - max(window, STABLE_WINDOW)
    kept = tuple(peak for peak in peaks if peak.begun + span > oldest)
    if kept and reading.time < kept[-1].begun + span:
        merged = replace(
            kept[-1],
            totals=_highest((*kept[-1].totals, *reading.totals)),
            replicas=max(kept[-1].replicas, replicas),
        )
        return (*kept[:-1], merged)
    return (*kept, Peak(begun=reading.time, totals=reading.totals, replicas=replicas))


def _highest(totals: Iterable[tuple[Signal, float]]) -> tuple[tuple[Signal, float], ...]:
    most: dict[Signal, float] = {}
    for signal, total in totals:
        most[signal] = max(total, most.get(signal, 0.0))
    return tuple(most.items())
