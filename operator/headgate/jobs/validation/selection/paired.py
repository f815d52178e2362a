"""The test for a difference between the members of pairs, and why it is that one. Pure."""

from dataclasses import dataclass

from headgate.jobs.validation.selection.difference import FEW_VALUES, Choice

LEAST_CHANGES = 10
"""Pairs that change to or from a category, from which its limit distribution holds."""


@dataclass(frozen=True, kw_only=True)
class PairFacts:
    """What is known of pairs before it is known which member is the candidate's.

    All of it stays the same when members change places, so that looking at it costs no error rate.
    """

    counted: bool
    """Whether the column is compared by counts of its values."""
    values: int
    """Different values of both members together."""
    least_changes: int = 0
    """The fewest pairs that change to or from a value, of those to which any does."""


def choose_paired(facts: PairFacts) -> Choice:
    """Return the test for the pairs of one column."""
    if not facts.counted:
        return Choice(
            test="ks-paired",
            why="pairs of numbers: members change places within pairs; sees any difference of the"
            " two distributions",
            would_change=f"{FEW_VALUES} different whole numbers or fewer: stuart-maxwell on their"
            " counts; drift.test: wilcoxon, paired-t or sign see a shift only",
        )
    if facts.values == 2:  # noqa: PLR2004
        return Choice(
            test="mcnemar",
            why="pairs of two values: only those that disagree tell; exact if fewer than 25 do",
            would_change="a third value: stuart-maxwell",
            counted=True,
        )
    what = f"pairs of {facts.values} values, to or from each of which {facts.least_changes} change"
    if facts.least_changes >= LEAST_CHANGES:
        return Choice(
            test="stuart-maxwell",
            why=f"{what} at least: the limit distribution holds",
            would_change=f"fewer than {LEAST_CHANGES}: pairs are turned round instead; two values:"
            " mcnemar",
            counted=True,
        )
    return Choice(
        test="stuart-maxwell-permutation",
        why=f"{what} at least: too few for the limit, so members change places within pairs",
        would_change=f"{LEAST_CHANGES} or more: stuart-maxwell; two values: mcnemar",
        counted=True,
    )
