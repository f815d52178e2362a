"""What a pass over a Model decides: frozen data that build.py, status.py and reconcile.py read."""

from dataclasses import dataclass
from datetime import datetime

from headgate.core.reasons import Reason
from headgate.model.observed import Memory
from headgate.model.status_types import Phase


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which versions the Service selects: one (`pinned`), or all that have pods (None)."""

    pinned: str | None


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """An Event to record once the change it tells of has been written."""

    warning: bool = False
    reason: Reason
    message: str


@dataclass(frozen=True, kw_only=True)
class State:
    """How things stand, for people."""

    phase: Phase
    reason: Reason
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A decision to remember before anything relies on it."""

    memory: Memory
    announcements: tuple[Announcement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One pass: either a decision to record (`change`), or what carries the recorded ones out."""

    change: Change | None = None
    urgent: bool = True
    """Whether requests may wait for what the change leads to."""
    replicas: tuple[tuple[str, int], ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    route: Route | None = None
    deletes: tuple[str, ...] = ()
    state: State
    wake_at: datetime | None = None
