"""What one pass over a ModelVersion sees."""

from dataclasses import dataclass, field

from headgate.core.resource import Problem
from headgate.modelversion.gate import RunSeen
from headgate.modelversion.schedule import ScheduleSeen
from headgate.modelversion.status_types import Approval
from headgate.modelversion.types import ModelVersionSpec


@dataclass(frozen=True, kw_only=True)
class VersionObserved:
    """One ModelVersion, and how it fares in its Model."""

    name: str
    generation: int
    spec: ModelVersionSpec | None
    problems: tuple[Problem, ...] = ()
    waits_for: tuple[str, ...] = ()
    weight: int = 0
    ready_pods: int = 0
    pods: int = 0
    fetched: bool = False
    digest_mismatch: str = ""
    rejected: str = ""
    run: RunSeen | None = None
    """The ValidationRun that was made for it."""
    schedule: ScheduleSeen = field(default_factory=ScheduleSeen)
    approval: Approval | None = None
    """The one that its status names already."""
    recorded_run: str | None = None
    """The one that its status names already."""
