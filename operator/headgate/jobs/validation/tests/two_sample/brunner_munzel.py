"""Brunner and Munzel's test: does one sample tend to be larger, whatever their spreads?"""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, cells_of
from headgate.jobs.validation.tests.two_sample.mann_whitney import exact_pvalue
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, relabelled_pvalue
from headgate.jobs.validation.tests.two_sample.superiority import (
    SUPERIORITY,
    SUPERIORITY_INTERVAL,
    superiority_interval,
)

_BRUNNER = "Brunner, Munzel 2000, Biometrical Journal 42, 17"
_PERMUTED = "permutation: Neubert, Brunner 2007, Computational Statistics & Data Analysis 51, 5192"
FEW = 10
"""Values of either sample below which Student's t finds too much."""


def brunner_munzel(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Two-sided test of (n,) x and (m,) y; null: P(x < y) + P(x = y) / 2 is 1/2.

    p by Student's t; below 10 values in either by permutation of the studentised statistic; exact
    by all labellings where the samples do not overlap, so that nothing has a variance.
    Effect: that probability with an interval of level 1 - alpha; the minimum detectable one is a
    distance from 1/2. Raises UntestableError below 2 values in either and for values that are not
    finite. Source: `reference`.
    """
    from scipy.special import ndtri, stdtr, stdtrit

    checked_alpha(alpha)
    cells = cells_of(checked_sample(x, "x", least=2), checked_sample(y, "y", least=2))
    n, m = cells.n, cells.m
    value, of_x, of_y = _placements(cells)
    error = math.sqrt(of_x / n + of_y / m)
    if error == 0:  # apart, or all equal
        statistic = math.copysign(math.inf, value - 0.5) if value != 0.5 else 0.0  # noqa: PLR2004
        low, high = superiority_interval(value, n, m, alpha)
        pvalue, method, degrees = exact_pvalue(cells), "exact", math.inf
        interval_source = SUPERIORITY_INTERVAL
    else:
        statistic = (value - 0.5) / error
        first, second = of_x / n / error**2, of_y / m / error**2
        degrees = 1 / (first**2 / (n - 1) + second**2 / (m - 1))
        half = float(stdtrit(degrees, 1 - alpha / 2)) * error
        low, high = max(0.0, value - half), min(1.0, value + half)
        interval_source = "interval: the same"
        if min(n, m) < FEW:
            pvalue, method = (
                studentised_pvalue(cells, resamples, seed),
                f"permutation ({resamples}, seed {seed})",
            )
        else:
            pvalue, method = (
                2 * float(stdtr(degrees, -abs(statistic))),
                f"t ({degrees:.6g} degrees of freedom)",
            )
    return TestResult(
        name="brunner-munzel",
        statistic=statistic,
        pvalue=pvalue,
        effect=Effect(
            name=SUPERIORITY,
            value=value,
            interval=Interval(low=low, high=high, level=1 - alpha),
        ),
        n=(n, m),
        method=method,
        reference=f"{_BRUNNER}; {_PERMUTED}; {interval_source}",
        minimum_detectable_effect=(float(ndtri(0.975)) + float(ndtri(0.8))) * error or None,
        details={"degrees of freedom": degrees},
    )


def _placements(cells: Cells) -> tuple[float, float, float]:
    """Return the probability and the variances of x's placements among y and of y's among x."""
    value, of_x, of_y = _placements_of(
        cells.of_x[None, :].astype(np.float64), cells.pooled.astype(np.float64), cells.n
    )
    return float(value[0]), float(of_x[0]), float(of_y[0])


def _placements_of(of_x: Floats, pooled: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    m = float(pooled.sum()) - n
    of_y = pooled - of_x
    above = 1 - (np.cumsum(of_y, axis=-1) - of_y / 2) / m  # y's above an x, ties half
    below = (np.cumsum(of_x, axis=-1) - of_x / 2) / n
    value: Floats = (of_x * above).sum(axis=-1) / n
    x_part: Floats = (of_x * (above - value[:, None]) ** 2).sum(axis=-1) / (n - 1)
    y_part: Floats = (of_y * (below - value[:, None]) ** 2).sum(axis=-1) / (m - 1)
    tiny = 1e-20  # rounding errors of placements that are all alike
    return value, np.where(x_part < tiny, 0.0, x_part), np.where(y_part < tiny, 0.0, y_part)


def studentised_pvalue(cells: Cells, resamples: int, seed: int) -> float:
    """Return the permutation p of the distance from 1/2 over its error, two-sided."""
    coarse = cells.coarsened()
    n, m, pooled = coarse.n, coarse.m, coarse.pooled.astype(np.float64)

    def statistic(of_x: Floats) -> Floats:
        value, x_part, y_part = _placements_of(of_x, pooled, n)
        error = np.sqrt(x_part / n + y_part / m)
        off = np.abs(value - 0.5)
        # labellings that set the samples apart are the farthest there are
        found: Floats = np.where(error > 0, off / np.where(error > 0, error, 1.0), 1e300 * off)
        return found

    return relabelled_pvalue(coarse.pooled, coarse.of_x, statistic, resamples=resamples, seed=seed)


TESTS = (
    StatTest(
        name="brunner-munzel",
        purpose="does one of two samples tend to be larger, whatever their spreads?",
        assumptions="independent values; ties allowed",
        source=_BRUNNER,
        takes=Takes.TWO_SAMPLES,
        run=brunner_munzel,
    ),
)
