"""Kolmogorov and Smirnov's test of samples of which only counts in cells are known."""

from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha
from headgate.jobs.validation.tests.two_sample.cells import NEGLIGIBLE_TIES, Cells, Integers
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    INTERVAL_SOURCE,
    KOLMOGOROV_DISTANCE,
    kolmogorov_detectable,
    kolmogorov_interval,
    kolmogorov_tail,
)
from headgate.jobs.validation.tests.two_sample.ks import KS_SOURCE, MOST_EXACT, exact_pvalue


@dataclass(frozen=True, kw_only=True)
class CellDistance:
    """The largest distance of two distribution functions, as far as counts in cells tell."""

    seen: float
    """At the cells' ends: never more than the exact one."""
    unseen: float
    """The exact one is at most so much more; 0 where every value is known."""


def cell_distance(of_x: Integers, of_y: Integers) -> CellDistance:
    """Return the distance of two samples, by (2 k + 1,) counts in cells.

    Odd cells hold one value each, even ones whatever lies between. Within a cell, F may rise before
    G does: from a difference d before it, by f of x and g of y in it, the difference comes to d + f
    or d - g at most. Exact: in whole numbers until the last division.
    """
    n, m = int(of_x.sum()), int(of_y.sum())
    ends = np.cumsum(of_x) * m - np.cumsum(of_y) * n
    seen = int(np.abs(ends).max(initial=0))
    before = np.concatenate([[0], ends[:-1]])
    mixed = (of_x > 0) & (of_y > 0)
    mixed[1::2] = False
    highest = np.maximum(before + of_x * m, of_y * n - before)[mixed]
    most = max(seen, int(highest.max(initial=0)))
    pairs = n * m
    return CellDistance(seen=seen / pairs, unseen=(most - seen) / pairs)


def ks_of_cells(of_x: Integers, of_y: Integers, *, alpha: float = 0.05) -> TestResult:
    """Two-sided test by (2 k + 1,) counts in the same cells of both; null: one distribution.

    As `ks`, to which it is equal where no value lies between edges. Else the distance at the cells'
    ends takes the exact one's place: it is no larger, so p is no smaller, whatever the edges; the
    interval reaches up to what the distance may be beyond it (`details`).
    Raises UntestableError for an empty sample. Source: `reference`.
    """
    level = 1 - checked_alpha(alpha)
    n, m = int(of_x.sum()), int(of_y.sum())
    if not n or not m:
        raise UntestableError(f"{n} and {m} values; at least one of each is needed")
    distance = cell_distance(of_x, of_y)
    used = (of_x + of_y) > 0
    cells = Cells(values=np.flatnonzero(used).astype(np.float64), of_x=of_x[used], of_y=of_y[used])
    tied = cells.tie_share >= NEGLIGIBLE_TIES
    if n + m <= MOST_EXACT[tied]:
        pvalue, method = exact_pvalue(cells), "exact"
    else:
        pvalue = kolmogorov_tail(distance.seen, n, m)
        method = "asymptotic (conservative: ties)" if tied else "asymptotic"
    seen = kolmogorov_interval(distance.seen, n, m, level)
    most = kolmogorov_interval(distance.seen + distance.unseen, n, m, level)
    return TestResult(
        name="ks",
        statistic=distance.seen,
        pvalue=pvalue,
        effect=Effect(
            name=KOLMOGOROV_DISTANCE,
            value=distance.seen,
            interval=Interval(low=seen.low, high=most.high, level=level),
        ),
        n=(n, m),
        method=method,
        reference=f"{KS_SOURCE}; {INTERVAL_SOURCE}",
        minimum_detectable_effect=kolmogorov_detectable(n, m),
        details={"cells": len(of_x), "unseen": distance.unseen},
    )
