"""Whether two means are equivalent: two one-sided tests."""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.equivalence.welch_difference import (
    checked_margin,
    welch_difference,
)
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_TOST = (
    "Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics 15, 657; Welch 1947, Biometrika 34,"
    " 28"
)
_HALF = 0.5


def tost(
    x: ArrayLike, y: ArrayLike, *, margin: float | None = None, alpha: float = 0.05
) -> TestResult:
    """Two one-sided Welch tests of the means of (n,) x and (m,) y.

    Null: the means differ by `margin` or more, either way; a small p says that they are equivalent.
    The statistic is the t of the two that is harder to reject, p is its p.
    Effect: mean(x) - mean(y), in the values' unit, with an interval of level 1 - 2 alpha: p is at
    most alpha exactly where it lies within (-margin, margin).
    Raises UntestableError without a margin, for alpha outside (0, 0.5), and as `welch_difference`.
    Source: see `reference`.
    """
    limit = checked_margin(margin)
    if checked_alpha(alpha) >= _HALF:
        raise UntestableError(f"alpha is {alpha:g}; an interval of level 1 - 2 alpha needs < 0.5")
    found = welch_difference(x, y)
    tests = (
        (found.above(-limit), found.t(-limit), "lower"),
        (found.below(limit), found.t(limit), "upper"),
    )
    pvalue, statistic, harder = max(tests, key=lambda test: test[0])
    low, high = found.bounds(alpha)
    return TestResult(
        name="tost",
        statistic=statistic,
        pvalue=pvalue,
        effect=Effect(
            name="difference of means",
            value=found.value,
            interval=Interval(low=low, high=high, level=1 - 2 * alpha),
        ),
        n=found.n,
        method=f"two one-sided Welch t tests ({found.degrees:.6g} degrees of freedom)",
        reference=_TOST,
        details={
            "margin": limit,
            "degrees of freedom": found.degrees,
            "p lower": tests[0][0],
            "p upper": tests[1][0],
            "harder side": harder,
        },
    )


TESTS = (
    StatTest(
        name="tost",
        purpose="are two means equivalent, within a margin? (margin=...)",
        assumptions="independent values; about normal means; variances may differ; where values are"
        " skewed, dozens and as many of each",
        source=_TOST,
        takes=Takes.TWO_SAMPLES,
        run=tost,
    ),
)
