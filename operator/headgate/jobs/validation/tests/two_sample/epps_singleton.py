"""Epps and Singleton's test: two empirical characteristic functions compared at a few places."""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, cells_of
from headgate.jobs.validation.tests.two_sample.distance_effect import distance_effect, limit_holds
from headgate.jobs.validation.tests.two_sample.kolmogorov import INTERVAL_SOURCE
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    Statistic,
    relabelled_pvalue,
)

_EPPS = (
    "Epps, Singleton 1986, J. Statistical Computation and Simulation 26, 177; Goerg, Kaiser 2009,"
    " Stata Journal 9, 454"
)
_LARGE = 1000
_POINTS = (0.4, 0.8)


def epps_singleton(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (n,) x and (m,) y, continuous or discrete; null: both have one distribution.

    Statistic: W at the points 0.4 and 0.8, corrected below 25 values in either. p by chi2(4) from
    1000 values each without ties to speak of, else by permutation: chi2 finds differences in small
    or tied samples of one distribution far too often (its p is in the details).
    Effect: the Kolmogorov distance with an interval of level 1 - alpha.
    Raises UntestableError below 5 values in either, for values that are not finite, and for values
    too few of which are distinct. Source: `reference`.
    """
    first, second = checked_sample(x, "x", least=5), checked_sample(y, "y", least=5)
    found = merged_statistics(first, second)
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    if largest > 0:  # W has no unit
        first, second = first / largest, second / largest
    low, high = np.quantile(np.concatenate([first, second]), [0.25, 0.75])
    few = UntestableError(
        "x and y: too few of the values differ for a characteristic function; use ks, or a table of"
        " counts with chi2"
    )
    if high - low <= 4 * np.finfo(np.float64).eps:
        raise few
    from scipy import stats

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a covariance without full rank: W is not chi2(4) then
        try:
            statistic, by_chi2 = map(float, stats.epps_singleton_2samp(first, second))
        except (UserWarning, RuntimeWarning, np.linalg.LinAlgError):
            raise few from None
    if limit_holds(found) and min(found.n, found.m) >= _LARGE:
        pvalue, method = by_chi2, "asymptotic (chi2, 4 degrees of freedom)"
    else:
        cells = cells_of(first, second).coarsened()
        pvalue = relabelled_pvalue(
            cells.pooled,
            cells.of_x,
            _statistic_of(cells, (high - low) / 2),
            resamples=resamples,
            seed=seed,
        )
        method = f"permutation ({resamples}, seed {seed})"
    return TestResult(
        name="epps-singleton",
        statistic=statistic,
        pvalue=pvalue,
        effect=distance_effect(found, alpha),
        n=(found.n, found.m),
        method=method,
        reference=f"{_EPPS}; {INTERVAL_SOURCE}",
        details={"p by chi2": by_chi2},
    )


def _statistic_of(cells: Cells, scale: float) -> Statistic:
    """Return a function from (draws, cells) counts of x to what orders as W does."""
    n, m, pooled = cells.n, cells.m, cells.pooled.astype(np.float64)
    at = np.multiply.outer(cells.values / scale, _POINTS)
    waves = np.concatenate([np.cos(at), np.sin(at)], axis=1)
    squares = (waves[:, :, None] * waves[:, None, :]).reshape(len(waves), -1)
    size = waves.shape[1]

    def moments(counts: Floats, rows: int) -> tuple[Floats, Floats]:
        mean = counts @ waves / rows
        second = (counts @ squares / rows).reshape(-1, size, size)
        return mean, (second - mean[:, :, None] * mean[:, None, :]) / rows

    def statistic(of_x: Floats) -> Floats:
        (first, spread), (second, other) = moments(of_x, n), moments(pooled - of_x, m)
        apart = first - second
        inverse = np.linalg.pinv(spread + other, hermitian=True)
        found: Floats = np.einsum("ij,ijk,ik->i", apart, inverse, apart)
        return found

    return statistic


TESTS = (
    StatTest(
        name="epps-singleton",
        purpose="have two samples one distribution? (characteristic functions; also discrete)",
        assumptions="independent values; 5 or more of each, more than a few distinct ones",
        source=_EPPS,
        takes=Takes.TWO_SAMPLES,
        run=epps_singleton,
    ),
)
