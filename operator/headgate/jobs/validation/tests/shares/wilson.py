"""Wilson: a share with an interval that holds near 0 and 1 and for few rows."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample

_WILSON = "Wilson 1927, J. American Statistical Association 22, 209"


def wilson_interval(share: float, n: float, level: float) -> Interval:
    """Return Wilson's interval of a share of n rows, which may be a broken number."""
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    return Interval(
        low=min(share, max(0.0, centre - half)),
        high=max(share, min(1.0, centre + half)),
        level=level,
    )


def wilson(x: ArrayLike, *, null: float = 0.5, alpha: float = 0.05) -> TestResult:
    """Test whether the share of ones among (n,) values of 0 and 1 is `null`, two-sided, exactly.

    Statistic: the score z. Effect: the share, with Wilson's interval of level 1 - alpha; p is the
    binomial test's (Clopper, Pearson 1934), so that both may disagree where n is small.
    Raises UntestableError for other values, and for a null outside of 0 to 1.
    """
    from scipy import stats

    level = 1 - checked_alpha(alpha)
    if not 0 < null < 1:
        raise UntestableError(f"null is {null:g}; it has to be above 0 and below 1")
    sample = checked_sample(x, "x", least=1)
    wrong = np.flatnonzero((sample != 0) & (sample != 1))
    if len(wrong):
        raise UntestableError(f"x: value {wrong[0] + 1} is {sample[wrong[0]]:g}; expected 0 or 1")
    n, ones = len(sample), int(sample.sum())
    share = ones / n
    return TestResult(
        name="wilson",
        statistic=(share - null) / math.sqrt(null * (1 - null) / n),
        pvalue=float(stats.binomtest(ones, n, null).pvalue),
        effect=Effect(name="share", value=share, interval=wilson_interval(share, n, level)),
        n=(n,),
        method="exact (binomial)",
        reference=_WILSON,
        details={"ones": ones, "null": null},
    )


TESTS = (
    StatTest(
        name="wilson",
        purpose="a share of ones with its interval; is it one half? (null=...)",
        assumptions="independent rows",
        source=_WILSON,
        takes=Takes.SAMPLE,
        run=wilson,
    ),
)
