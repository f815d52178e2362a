"""Pearson's chi2: are the rows' shares alike? By its limit, or by tables with the same margins."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import (
    Counts,
    checked_table,
    expected_counts,
    monte_carlo_pvalue,
)
from headgate.jobs.validation.tests.counts.variation import (
    VARIATION_SOURCE,
    total_variation_detectable,
    total_variation_effect,
    total_variation_of,
)
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.noncentral import (
    NONCENTRAL_SOURCE,
    noncentrality_interval,
    noncentrality_shown,
)
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, checked_resamples

_PEARSON = "Pearson 1900, Philosophical Magazine 50, 157"
_CRAMER = "Cramer 1946, Mathematical Methods of Statistics, ch. 21"
_PERMUTED = "Hope 1968, JRSS B 30, 582; tables: Patefield 1981, Applied Statistics 30, 91 (AS 159)"


def chi2(x: ArrayLike, *, correction: bool = False, alpha: float = 0.05) -> TestResult:
    """Test a table of (rows, columns) counts; null: all rows have the same shares.

    For expected counts of 5 and more (details: the least). `correction` is Yates' for 2 x 2, which
    makes the test conservative. Empty rows and columns are left out.
    Effect: for two rows the total variation distance of their shares, for more Cramer's V, with an
    interval of level 1 - alpha; the other one is in the details.
    Raises UntestableError for what is no table of counts of two rows and columns at least.
    Source: `reference`.
    """
    from scipy import stats

    table = checked_table(x)
    statistic, pvalue, degrees, _ = stats.chi2_contingency(table, correction=correction)
    corrected = ", with continuity correction" if correction and table.shape == (2, 2) else ""
    method = f"asymptotic (chi2, {degrees} degrees of freedom{corrected})"
    return _result("chi2", table, float(statistic), float(pvalue), method, _PEARSON, alpha)


def chi2_permutation(
    x: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test as `chi2`, for any counts: p by random tables with the same margins.

    Shapes, effect and errors are those of `chi2`. Source: `reference`.
    """
    checked_resamples(resamples)
    table = checked_table(x)
    expected = expected_counts(table)

    def statistic(tables: Floats) -> Floats:
        found: Floats = ((tables - expected) ** 2 / expected).sum(axis=(-2, -1))
        return found

    value = float(statistic(table.astype(np.float64)))
    pvalue = monte_carlo_pvalue(table, statistic, resamples=resamples, seed=seed)
    method = f"monte carlo with fixed margins ({resamples}, seed {seed})"
    return _result("chi2-permutation", table, value, pvalue, method, _PERMUTED, alpha)


def _result(
    name: str,
    table: Counts,
    statistic: float,
    pvalue: float,
    method: str,
    source: str,
    alpha: float,
) -> TestResult:
    rows, columns = table.shape
    n = tuple(int(row) for row in table.sum(axis=1))
    cramer = _cramers_v(table, alpha)
    details: dict[str, float | int | str] = {
        "degrees of freedom": (rows - 1) * (columns - 1),
        "least expected count": float(expected_counts(table).min()),
        "Cramer's V": cramer.value,
    }
    if rows == 2:  # noqa: PLR2004  (two samples)
        effect = total_variation_effect(table, alpha)
        shown = total_variation_detectable(n[0], n[1], columns)
        source = f"{source}; {VARIATION_SOURCE}"
    else:
        effect = cramer
        shown = math.sqrt(
            noncentrality_shown((rows - 1) * (columns - 1)) / sum(n) / (min(rows, columns) - 1)
        )
        source = f"{source}; {_CRAMER}; {NONCENTRAL_SOURCE}"
        details["largest total variation distance"] = _farthest(table)
    return TestResult(
        name=name,
        statistic=statistic,
        pvalue=pvalue,
        effect=effect,
        n=n,
        method=method,
        reference=source,
        minimum_detectable_effect=shown,
        details=details,
    )


def _cramers_v(table: Counts, alpha: float) -> Effect:
    """Return sqrt(chi2 / N / (least side - 1)), 0 to 1, with its interval."""
    expected = expected_counts(table)
    statistic = float(((table - expected) ** 2 / expected).sum())
    rows, columns = table.shape
    scale = float(table.sum()) * (min(rows, columns) - 1)
    bounds = noncentrality_interval(statistic, (rows - 1) * (columns - 1), checked_alpha(alpha))
    value, low, high = (min(1.0, math.sqrt(one / scale)) for one in (statistic, *bounds))
    # V overstates the truth by what chance adds, which its interval leaves out
    interval = Interval(low=min(low, value), high=max(high, value), level=1 - alpha)
    return Effect(name="Cramer's V", value=value, interval=interval)


def _farthest(table: Counts) -> float:
    counts = table.astype(np.float64)
    return max(
        float(total_variation_of(counts[[first, second]]))
        for first in range(len(counts))
        for second in range(first)
    )


TESTS = (
    StatTest(
        name="chi2",
        purpose="have the rows of a table the same shares?",
        assumptions="independent counts; expected counts of 5 and more",
        source=_PEARSON,
        takes=Takes.TABLE,
        run=chi2,
    ),
    StatTest(
        name="chi2-permutation",
        purpose="have the rows of a table the same shares? (small counts)",
        assumptions="independent counts",
        source=_PERMUTED,
        takes=Takes.TABLE,
        run=chi2_permutation,
    ),
)
