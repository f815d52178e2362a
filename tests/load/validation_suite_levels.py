"""What a whole suite errs by, and what the right choice of a test is worth.

The suite's familywise error rate (Holm) and false discovery rate (BH) over 30 columns of numbers,
whole numbers and words, by policy, runner and verdict; then, on the same data, the test that is
chosen and the one that people take: levels, and power.
Run: `python tests/load/validation_suite_levels.py`; 1,000 suites, some five minutes. In full:
`--sets 4000`.
"""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.jobs.validation.arithmetic import fix_arithmetic

fix_arithmetic()  # as the command line does, before anything imports numpy

import numpy as np

from tests.load.levels.choices import CHOICES, Choice
from tests.load.levels.null import ALPHA, Rate, limit, rates
from tests.load.levels.suite_case import COLUMNS, ROWS, Judged, one_suite
from tests.load.lines import Line, arguments, report, say

SETS = 1_000
SHIFTED = 5
_BAND = 3.29
"""Deviations of the 99.9% band."""
_SHAPE = f"{COLUMNS} columns of numbers, whole numbers and words, {ROWS[0]}:{ROWS[1]} rows"

type Suites = Sequence[Mapping[str, Judged]]


def suites(sets: int, shifted: int, *, segments: bool = False) -> Suites:
    """Return what so many suites said, a process for each core."""
    run = partial(one_suite, shifted=shifted, segments=segments)
    context = get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        return list(pool.map(run, range(sets), chunksize=50))


def familywise(name: str, found: Suites, how: str) -> Line:
    """Return the share of suites with a false rejection."""
    judged = [each[how] for each in found]
    share = 100 * sum(each.false > 0 for each in judged) / len(judged)
    failed = 100 * sum(each.false_failed > 0 for each in judged) / len(judged)
    say(f"{name}: {share:.2f} %")
    return Line(
        name=name,
        value=share,
        unit="%",
        limit=limit(len(judged)),
        detail=f"{len(judged)} suites with one false rejection or more; {failed:.2f} % fail"
        f" (which needs an effect over 0.1 too); {_SHAPE}",
    )


def discoveries(found: Suites) -> Line:
    """Return the mean share of false ones among BH's rejections."""
    shares = np.array([each["BH"].false_share for each in found])
    seen = np.mean([each["BH"].rejected - each["BH"].false for each in found])
    holm = np.mean([each["Holm"].rejected - each["Holm"].false for each in found])
    return Line(
        name=f"false discovery rate (BH), {SHIFTED} of {COLUMNS} shifted",
        value=100 * float(shares.mean()),
        unit="%",
        limit=100 * (ALPHA + _BAND * float(shares.std()) / math.sqrt(len(shares))),
        detail=f"{len(shares)} suites; of {SHIFTED} shifted columns {seen:.2f} are seen,"
        f" by Holm {holm:.2f}; {_SHAPE}",
    )


def chosen(sets: int) -> list[Line]:
    """Return a line of each choice: the right one's rate, with the naive ones' beside it."""
    nulls = [(choice, null) for choice in CHOICES for null in choice.nulls()]
    found = rates(
        [null for _, null in nulls], sets, processes=os.cpu_count() or 1, done=lambda _: None
    )
    lines = []
    for choice in CHOICES:
        own = [rate for (of, _), rate in zip(nulls, found, strict=True) if of is choice]
        lines.append(_line_of(choice, own))
        say(f"{lines[-1].name}: {lines[-1].value:.2f} %; {lines[-1].detail}")
    return lines


def _line_of(choice: Choice, found: list[Rate]) -> Line:
    right, others = found[0], found[1:]
    beside = "; ".join(
        f"{name} {rate.percent:.2f} %" for name, rate in zip(choice.naive, others, strict=True)
    )
    if choice.null:
        return Line(
            name=f"level, {choice.name}",
            value=right.percent,
            unit="%",
            limit=limit(right.sets),
            detail=f"{right.sets} sets; {beside}",
        )
    return Line(
        name=f"power, {choice.name}",
        value=right.percent,
        unit="%",
        limit=choice.least_power,
        at_least=True,
        detail=f"{right.sets} sets; {beside}",
    )


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help=f"suites; {SETS:,} unless told")
    options = parser.parse_args()
    null, some = suites(options.sets, 0), suites(options.sets, SHIFTED)
    lines = [
        familywise("familywise error rate (Holm), nothing shifted", null, "Holm"),
        familywise(f"familywise error rate (Holm), {SHIFTED} shifted", some, "Holm"),
        familywise("false discovery rate (BH), nothing shifted", null, "BH"),
        discoveries(some),
        familywise(
            "familywise error rate (Holm), two segments",
            suites(max(100, options.sets // 4), 0, segments=True),
            "Holm",
        ),
    ]
    return report([*lines, *chosen(options.sets)], options.json)


if __name__ == "__main__":
    sys.exit(main())
