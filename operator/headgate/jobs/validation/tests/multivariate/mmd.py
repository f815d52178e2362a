"""Maximum mean discrepancy: the distance of two samples' means in the space of a kernel."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.multivariate.pair_sums import (
    pair_sums,
    relabelled,
    squared_distances,
    upper_pvalue,
)
from headgate.jobs.validation.tests.multivariate.rows import two_samples
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, checked_resamples

_GRETTON = "Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012, J. Machine Learning Research 13, 723"
_BOUND = "interval: McDiarmid 1989, Surveys in Combinatorics, 148"
_MEDIAN_ROWS = 1000


def mmd(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bandwidth: float = 0.0,
    standardise: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Test (n, d) x and (m, d) y; null: both have one distribution, jointly.

    Statistic: the unbiased estimate of MMD^2 with the kernel exp(-|a - b|^2 / (2 bandwidth^2)); 0
    takes the median distance of the pooled rows (of 1000 by the seed, where there are more).
    `standardise` divides columns by their pooled deviations first. p by permutation.
    Effect: MMD, 0 to sqrt(2), by the biased estimate that is never below 0, with an interval of
    level 1 - alpha at least.
    Raises UntestableError below 2 rows in either, for different columns, for values that are not
    finite, and where more than half of the rows are equal, without a bandwidth.
    Source: `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    rows = two_samples(x, y, least=2, standardise=standardise)
    n, m = rows.sizes
    width = _checked_width(bandwidth or median_distance(rows.values, seed))

    def kernel(squared: Floats) -> Floats:
        squared *= -0.5 / width**2
        return np.exp(squared, out=squared)

    of_x = relabelled(rows, resamples, seed)
    within_x, with_all, total = pair_sums(rows.values, kernel, of_x)
    across = with_all - within_x
    within_y = total - with_all - across
    unbiased = (
        (within_x - n) / (n * (n - 1)) + (within_y - m) / (m * (m - 1)) - 2 * across / (n * m)
    )
    biased = float(within_x[0] / n**2 + within_y[0] / m**2 - 2 * across[0] / (n * m))
    value = math.sqrt(max(0.0, biased))
    spread = (1 - float(within_x[0] - n) / (n * (n - 1))) / n + (
        1 - float(within_y[0] - m) / (m * (m - 1))
    ) / m
    return TestResult(
        name="mmd",
        statistic=float(unbiased[0]),
        pvalue=upper_pvalue(unbiased),
        effect=Effect(
            name="maximum mean discrepancy",
            value=value,
            interval=_interval(value, spread, n, m, alpha),
        ),
        n=(n, m),
        method=f"permutation ({resamples}, seed {seed})",
        reference=f"{_GRETTON}; {_BOUND}",
        details={"bandwidth": width, "biased MMD^2": biased},
    )


def _checked_width(width: float) -> float:
    if math.isfinite(width) and width > 0:
        return width
    raise UntestableError(
        f"bandwidth is {width:g}, which has to be above 0: give one (the median distance of the"
        " rows is 0 where most of them are equal)"
    )


def median_distance(values: Floats, seed: int) -> float:
    """Return the median Euclidean distance of two (rows, columns), of 1000 rows at most.

    The rows are pooled and chosen without looking at their labels, so that a permutation test with
    the kernel keeps its level.
    """
    if len(values) > _MEDIAN_ROWS:
        rng = np.random.default_rng([seed, 1])  # not the permutations' stream
        chosen = rng.choice(len(values), _MEDIAN_ROWS, replace=False)
        values = values[np.sort(chosen)]
    above = np.triu_indices(len(values), 1)
    squared = np.concatenate([block for _, block in squared_distances(values)])
    return math.sqrt(float(np.median(squared[above])))


def _interval(value: float, spread: float, n: int, m: int, alpha: float) -> Interval:
    """Return bounds for MMD that hold whatever the distributions.

    One row moves a mean's norm by sqrt(2) / n at most (McDiarmid). The lower bound also takes off
    the errors' mean norm, of at most sqrt(spread); the upper does not need to, because along the
    one function that tells the truths apart the error has mean 0.
    """
    off = math.sqrt(math.log(2 / alpha) * (1 / n + 1 / m))
    low = max(0.0, value - math.sqrt(max(0.0, spread)) - off)
    return Interval(low=low, high=min(math.sqrt(2), value + off), level=1 - alpha)


TESTS = (
    StatTest(
        name="mmd",
        purpose="have two samples of rows one joint distribution? (kernel means)",
        assumptions="independent rows; columns on one scale, or standardise=true",
        source=_GRETTON,
        takes=Takes.MATRICES,
        run=mmd,
    ),
)
