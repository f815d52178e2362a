"""BCa: an interval of a difference of means, corrected for bias and skewness."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.resampling.draws import (
    batch,
    checked_resamples,
    difference_of_means,
)
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample

_BCA = "Efron 1987, J. American Statistical Association 82, 171"
_LEAST = 5


def bca_bootstrap(
    x: ArrayLike, y: ArrayLike, *, resamples: int = 1999, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Measure the difference of the means of (n,) and (m,) values.

    No p: the interval of level 1 - alpha is the answer. It is too short for a handful of values:
    5 of each are needed, 50 better. Raises UntestableError for fewer, for constant samples, and for
    fewer than 99 resamples.
    """
    from scipy import stats

    level = 1 - checked_alpha(alpha)
    first, second = (
        checked_sample(x, "x", least=_LEAST, squared=True),
        checked_sample(y, "y", least=_LEAST, squared=True),
    )
    if np.ptp(first) == 0 and np.ptp(second) == 0:
        raise UntestableError("x and y are constant: no draw differs from another")
    found = stats.bootstrap(
        (first, second),
        difference_of_means,
        vectorized=True,
        method="BCa",
        confidence_level=level,
        n_resamples=checked_resamples(resamples),
        batch=batch(len(first) + len(second)),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    value = float(first.mean() - second.mean())
    return TestResult(
        name="bca-bootstrap",
        statistic=value,
        pvalue=None,
        effect=Effect(
            name="difference of means",
            value=value,
            interval=Interval(low=float(found.low), high=float(found.high), level=level),
        ),
        n=(len(first), len(second)),
        method=f"BCa bootstrap ({resamples}, seed {seed})",
        reference=_BCA,
    )


TESTS = (
    StatTest(
        name="bca-bootstrap",
        purpose="an interval of the difference of two means, whatever the distribution",
        assumptions="independent values; dozens of each",
        source=_BCA,
        takes=Takes.TWO_SAMPLES,
        run=bca_bootstrap,
    ),
)
