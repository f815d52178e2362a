"""Mann and Whitney's test (Wilcoxon's rank sum): does one sample tend to be larger?"""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, cells_of
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, relabelled_pvalue
from headgate.jobs.validation.tests.two_sample.superiority import (
    SUPERIORITY,
    SUPERIORITY_INTERVAL,
    superiority_detectable,
    superiority_interval,
)

_MANN = (
    "Mann, Whitney 1947, Annals of Mathematical Statistics 18, 50; exact with ties: Streitberg,"
    " Roehmel 1986, Statistical Software Newsletter 12, 10"
)
_EXACT = 60
_FEW = 8


def mann_whitney(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Two-sided test of (n,) x and (m,) y; null: both have one distribution.

    Statistic: U of x, the pairs in which x is larger, ties half. p is exact given the ties up to 60
    values in all, else the normal's with corrections for ties and continuity; by permutation where
    one of the samples has 8 values or fewer.
    Effect: P(x < y) + P(x = y) / 2 with an interval of level 1 - alpha; the minimum detectable one
    is a distance from 1/2.
    Raises UntestableError for an empty sample and values that are not finite. Source: `reference`.
    """
    checked_alpha(alpha)
    first, second = checked_sample(x, "x", least=1), checked_sample(y, "y", least=1)
    found = merged_statistics(first, second)
    n, m = found.n, found.m
    if n + m <= _EXACT:
        pvalue, method = exact_pvalue(cells_of(first, second)), "exact"
    elif min(n, m) <= _FEW:
        pvalue = _permuted(cells_of(first, second).coarsened(), resamples, seed)
        method = f"permutation ({resamples}, seed {seed})"
    else:
        pvalue, method = found.mann_whitney_pvalue, "asymptotic"
    low, high = superiority_interval(found.superiority, n, m, alpha)
    return TestResult(
        name="mann-whitney",
        statistic=found.mann_whitney,
        pvalue=pvalue,
        effect=Effect(
            name=SUPERIORITY,
            value=found.superiority,
            interval=Interval(low=low, high=high, level=1 - alpha),
        ),
        n=(n, m),
        method=method,
        reference=f"{_MANN}; {SUPERIORITY_INTERVAL}",
        minimum_detectable_effect=superiority_detectable(n, m),
        details={"U of y": n * m - found.mann_whitney},
    )


def exact_pvalue(cells: Cells) -> float:
    """Return P(|U - n m / 2| >= the one seen) over all labellings, given the ties.

    `ways[j, s]` counts the choices of j values whose doubled midranks add up to s.
    """
    smaller = cells.of_x if cells.n <= cells.m else cells.of_y
    size, total = int(smaller.sum()), cells.n + cells.m
    pooled = cells.pooled
    doubled = 2 * np.cumsum(pooled) - pooled + 1
    expected = size * (total + 1)
    seen = abs(int(smaller @ doubled) - expected)
    ways = np.zeros((size + 1, total * (total + 1) + 1))
    ways[0, 0] = 1.0
    for score in np.repeat(doubled, pooled):
        ways[1:, score:] += ways[:-1, : ways.shape[1] - score].copy()
    sums = np.arange(ways.shape[1])
    as_far = float(ways[size, np.abs(sums - expected) >= seen].sum())
    return min(1.0, as_far / math.comb(total, size))


def _permuted(cells: Cells, resamples: int, seed: int) -> float:
    pooled, n = cells.pooled, cells.n
    ranks = (np.cumsum(pooled) - (pooled - 1) / 2) - (n + cells.m + 1) / 2

    def statistic(of_x: Floats) -> Floats:
        found: Floats = np.abs(of_x @ ranks)
        return found

    return relabelled_pvalue(pooled, cells.of_x, statistic, resamples=resamples, seed=seed)


TESTS = (
    StatTest(
        name="mann-whitney",
        purpose="does one of two samples tend to be larger?",
        assumptions="independent values; under the null one distribution, spread too; ties allowed",
        source=_MANN,
        takes=Takes.TWO_SAMPLES,
        run=mann_whitney,
    ),
)
