"""What one scrape of all pods of a pool tells."""

from dataclasses import dataclass
from enum import StrEnum


class PodPhase(StrEnum):
    """How far a pod is, as far as clients are concerned."""

    STARTING = "Starting"
    """Has never been ready, so that it has no clients, and no figures are expected of it."""
    READY = "Ready"
    UNREADY = "Unready"
    """Was ready and is not now: it may still hold clients."""
    LEAVING = "Leaving"
    """Is cordoned or drained: its clients need room elsewhere, its own room counts no more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PodSignals:
    """A pod's figures; None where they are missing, which is never taken for zero."""

    name: str
    phase: PodPhase = PodPhase.READY
    age_seconds: float
    connections: int | None = None
    deliveries_per_second: float | None = None
    bytes_per_second: float | None = None
    cpu_share: float | None = None
    """Of its request: 1.0 is all of it; may be more."""
    memory_share: float | None = None
    """Of its limit: 1.0 is where it is killed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """All pods of a pool at one time, in seconds on the caller's clock."""

    time: float
    pods: tuple[PodSignals, ...]
    disrupted: bool = False
    """Whether a drain, a rebalance or a rollout is under way, which lets clients count twice."""
