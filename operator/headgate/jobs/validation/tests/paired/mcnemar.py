"""McNemar: of two answers to the same rows, is one right more often?"""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import checked_table
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_MCNEMAR = (
    "McNemar 1947, Psychometrika 12, 153; interval: Agresti, Min 2005, Statistics in Medicine 24,"
    " 729"
)
_LEAST_DISCORDANT = 25


def mcnemar(x: ArrayLike, *, correction: bool = False, alpha: float = 0.05) -> TestResult:
    """Two-sided test of a 2 x 2 table of pairs, [[both, only first], [only second, neither]].

    Exact (binomial) below 25 pairs that disagree, else chi2 with 1 degree of freedom, with Edwards'
    correction where asked for. Effect: the share of the first less that of the second, with an
    interval of level 1 - alpha. Raises UntestableError for other tables.
    """
    from scipy import stats

    level = 1 - checked_alpha(alpha)
    table = checked_table(x, two_by_two=True, empty_rows=True)
    b, c, n = float(table[0, 1]), float(table[1, 0]), float(table.sum())
    if b + c == 0:
        raise UntestableError("table: no pair disagrees: there is nothing to compare")
    excess = max(0.0, abs(b - c) - float(correction))
    statistic = excess**2 / (b + c)
    exact = b + c < _LEAST_DISCORDANT
    if exact:
        pvalue = float(stats.binomtest(int(min(b, c)), int(b + c)).pvalue)
    else:
        pvalue = float(stats.chi2.sf(statistic, 1))
    corrected = ", with continuity correction" if correction and not exact else ""
    return TestResult(
        name="mcnemar",
        statistic=statistic,
        pvalue=pvalue,
        effect=Effect(
            name="difference of shares", value=(b - c) / n, interval=_interval(b, c, n, level)
        ),
        n=(int(n),),
        method="exact (binomial)" if exact else f"asymptotic (chi2){corrected}",
        reference=_MCNEMAR,
        details={"discordant": int(b + c)},
    )


def _interval(b: float, c: float, n: float, level: float) -> Interval:
    """Wald's with half a pair added to each cell, which covers where it does not."""
    from scipy.special import ndtri

    b, c, n = b + 0.5, c + 0.5, n + 2
    centre = (b - c) / n
    half = float(ndtri((1 + level) / 2)) * math.sqrt((b + c) - (b - c) ** 2 / n) / n
    return Interval(low=max(-1.0, centre - half), high=min(1.0, centre + half), level=level)


TESTS = (
    StatTest(
        name="mcnemar",
        purpose="of two answers to the same rows, is one right more often?",
        assumptions="independent pairs",
        source=_MCNEMAR,
        takes=Takes.TABLE,
        run=mcnemar,
    ),
)
