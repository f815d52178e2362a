"""Wasserstein's and the energy distance: how far apart two samples' values are."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, cells_of
from headgate.jobs.validation.tests.two_sample.merged import MergedStatistics, merged_statistics
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    relabelled_pvalue,
)
from headgate.jobs.validation.tests.two_sample.resampled import RESAMPLED_SOURCE, norm_error

_WASSERSTEIN = "Vallender 1974, Theory of Probability and its Applications 18, 784"
_ENERGY = "Szekely, Rizzo 2013, J. Statistical Planning and Inference 143, 1249"


def wasserstein(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Wasserstein's (earth mover's) distance of (n,) x and (m,) y; null: one distribution.

    Statistic: int |F - G|, in the values' unit; p by permutation, at any n: beyond 1024 distinct
    values of as many cells with equal shares.
    Effect: the distance in pooled standard deviations, with an interval of level 1 - alpha.
    Raises UntestableError below 2 values in either and for values that are not finite.
    Source: `reference`.
    """
    found, cells, scale = _prepared(x, y, resamples, alpha)
    widths = _widths(cells)
    pvalue = _permuted(cells, lambda apart: np.abs(apart) @ widths, resamples, seed)
    error = norm_error(
        cells, lambda off: np.abs(off) @ widths, level=1 - alpha, resamples=resamples, seed=seed
    )
    spread = _deviation(cells)
    value = found.wasserstein / spread if spread else 0.0
    half = error / spread if spread else 0.0
    return TestResult(
        name="wasserstein",
        statistic=found.wasserstein * scale,
        pvalue=pvalue,
        effect=Effect(
            name="Wasserstein distance in pooled standard deviations",
            value=value,
            interval=Interval(low=max(0.0, value - half), high=value + half, level=1 - alpha),
        ),
        n=(cells.n, cells.m),
        method=f"permutation ({resamples}, seed {seed})",
        reference=f"{_WASSERSTEIN}; {RESAMPLED_SOURCE}",
        details={"kolmogorov distance": found.kolmogorov},
    )


def energy(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Szekely and Rizzo's energy distance of (n,) x and (m,) y; null: one distribution.

    Statistic: sqrt(2 E|x - y| - E|x - x'| - E|y - y'|), in the root of the values' unit; p as
    `wasserstein`.
    Effect: the coefficient of inhomogeneity, its square over 2 E|x - y|, which is 0 for equal
    distributions and 1 at most, with an interval of level 1 - alpha.
    Raises UntestableError below 2 values in either and for values that are not finite.
    Source: `reference`.
    """
    found, cells, scale = _prepared(x, y, resamples, alpha)
    widths = _widths(cells)
    pvalue = _permuted(cells, lambda apart: apart**2 @ widths, resamples, seed)
    error = norm_error(
        cells,
        lambda off: np.sqrt(2 * (off**2 @ widths)),
        level=1 - alpha,
        resamples=resamples,
        seed=seed,
    )
    across = _across(cells, widths)
    low, value, high = (
        max(0.0, one) ** 2 / (2 * across) if across else 0.0
        for one in (found.energy - error, found.energy, found.energy + error)
    )
    return TestResult(
        name="energy",
        statistic=found.energy * math.sqrt(scale),
        pvalue=pvalue,
        effect=Effect(
            name="energy coefficient of inhomogeneity",
            value=min(1.0, value),
            interval=Interval(low=min(1.0, low), high=min(1.0, high), level=1 - alpha),
        ),
        n=(cells.n, cells.m),
        method=f"permutation ({resamples}, seed {seed})",
        reference=f"{_ENERGY}; {RESAMPLED_SOURCE}",
        details={"kolmogorov distance": found.kolmogorov},
    )


def _prepared(
    x: ArrayLike, y: ArrayLike, resamples: int, alpha: float
) -> tuple[MergedStatistics, Cells, float]:
    """Return statistics and cells of the values over their largest, and the largest."""
    checked_alpha(alpha)
    checked_resamples(resamples)
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    scale = max(float(np.abs(first).max()), float(np.abs(second).max())) or 1.0
    first, second = first / scale, second / scale  # squares of values near 1e308 overflow
    return merged_statistics(first, second), cells_of(first, second).coarsened(), scale


def _widths(cells: Cells) -> Floats:
    """Return (cells,) the distances to the next cell."""
    return np.append(np.diff(cells.values), 0.0)


def _permuted(cells: Cells, norm: Callable[[Floats], Floats], resamples: int, seed: int) -> float:
    n, m, pooled = cells.n, cells.m, np.cumsum(cells.pooled)

    def statistic(of_x: Floats) -> Floats:
        upto = np.cumsum(of_x, axis=1)
        return norm(upto / n - (pooled - upto) / m)

    return relabelled_pvalue(cells.pooled, cells.of_x, statistic, resamples=resamples, seed=seed)


def _deviation(cells: Cells) -> float:
    pooled = cells.pooled
    mean = float(np.average(cells.values, weights=pooled))
    return math.sqrt(float(np.average((cells.values - mean) ** 2, weights=pooled)))


def _across(cells: Cells, widths: Floats) -> float:
    """Return E|x - y|."""
    f, g = np.cumsum(cells.of_x) / cells.n, np.cumsum(cells.of_y) / cells.m
    return float((f * (1 - g) + g * (1 - f)) @ widths)


TESTS = (
    StatTest(
        name="wasserstein",
        purpose="how far would values have to move to make two samples one?",
        assumptions="independent values; ties allowed",
        source=_WASSERSTEIN,
        takes=Takes.TWO_SAMPLES,
        run=wasserstein,
    ),
    StatTest(
        name="energy",
        purpose="have two samples one distribution? (energy distance)",
        assumptions="independent values; ties allowed",
        source=_ENERGY,
        takes=Takes.TWO_SAMPLES,
        run=energy,
    ),
)
