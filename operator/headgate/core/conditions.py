"""Conditions as Kubernetes keeps them: one entry a type, its time kept while it holds."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from headgate.core.reasons import Reason
from headgate.core.resource import Condition

Truth = Literal["True", "False", "Unknown"]
MAX_MESSAGE = 1024
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of control and format characters, halves of pairs, and line ends."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What a condition says now, before it is held against what it said earlier."""

    type: str
    status: Truth
    reason: Reason
    message: str = ""


def truth(holds: bool | None) -> Truth:
    """Return the condition status for a fact that holds, does not, or is not known."""
    if holds is None:
        return "Unknown"
    return "True" if holds else "False"


def merge_conditions(
    previous: Sequence[Condition], facts: Iterable[Fact], *, generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Return the conditions for `facts`, keeping transition times of statuses that still hold."""
    by_type = {condition.type: condition for condition in previous}
    return tuple(_merge(by_type.get(fact.type), fact, generation, now) for fact in facts)


def _merge(old: Condition | None, fact: Fact, generation: int, now: datetime) -> Condition:
    same = old is not None and old.status == fact.status
    return Condition(
        type=fact.type,
        status=fact.status,
        reason=fact.reason.value,
        message=shorten(fact.message),
        observed_generation=generation,
        last_transition_time=old.last_transition_time
        if same and old
        else now.replace(microsecond=0),
    )


def printable(text: str) -> str:
    """Return the text in one line without control characters: terminals obey them.

    What pods say ends up in front of people, and pods run what anybody put into them. Characters
    that turn the direction of writing go too: they make one text look like another.
    """
    shown = "".join(
        " " if unicodedata.category(character) in UNPRINTABLE else character for character in text
    )
    return " ".join(shown.split())


def shorten(message: str, limit: int = MAX_MESSAGE) -> str:
    """Return the message within the limit of the API, its cut marked."""
    return message if len(message) <= limit else message[: limit - 1] + "…"
