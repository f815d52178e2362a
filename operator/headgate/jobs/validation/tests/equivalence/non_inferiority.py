"""Whether one mean is no worse than another by more than a margin."""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.equivalence.welch_difference import (
    checked_margin,
    welch_difference,
)
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import checked_alpha

_NON_INFERIORITY = (
    "Blackwelder 1982, Controlled Clinical Trials 3, 345; Welch 1947, Biometrika 34, 28"
)


def non_inferiority(
    x: ArrayLike,
    y: ArrayLike,
    *,
    margin: float | None = None,
    alpha: float = 0.05,
    higher_is_better: bool = True,
) -> TestResult:
    """One-sided Welch test of the means of (n,) x, the new one's, and (m,) y, the standard's.

    Null: x is worse than y by `margin` or more; a small p says that it is not. With a margin of 0
    that is a test of superiority.
    Effect: mean(x) - mean(y), in the values' unit, with a one-sided bound of level 1 - alpha: p is
    at most alpha exactly where the bound is better than -margin (margin, where lower is better).
    Raises UntestableError without a margin, and as `welch_difference`. Source: see `reference`.
    """
    limit = checked_margin(margin, zero=True)
    checked_alpha(alpha)
    found = welch_difference(x, y)
    low, high = found.bounds(alpha)
    if higher_is_better:
        against, pvalue, high = -limit, found.above(-limit), math.inf
    else:
        against, pvalue, low = limit, found.below(limit), -math.inf
    return TestResult(
        name="non-inferiority",
        statistic=found.t(against),
        pvalue=pvalue,
        effect=Effect(
            name="difference of means",
            value=found.value,
            interval=Interval(low=low, high=high, level=1 - alpha),
        ),
        n=found.n,
        method=f"one-sided Welch t test ({found.degrees:.6g} degrees of freedom)",
        reference=_NON_INFERIORITY,
        details={"margin": limit, "degrees of freedom": found.degrees},
    )


TESTS = (
    StatTest(
        name="non-inferiority",
        purpose="is a mean no worse than another by more than a margin? (margin=...)",
        assumptions="independent values; about normal means; variances may differ; where values are"
        " skewed, dozens and as many of each",
        source=_NON_INFERIORITY,
        takes=Takes.TWO_SAMPLES,
        run=non_inferiority,
    ),
)
