"""Facts about attributions: they are parts of the answer only if they add up to it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Dataset, Integers, shown
from headgate.jobs.validation.explain.additivity import (
    Gap,
    gap_to_answers,
    gap_to_output,
    gap_to_second_way,
)
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.finding import Measurement, Verdict

CHECK = "explanations"


@dataclass(frozen=True, kw_only=True)
class Part:
    """The n explained rows of one file."""

    rows: Dataset
    places: Integers
    """(n,) where they stand in the file, from 0."""
    answers: Answers
    """What the model answered to them, as its server would."""
    found: Attributions


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """A comparison of every explained row, in words."""

    subject: str
    first: str
    second: str
    gap: Callable[[Part], Gap | None]


_FACTS = (
    _Fact(
        subject="sums against the model's output",
        first="base and attributions add up to",
        second="the model's own output is",
        gap=lambda part: gap_to_output(part.found),
    ),
    _Fact(
        subject="sums against the answers",
        first="base and attributions amount to the answer",
        second="the model answered",
        gap=lambda part: gap_to_answers(part.found, part.answers),
    ),
    _Fact(
        subject="parts against a second computation",
        first="the attribution is",
        second="a second exact computation gives",
        gap=lambda part: gap_to_second_way(part.found),
    ),
)


def sums_of(parts: Sequence[Part]) -> Iterator[Measurement]:
    """Yield what is seen in the rows of both files: no p-value, each row holds or it does not.

    A comparison that the model does not allow, as with answers that are labels alone, is left out,
    which the first one says.
    """
    found = [(fact, [(part, fact.gap(part)) for part in parts]) for fact in _FACTS]
    left_out = [fact.subject for fact, gaps in found if any(gap is None for _, gap in gaps)]
    for fact, gaps in found:
        known = [(part, gap) for part, gap in gaps if gap is not None]
        if len(known) == len(parts):
            yield _measured(fact, known, left_out if fact is _FACTS[0] else [])


def _measured(
    fact: _Fact, gaps: Sequence[tuple[Part, Gap]], left_out: Sequence[str]
) -> Measurement:
    part, worst = max(gaps, key=lambda each: each[1].excess)
    holds = worst.excess <= 1
    rows = sum(gap.rows for _, gap in gaps)
    told = [
        f"all {rows} rows hold; the farthest apart: " if holds else "",
        _told(fact, part, worst),
    ]
    told += [f"; this model does not allow: {', '.join(left_out)}"] if left_out else []
    return Measurement(
        check=CHECK,
        subject=fact.subject,
        test="additivity",
        why="a property of every explained row, not of a population: it is seen, not inferred",
        n=tuple(gap.rows for _, gap in gaps),
        effect_name="largest gap, in units of what rounding may make",
        effect=worst.excess,
        bound=1.0,
        fact=Verdict.PASS if holds else Verdict.FAIL,
        message="".join(told),
    )


def _told(fact: _Fact, part: Part, gap: Gap) -> str:
    column = f" column {shown(gap.feature)}:" if gap.feature else ""
    return (
        f"{part.rows.name}:{column} row {int(part.places[gap.row]) + 1}: {fact.first}"
        f" {gap.first:.6g}, and {fact.second} {gap.second:.6g}: {gap.apart:.2g} apart, and rounding"
        f" may make {gap.allowed:.2g}"
    )
