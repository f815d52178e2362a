"""Student's paired t: is the mean difference of pairs zero?"""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.paired.pairs import checked_pairs
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_STUDENT = "Student 1908, Biometrika 6, 1"


def paired_t(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Two-sided test of (n,) x and (n,) y, row by row; null: the mean of x - y is zero.

    Effect: the mean difference in the values' own unit, with an interval of level 1 - alpha.
    Raises UntestableError for fewer than 2 pairs, and where all differ by the same.
    """
    from scipy import stats

    first, second = checked_pairs(x, y, least=2, squared=True)
    differences = first - second
    if np.ptp(differences) == 0:
        raise UntestableError(
            f"all {len(differences)} pairs differ by {differences[0]:g}: there is no spread to test"
        )
    n, level = len(differences), 1 - checked_alpha(alpha)
    found = stats.ttest_rel(first, second)
    bounds = found.confidence_interval(level)
    value = float(differences.mean())
    interval = Interval(low=float(bounds.low), high=float(bounds.high), level=level)
    return TestResult(
        name="paired-t",
        statistic=float(found.statistic),
        pvalue=float(found.pvalue),
        effect=Effect(name="mean difference", value=value, interval=interval),
        n=(n,),
        method=f"Student's t, {n - 1} degrees of freedom",
        reference=_STUDENT,
        details={
            "degrees of freedom": n - 1,
            "standardised difference": value / float(differences.std(ddof=1)),
            "standard error": float(differences.std(ddof=1)) / math.sqrt(n),
        },
    )


TESTS = (
    StatTest(
        name="paired-t",
        purpose="is the mean difference of pairs zero?",
        assumptions="independent pairs; differences near normal, or many of them",
        source=_STUDENT,
        takes=Takes.PAIRS,
        run=paired_t,
    ),
)
