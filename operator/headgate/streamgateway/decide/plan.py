"""What a pass decided: what to remember, and what to do once that is written."""

from dataclasses import dataclass, field
from datetime import datetime

from headgate.core.conditions import Fact
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.status_types import (
    Candidate,
    Continuity,
    DrainStatus,
    GatewayPhase,
    RebalanceStatus,
    RejectedRevision,
    StreamGatewayStatus,
)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The part of the status that decisions are remembered in."""

    stable_revision: str | None = None
    candidate: Candidate | None = None
    rejected: RejectedRevision | None = None
    drain: DrainStatus | None = None
    rebalance: RebalanceStatus | None = None
    continuity: Continuity = field(default_factory=Continuity)


@dataclass(frozen=True, kw_only=True)
class NewEdge:
    """A pod to be made."""

    name: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Connections of a pod to be asked to move, now."""

    pod: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One pass. Where `memory` is not what the status holds, it is written first, alone."""

    memory: Memory
    phase: GatewayPhase
    message: str
    desired: int
    reason: str
    core_revision: str | None = None
    """The configuration that the core's servers should have."""
    create: tuple[NewEdge, ...] = ()
    cordon: tuple[EdgePod, ...] = ()
    open: tuple[EdgePod, ...] = ()
    """Pods that were full, and get new clients again."""
    close: tuple[EdgePod, ...] = ()
    """Pods that are full: they get no new clients for now."""
    moves: tuple[Moves, ...] = ()
    delete: tuple[EdgePod, ...] = ()
    facts: tuple[Fact, ...] = ()
    wake_at: datetime | None = None


def memory_of(status: StreamGatewayStatus) -> Memory:
    """Return what the status remembers."""
    return Memory(
        stable_revision=status.stable_revision,
        candidate=status.candidate,
        rejected=status.rejected,
        drain=status.drain,
        rebalance=status.rebalance,
        continuity=status.continuity,
    )
