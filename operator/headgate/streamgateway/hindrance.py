"""What kept the last pass from doing all that it should have: seen again by the next. Pure.

Without this the status would say one thing before something is tried and another after it failed,
at every pass.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from headgate.core.resource import Problem
from headgate.streamgateway.observed import Observed

TRIED_AGAIN = timedelta(seconds=10)
"""So long after the API server refused a pod, none is asked for again."""


@dataclass(frozen=True, kw_only=True)
class Hindrance:
    """What is in the way, in words; nothing by default."""

    taken: str = ""
    """Which name of a child somebody else's object has."""
    refused: str = ""
    """What cannot be made, and why."""
    at: datetime | None = None
    """When it was tried last."""

    def is_fresh(self, now: datetime) -> bool:
        """Whether making was refused so short a time ago that it is not worth another try."""
        return bool(self.refused) and self.at is not None and now - self.at < TRIED_AGAIN

    def is_as(self, other: "Hindrance") -> bool:
        """Whether it is the same in words, whenever it was tried."""
        return (self.taken, self.refused) == (other.taken, other.refused)


def hindered(seen: Observed, hindrance: Hindrance) -> Observed:
    """Return what is seen with what is in the way: a name that is taken keeps all change away."""
    seen = replace(seen, refused=hindrance.refused)
    if not hindrance.taken:
        return seen
    text = f"{hindrance.taken}: delete it, or name the gateway otherwise"
    problems = (*seen.problems, Problem("metadata.name", text))
    return replace(seen, problems=problems, name_taken=True, wanted=None)
