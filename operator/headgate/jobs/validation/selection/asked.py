"""Tests that a policy asks for by name: which columns they fit, and what is said of it. Pure.

Significance is the asked test's; the effect stays the column's own, so that `minEffect` means the
same whichever test is asked for.
"""

from dataclasses import dataclass, replace

from headgate.jobs.validation.selection.difference import FEW_VALUES, Choice
from headgate.validation.drift_tests import AUTO, OF_COUNTS, OF_TWO_VALUES


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What decides whether a test fits a column."""

    numbers: bool
    """Whether values have an order and a distance; counted whole numbers have both."""
    counted: bool
    """Whether selection compares it by counts of its values."""
    values: int | None
    """Different values, where they were counted."""


def unfit(test: str, shape: Shape) -> str:
    """Return why a test cannot be put to a column, to follow its name; empty where it can."""
    if test not in OF_COUNTS:
        return "" if shape.numbers else "compares numbers, which this column is not"
    if not shape.counted:
        return (
            f"compares counts of categories, truths, or at most {FEW_VALUES} different whole"
            " numbers, which this column is not"
        )
    if test in OF_TWO_VALUES and shape.values != 2:  # noqa: PLR2004
        return f"compares counts of two values, and this column has {shape.values}"
    return ""


def as_asked(test: str, chosen: Choice) -> Choice:
    """Return the choice of a test that fits, beside what selection has chosen."""
    if test == chosen.test:
        return replace(chosen, why=f"asked for by the policy, and selection's choice: {chosen.why}")
    return Choice(
        test=test,
        why=f"asked for by the policy; selection would have taken {chosen.test}: {chosen.why}",
        would_change=f"drift.test {AUTO}: {chosen.test}",
        counted=test in OF_COUNTS,
        asked=True,
    )


def in_its_stead(test: str, chosen: Choice, reason: str) -> Choice:
    """Return selection's choice for a column that the asked test does not fit."""
    return replace(chosen, why=f"{chosen.why}; the policy's {test} {reason}")
