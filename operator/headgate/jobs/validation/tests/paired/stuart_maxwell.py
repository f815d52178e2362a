"""Stuart and Maxwell: have the two members of pairs the same shares of categories?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.counts.variation import TOTAL_VARIATION
from headgate.jobs.validation.tests.paired.margins import (
    MARGINS_SOURCE,
    margins_detectable,
    variation_of_margins,
)
from headgate.jobs.validation.tests.paired.swaps import checked_square, margins_apart, turned_pvalue
from headgate.jobs.validation.tests.result import Effect, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_STUART_MAXWELL = (
    "Stuart 1955, Biometrika 42, 412; Maxwell 1970, British Journal of Psychiatry 116, 651"
)


def stuart_maxwell(x: ArrayLike, *, alpha: float = 0.05, significance: float = 0.05) -> TestResult:
    """Test a (k, k) table of pairs, rows the first members; null: both margins are the same.

    chi2, with one degree of freedom less than categories for each group of categories between which
    pairs change. Effect: the total variation distance of the margins, with an interval of level
    1 - alpha; the minimum detectable effect is that of a test of level `significance`. Raises
    UntestableError for other tables, and where no pair disagrees.
    """
    from scipy import stats

    level = 1 - checked_alpha(alpha)
    table = checked_square(x)
    statistic, degrees = _chi2(table)
    pvalue = float(stats.chi2.sf(statistic, degrees))
    told = _Chi2(statistic=statistic, pvalue=pvalue, degrees=degrees, method="asymptotic (chi2)")
    return _result("stuart-maxwell", table, told, level, checked_alpha(significance))


def stuart_maxwell_permutation(
    x: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
    significance: float = 0.05,
) -> TestResult:
    """Test as `stuart_maxwell`, by pairs that are turned round: exact in level for any counts.

    Raises UntestableError as it, and for fewer than 19 resamples.
    """
    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    table = checked_square(x)
    inverse = np.linalg.pinv(_covariance(table), hermitian=True)

    def distance(apart: Floats) -> Floats:
        found: Floats = np.einsum("ij,jk,ik->i", apart, inverse, apart, optimize=True)
        return found

    pvalue, _ = turned_pvalue(table, distance, resamples=resamples, rng=stream(seed, table))
    statistic, degrees = float(distance(margins_apart(table)[None, :])[0]), _chi2(table)[1]
    method = f"permutation within pairs ({resamples}, seed {seed})"
    told = _Chi2(statistic=statistic, pvalue=pvalue, degrees=degrees, method=method)
    return _result("stuart-maxwell-permutation", table, told, level, checked_alpha(significance))


def _covariance(table: Counts) -> Floats:
    """Return (k, k) the covariance of `margins_apart` where the null holds."""
    matrix = -(table + table.T).astype(np.float64)
    np.fill_diagonal(matrix, table.sum(axis=1) + table.sum(axis=0) - 2 * np.diag(table))
    return matrix


def _chi2(table: Counts) -> tuple[float, int]:
    """Return statistic and degrees of freedom, summed over categories that hang together.

    Between categories of different groups no pair changes: the covariance of the whole has no
    inverse, and each group's has one.
    """
    from scipy.sparse.csgraph import connected_components
    from statsmodels.stats.contingency_tables import SquareTable

    changing = (table + table.T) * (1 - np.eye(len(table), dtype=np.int64))
    count, groups = connected_components(changing, directed=False)
    statistic, degrees = 0.0, 0
    for group in range(count):
        kept = groups == group
        if np.count_nonzero(kept) > 1:
            found: Any = SquareTable(table[kept][:, kept], shift_zeros=False).homogeneity()
            statistic += float(found.statistic)
            degrees += int(found.df)
    return statistic, degrees


@dataclass(frozen=True, kw_only=True)
class _Chi2:
    statistic: float
    pvalue: float
    degrees: int
    method: str


def _result(name: str, table: Counts, told: _Chi2, level: float, significance: float) -> TestResult:
    value, interval = variation_of_margins(table, level)
    n, disagreeing = int(table.sum()), int(table.sum() - np.trace(table))
    return TestResult(
        name=name,
        statistic=told.statistic,
        pvalue=told.pvalue,
        effect=Effect(name=TOTAL_VARIATION, value=value, interval=interval),
        n=(n,),
        method=told.method,
        reference=f"{_STUART_MAXWELL}; {MARGINS_SOURCE}",
        minimum_detectable_effect=margins_detectable(disagreeing, n, told.degrees, significance),
        details={"degrees of freedom": told.degrees, "discordant": disagreeing},
    )


TESTS = (
    StatTest(
        name="stuart-maxwell",
        purpose="have the two members of pairs the same shares of several categories?",
        assumptions="independent pairs; 10 and more that change to or from each category",
        source=_STUART_MAXWELL,
        takes=Takes.TABLE,
        run=stuart_maxwell,
    ),
    StatTest(
        name="stuart-maxwell-permutation",
        purpose="have the two members of pairs the same shares of categories? (any counts)",
        assumptions="independent pairs; under the null their members may change places",
        source=_STUART_MAXWELL,
        takes=Takes.TABLE,
        run=stuart_maxwell_permutation,
    ),
)
