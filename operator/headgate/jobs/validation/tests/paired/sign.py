"""The sign test: is the first member of a pair larger than the second as often as smaller?"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.paired.pairs import checked_pairs
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_SIGN = (
    "Arbuthnott 1710, Philosophical Transactions 27, 186; Dixon, Mood 1946, JASA 41, 557; interval:"
    " Clopper, Pearson 1934, Biometrika 26, 404"
)


def sign(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Two-sided test of (n,) x and (n,) y; null: x - y is above zero as often as below.

    Exact; pairs without a difference say nothing. Statistic: how often x is larger. Effect: the
    share in which it is, of those that differ, with an interval of level 1 - alpha. Raises
    UntestableError where no pair differs.
    """
    from scipy import stats

    first, second = checked_pairs(x, y, least=2)
    above, below = int(np.count_nonzero(first > second)), int(np.count_nonzero(first < second))
    differing = above + below
    if not differing:
        raise UntestableError(f"all {len(first)} differences are 0: nothing has a sign")
    level = 1 - checked_alpha(alpha)
    found = stats.binomtest(above, differing)
    bounds = found.proportion_ci(level, method="exact")
    return TestResult(
        name="sign",
        statistic=float(above),
        pvalue=float(np.clip(found.pvalue, 0.0, 1.0)),
        effect=Effect(
            name="share in which the first is larger",
            value=above / differing,
            interval=Interval(low=float(bounds.low), high=float(bounds.high), level=level),
        ),
        n=(len(first),),
        method="exact (binomial)",
        reference=_SIGN,
        details={"zeros": len(first) - differing},
    )


TESTS = (
    StatTest(
        name="sign",
        purpose="is one of two paired values larger more often than smaller?",
        assumptions="independent pairs; nothing else, not even a scale",
        source=_SIGN,
        takes=Takes.PAIRS,
        run=sign,
    ),
)
