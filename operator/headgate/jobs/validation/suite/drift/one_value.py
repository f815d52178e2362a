"""A column that has one and the same value in all rows of both files: how much drift is left.

No test sees anything in it, and two rows of one value say next to nothing. What rows say is this:
so many independent draws without any other value bound the share of other values (Clopper, Pearson
1934, Biometrika 26, 404), and two distributions are no farther apart than the larger of the two
shares, whatever those values are.
"""

import math

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Dataset
from headgate.jobs.validation.finding import Measurement
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.measured import CHECK
from headgate.jobs.validation.tests.counts.variation import TOTAL_VARIATION
from headgate.jobs.validation.tests.result import Interval

_LEVEL = 0.95


def one_value(case: Case, name: str, min_effect: float) -> Measurement:
    """Return the distance 0 with its bound, of a column that has the same value in both files."""
    sides = [(data, data.columns[name]) for data in (case.reference, case.candidate)]
    n = tuple(int(np.count_nonzero(~column.missing)) for _, column in sides)
    draws = min(_draws(case, data, column) for data, column in sides)
    return one_value_of(name, case.segment, n, draws, min_effect)


def one_value_of(
    name: str, segment: str, n: tuple[int, ...], draws: int, min_effect: float
) -> Measurement:
    """Return the same by the values in each file, and the independent draws in the smaller one."""
    miss = (1 - _LEVEL) / 2  # each file's bound may be wrong
    high = 1 - miss ** (1 / draws)
    needed = math.ceil(math.log(miss) / math.log1p(-min(min_effect, 0.999))) if min_effect else None
    return Measurement(
        check=CHECK,
        subject=name,
        segment=segment,
        test="none",
        why="one value in both files: no test sees a difference, the number of rows bounds it",
        would_change="a second value in either file: the test for such a column",
        n=n,
        effect_name=TOTAL_VARIATION,
        effect=0.0,
        interval=Interval(low=0.0, high=high, level=_LEVEL),
        bound=min_effect,
        needed_n=needed if high > min_effect else None,
        message="has the same one value in both files",
    )


def _draws(case: Case, data: Dataset, column: Column) -> int:
    """Return how many independent draws a file's values are by the policy's design."""
    design, present = case.policy.design, ~column.missing
    rows = int(np.count_nonzero(present))
    if design.clusters is not None and design.clusters in data.columns:
        clusters = data.columns[design.clusters]
        named = present & ~clusters.missing
        alone = int(np.count_nonzero(present & clusters.missing))
        return max(1, len(np.unique(clusters.values[named])) + alone)
    if design.time is not None:
        return max(1, rows // math.ceil(3 * math.cbrt(rows)))  # in blocks as ks-clustered's
    return rows
