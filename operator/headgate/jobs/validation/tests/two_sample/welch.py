"""Welch's t test: have two samples one mean, whatever their variances?"""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.equivalence.welch_difference import welch_difference
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import checked_alpha

_WELCH = "Welch 1947, Biometrika 34, 28"


def welch(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Two-sided test of (n,) x and (m,) y; null: the means are equal.

    Effect: mean(x) - mean(y), in the values' unit, with an interval of level 1 - alpha, which
    leaves 0 out exactly where p is below alpha.
    Raises UntestableError below 2 values in either, for values that are not finite, and where both
    are constant. Source: `reference`.
    """
    from scipy.special import ndtri, stdtrit

    checked_alpha(alpha)
    found = welch_difference(x, y)
    low, high = found.bounds(alpha / 2)
    shown = (float(stdtrit(found.degrees, 0.975)) + float(ndtri(0.8))) * found.error
    return TestResult(
        name="welch",
        statistic=found.t(0.0),
        pvalue=min(1.0, 2 * min(found.below(0.0), found.above(0.0))),
        effect=Effect(
            name="difference of means",
            value=found.value,
            interval=Interval(low=low, high=high, level=1 - alpha),
        ),
        n=found.n,
        method=f"t ({found.degrees:.6g} degrees of freedom)",
        reference=_WELCH,
        minimum_detectable_effect=shown if math.isfinite(shown) else None,
        details={"degrees of freedom": found.degrees},
    )


TESTS = (
    StatTest(
        name="welch",
        purpose="have two samples one mean? (variances may differ)",
        assumptions="independent values; means about normal (n of some 30, more where skewed)",
        source=_WELCH,
        takes=Takes.TWO_SAMPLES,
        run=welch,
    ),
)
