"""Exact tests of 2 x 2 tables: Fisher's, and Boschloo's, which sees more."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import Counts, checked_table, odds_ratio
from headgate.jobs.validation.tests.counts.variation import (
    VARIATION_SOURCE,
    total_variation_detectable,
    total_variation_effect,
)
from headgate.jobs.validation.tests.result import TestResult, UntestableError

_FISHER = (
    "Fisher 1935, JRSS 98, 39; odds ratio: conditional maximum likelihood, Cornfield 1956, Proc."
    " 3rd Berkeley Symp. 4, 135"
)
_BOSCHLOO = "Boschloo 1970, Statistica Neerlandica 24, 1"
_LARGEST_BOSCHLOO = 200
_LARGEST_FISHER = 2**31 - 1
"""scipy counts in C's int."""


def fisher(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Fisher's exact two-sided test of a 2 x 2 table; null: both rows have the same shares.

    Statistic: the sample odds ratio; details: the conditional one with its interval.
    Effect: the difference of shares, without its sign, with an interval of level 1 - alpha.
    Raises UntestableError for other tables, for an empty row, and above 2^31 - 1 counts in all.
    Source: `reference`.
    """
    from scipy import stats

    table = checked_table(x, two_by_two=True)
    if table.sum() > _LARGEST_FISHER:
        raise UntestableError(
            f"table: {table.sum()} counts in all; fisher takes {_LARGEST_FISHER} at most: use chi2"
        )
    if table.sum(axis=0).min() == 0:  # all in one category: nothing else could have come out
        return _result("fisher", table, odds_ratio(table), 1.0, _FISHER, alpha, {})
    conditional = stats.contingency.odds_ratio(table, kind="conditional")
    interval = conditional.confidence_interval(1 - alpha)
    pvalue = float(stats.fisher_exact(table).pvalue)
    details: dict[str, float | int | str] = {
        "conditional odds ratio": float(conditional.statistic),
        "odds ratio low": float(interval.low),
        "odds ratio high": float(interval.high),
    }
    return _result("fisher", table, odds_ratio(table), min(1.0, pvalue), _FISHER, alpha, details)


def boschloo(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Boschloo's exact two-sided test of a 2 x 2 table; null: both rows have the same shares.

    The rows are two binomial samples. Statistic: Fisher's p; p is the largest chance, over all
    common shares, of a Fisher's p as small.
    Effect as `fisher`. Raises UntestableError for other tables, for an empty row, and above 200
    counts in a row, where chi2 is right and this is slow. Source: `reference`.
    """
    from scipy import stats

    table = checked_table(x, two_by_two=True)
    if table.sum(axis=1).max() > _LARGEST_BOSCHLOO:
        raise UntestableError(
            f"table: {table.sum(axis=1).max()} counts in a row; boschloo takes"
            f" {_LARGEST_BOSCHLOO} at most: use fisher or chi2"
        )
    if table.sum(axis=0).min() == 0:
        return _result("boschloo", table, 1.0, 1.0, _BOSCHLOO, alpha, {})
    found = stats.boschloo_exact(table.T)  # there, the columns are the samples
    pvalue = float(np.clip(found.pvalue, 0.0, 1.0))
    return _result("boschloo", table, float(found.statistic), pvalue, _BOSCHLOO, alpha, {})


def _result(
    name: str,
    table: Counts,
    statistic: float,
    pvalue: float,
    source: str,
    alpha: float,
    details: dict[str, float | int | str],
) -> TestResult:
    n = tuple(int(row) for row in table.sum(axis=1))
    return TestResult(
        name=name,
        statistic=statistic,
        pvalue=pvalue,
        effect=total_variation_effect(table, alpha),
        n=n,
        method="exact",
        reference=f"{source}; {VARIATION_SOURCE}",
        minimum_detectable_effect=total_variation_detectable(n[0], n[1], 2),
        details=details,
    )


TESTS = (
    StatTest(
        name="fisher",
        purpose="have two samples the same share? (any counts)",
        assumptions="independent counts; conservative, as margins are taken for fixed",
        source=_FISHER,
        takes=Takes.TABLE,
        run=fisher,
    ),
    StatTest(
        name="boschloo",
        purpose="have two samples the same share? (small counts; sees more than fisher)",
        assumptions="two independent binomial samples, one a row",
        source=_BOSCHLOO,
        takes=Takes.TABLE,
        run=boschloo,
    ),
)
