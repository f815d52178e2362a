"""Which changes of conditions are told as Events. Pure; the Events follow once status is written.

An Event a transition and no more: a reason that changes while the status holds is in the
condition.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from headgate.core.resource import Condition

TOLD = frozenset({"Accepted", "Available", "StillValid", "PredictionsRouted", "RevisionHealthy"})
"""The other conditions change by decisions, which are announced by themselves."""
TOLD_FROM_BIRTH = frozenset({"Accepted", "StillValid", "PredictionsRouted"})
"""Whatever is new is not available yet: no news. A spec refused at once is, and a failed run."""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A condition that went from one status to another."""

    warning: bool
    reason: str
    message: str


def transitions(
    previous: Iterable[Condition], current: Iterable[Condition]
) -> tuple[Transition, ...]:
    """Return the transitions that users should hear of."""
    before = {condition.type: condition.status for condition in previous}
    return tuple(
        Transition(
            warning=condition.status == "False",
            reason=condition.reason,
            message=condition.message or f"{condition.type} again",
        )
        for condition in current
        if condition.type in TOLD and _is_news(condition, before.get(condition.type))
    )


def _is_news(condition: Condition, before: str | None) -> bool:
    if before is None:
        return condition.type in TOLD_FROM_BIRTH and condition.status == "False"
    return condition.status != before
