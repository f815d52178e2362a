"""The test for a difference between two files' columns, and why it is that one. Pure."""

from dataclasses import dataclass

from headgate.jobs.validation.data.dataset import ColumnKind

FEW_VALUES = 20
"""Whole numbers of so many different values or fewer are counted like categories."""
LEAST_EXPECTED = 5.0
MOST_FOR_BOSCHLOO = 200
"""Rows in all up to which Boschloo's test takes less than a second."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a column before its two samples are held against each other.

    Ties, the number of values and expected counts are of both samples together: exchangeable rows
    give the same ones whichever sample they are in, so looking at them costs no error rate.
    """

    kind: ColumnKind
    values: int | None
    """Different values in both samples together; None: too many to be counted."""
    integral: bool = False
    rows: int = 0
    least_expected: float = 0.0
    grouped: str = ""
    """What rows belong to, `clusters of customer` or `blocks of time`; empty: they are free."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A test by its name in the registry, with the reasons that the report gives."""

    test: str
    why: str
    would_change: str
    counted: bool = False
    """Whether it is put to a table of counts."""
    asked: bool = False
    """Whether the policy asks for it, and selection would have taken another."""


def choose(facts: Facts) -> Choice:
    """Return the test for one column."""
    if facts.grouped:
        words = facts.kind is ColumnKind.CATEGORICAL
        return Choice(
            test="total-variation-clustered" if words else "ks-clustered",
            why=f"{'categories of ' if words else ''}rows that belong together"
            f" ({facts.grouped}): whole groups are exchanged",
            would_change="without spec.design, rows would count as independent",
        )
    if is_counted(facts):
        return _for_counts(facts)
    return Choice(
        test="ks",
        why="numbers of independent rows: sees any difference, whatever their distribution",
        would_change=f"{FEW_VALUES} different whole numbers or fewer: chi2 on their counts;"
        " spec.design.clusters or time: ks-clustered",
    )


def is_counted(facts: Facts) -> bool:
    """Return whether a column is compared by counts of its values."""
    if facts.kind in {ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN}:
        return True
    few = facts.values is not None and facts.values <= FEW_VALUES
    return facts.kind is ColumnKind.NUMERIC and facts.integral and few


def _for_counts(facts: Facts) -> Choice:
    small = facts.least_expected < LEAST_EXPECTED
    what = f"{facts.values} values, the smallest expected count {facts.least_expected:.3g}"
    if not small:
        return Choice(
            test="chi2",
            why=f"counts of {what}: the limit distribution holds",
            would_change=f"an expected count below {LEAST_EXPECTED:g}: an exact test, or tables"
            " drawn with the same margins",
            counted=True,
        )
    if facts.values == 2:  # noqa: PLR2004
        exact = "boschloo" if facts.rows <= MOST_FOR_BOSCHLOO else "fisher"
        return Choice(
            test=exact,
            why=f"2 x 2 counts, {what}: exact",
            would_change=f"expected counts of {LEAST_EXPECTED:g} or more: chi2; more or fewer than"
            f" {MOST_FOR_BOSCHLOO} rows: fisher or boschloo",
            counted=True,
        )
    return Choice(
        test="chi2-permutation",
        why=f"counts of {what}: too small for the limit, so tables of the same margins are drawn",
        would_change=f"expected counts of {LEAST_EXPECTED:g} or more: chi2",
        counted=True,
    )
