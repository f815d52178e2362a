"""Kolmogorov and Smirnov's test: the largest distance between two distribution functions."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, cells_of
from headgate.jobs.validation.tests.two_sample.distance_effect import effect_of_distance
from headgate.jobs.validation.tests.two_sample.farthest import farthest
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    INTERVAL_SOURCE,
    kolmogorov_detectable,
    kolmogorov_tail,
)

KS_SOURCE = (
    "Smirnov 1939, Bulletin Math. Univ. Moscou 2, 3; exact: Hodges 1958, Arkiv foer Matematik 3,"
    " 469; with ties: Schroeer, Trenkler 1995, Computational Statistics & Data Analysis 20, 185"
)
MOST_EXACT = {False: 1000, True: 10_000}
"""Values in all up to which p is exact, by whether more than a few are tied."""


def ks(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Two-sided test of (n,) x and (m,) y; null: both have one distribution.

    p is exact given the ties up to 1000 values in all, with more than a few ties up to 10,000;
    beyond, it is the limit's, which is conservative where values are tied (the method says so).
    Effect: the Kolmogorov distance, which is the statistic, with an interval of level 1 - alpha.
    Raises UntestableError for an empty sample and values that are not finite. Source: `reference`.
    """
    first = np.sort(checked_sample(x, "x", least=1))
    second = np.sort(checked_sample(y, "y", least=1))
    found = farthest(first, second)
    n, m = len(first), len(second)
    if n + m <= MOST_EXACT[found.tied]:
        pvalue, method = exact_pvalue(cells_of(first, second)), "exact"
    else:
        pvalue = kolmogorov_tail(found.distance, n, m)
        method = "asymptotic (conservative: ties)" if found.tied else "asymptotic"
    return TestResult(
        name="ks",
        statistic=found.distance,
        pvalue=pvalue,
        effect=effect_of_distance(found.distance, n, m, alpha),
        n=(n, m),
        method=method,
        reference=f"{KS_SOURCE}; {INTERVAL_SOURCE}",
        minimum_detectable_effect=kolmogorov_detectable(n, m),
        details={
            "sign": found.sign,
            "larger": "y" if found.sign > 0 else "x",
        },
    )


def exact_pvalue(cells: Cells) -> float:
    """Return P(distance >= the one seen) over all orders of the labels, given the ties.

    Walks through the pooled values; `chance[i]` is that i of those passed are x's and the distance
    was nowhere as large. What leaves it is added up, so that a small p keeps its digits.
    """
    n, m = cells.n, cells.m
    total = n + m
    ends = np.cumsum(cells.pooled)
    seen = int(np.abs(np.cumsum(cells.of_x) * total - ends * n).max())
    if seen == 0:
        return 1.0
    at_end = np.zeros(total + 1, dtype=np.bool_)
    at_end[ends] = True
    chance: Floats = np.zeros(n + 2)
    chance[0] = 1.0
    low, high, gone = 0, 0, 0.0  # the i that are possible
    indices = np.arange(n + 2, dtype=np.float64)
    for passed in range(total):
        now = chance[low : high + 1]
        drawn = now * ((n - indices[low : high + 1]) / (total - passed))
        now -= drawn
        chance[low + 1 : high + 2] += drawn
        high = min(high + 1, n)
        if at_end[passed + 1]:
            # |i N - passed n| < seen
            least = max(low, ((passed + 1) * n - seen) // total + 1)
            most = -((-(passed + 1) * n - seen) // total) - 1
            gone += float(chance[low:least].sum()) + float(chance[most + 1 : high + 1].sum())
            chance[low : max(low, least)] = 0
            chance[max(most + 1, 0) : high + 1] = 0
            low, high = max(low, least), min(high, most)
            if low > high:
                break
    return min(1.0, gone)


TESTS = (
    StatTest(
        name="ks",
        purpose="have two samples one distribution? (largest distance; most for shifts)",
        assumptions="independent values; ties allowed (conservative beyond 10,000 values)",
        source=KS_SOURCE,
        takes=Takes.TWO_SAMPLES,
        run=ks,
    ),
)
