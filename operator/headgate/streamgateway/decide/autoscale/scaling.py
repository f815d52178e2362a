"""What the autoscaler says: a number of pods, and why."""

from dataclasses import dataclass

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.autoscale.load import Signal


@dataclass(frozen=True, kw_only=True, slots=True)
class Scaling:
    """A decision about the number of pods, kept between the limits of the spec."""

    desired: int
    reason: Reason
    message: str
    signal: Signal | None = None
    """Which signal asked for the most; None when none was read."""
    limited: bool = False
    """Whether minReplicas or maxReplicas decided, not the load."""
    wake_at: float
    """When to look again, in seconds on the caller's clock."""
