"""What the autoscaler says: a number of pods, and why."""

from dataclasses import dataclass
from enum import StrEnum

from headgate.streamgateway.decide.autoscale.load import Signal


class ScalingReason(StrEnum):
    """Why the pool should have as many pods as it should."""

    LOAD_FITS = "LoadFits"
    LOAD_GREW = "LoadGrew"
    LOAD_SURGED = "LoadSurged"
    GROWTH_EXPECTED = "GrowthExpected"
    PODS_FULL = "PodsFull"
    LOAD_FELL = "LoadFell"
    LOAD_FELL_RECENTLY = "LoadFellRecently"
    DRAIN_UNDER_WAY = "DrainUnderWay"
    METRICS_MISSING = "MetricsMissing"
    MEMORY_SHORT = "MemoryShort"
    WATCHED_TOO_SHORTLY = "WatchedTooShortly"
    NOTHING_MEASURED = "NothingMeasured"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scaling:
    """A decision about the number of pods, kept between the limits of the spec."""

    desired: int
    reason: ScalingReason
    message: str
    signal: Signal | None = None
    """Which signal asked for the most; None when none was read."""
    limited: bool = False
    """Whether minReplicas or maxReplicas decided, not the load."""
    wake_at: float
    """When to look again, in seconds on the caller's clock."""
