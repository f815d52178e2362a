"""Are two groups answered favourably alike often: of all rows, or of those that deserve it?"""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import Counts, checked_table
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha
from headgate.jobs.validation.tests.shares.rates import Rate, difference

_INTERVAL = "interval: Newcombe 1998, Statistics in Medicine 17, 873, method 10"
_PARITY = f"Dwork et al. 2012, ITCS; {_INTERVAL}"
_ODDS = f"Hardt, Price, Srebro 2016, NeurIPS; {_INTERVAL}"
_STRATA = ("rows that deserve it", "rows that do not")


def demographic_parity(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test a 2 x 2 table, a row for each group: [[favoured, others], [favoured, others]].

    Two-sided score test of equal rates (Pearson's chi2 without correction). Effect: the first's
    rate less the second's, with Newcombe's interval of level 1 - alpha.
    Raises UntestableError for other tables, for an empty group, and where all are answered alike.
    """
    return _compared(x, "demographic-parity", _PARITY, alpha)


def equal_opportunity(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test as demographic_parity does, on a table of those rows alone that deserve it."""
    return _compared(x, "equal-opportunity", _ODDS, alpha)


def equalized_odds(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test a 4 x 2 table of favoured and others: both groups' rows that deserve it, then the rest.

    Both equal rates are the null: p is twice the smaller of the two score tests' (Bonferroni).
    Effect: the difference that is farther from 0, its interval of level 1 - alpha / 2, so that both
    strata's hold at once. Raises UntestableError as the other tests of parity do.
    """
    checked_alpha(alpha)
    table = checked_table(x)
    if table.shape != (4, 2):
        raise UntestableError(
            f"table: expected 4 rows (two groups that deserve it, the same that do not) and 2"
            f" columns, all with counts; got {table.shape[0]} x {table.shape[1]}"
        )
    parts = [_compared(part, "equalized-odds", _ODDS, alpha / 2) for part in (table[:2], table[2:])]
    place = max((0, 1), key=lambda index: abs(parts[index].effect.value))
    surest = min(parts, key=_p)
    return TestResult(
        name="equalized-odds",
        statistic=surest.statistic,
        pvalue=min(1.0, 2 * _p(surest)),
        effect=Effect(
            name="larger difference of rates",
            value=parts[place].effect.value,
            interval=parts[place].effect.interval,
        ),
        n=tuple(count for part in parts for count in part.n),
        method="asymptotic (score), smaller of two p-values doubled",
        reference=_ODDS,
        details={"larger among": _STRATA[place]},
    )


def rates(table: Counts) -> tuple[Rate, Rate]:
    """Return both groups' rates of a 2 x 2 table; raises UntestableError for an empty group."""
    found = []
    for place, (favoured, others) in enumerate(table.tolist()):
        n = favoured + others
        if n == 0:
            raise UntestableError(f"table: row {place + 1} holds no rows: there is no rate in it")
        found.append(Rate(name=str(place + 1), share=favoured / n, n=n, worth=n))
    return found[0], found[1]


def _compared(x: ArrayLike, name: str, reference: str, alpha: float) -> TestResult:
    level = 1 - checked_alpha(alpha)
    first, second = rates(checked_table(x, two_by_two=True))
    value, interval = difference(first, second, level)
    statistic, pvalue = _score(first, second)
    return TestResult(
        name=name,
        statistic=statistic,
        pvalue=pvalue,
        effect=Effect(name="difference of rates", value=value, interval=interval),
        n=(first.n, second.n),
        method="asymptotic (score)",
        reference=reference,
        details={"first rate": first.share, "second rate": second.share},
    )


def _score(first: Rate, second: Rate) -> tuple[float, float]:
    from scipy.special import ndtr

    pooled = (first.share * first.n + second.share * second.n) / (first.n + second.n)
    variance = pooled * (1 - pooled) * (1 / first.n + 1 / second.n)
    if variance <= 0:
        raise UntestableError("table: every row is answered alike: no rates can differ")
    z = (first.share - second.share) / math.sqrt(variance)
    return z, 2 * float(ndtr(-abs(z)))


def _p(result: TestResult) -> float:
    return 1.0 if result.pvalue is None else result.pvalue


TESTS = (
    StatTest(
        name="demographic-parity",
        purpose="are two groups answered favourably alike often?",
        assumptions="independent rows; 5 of each answer expected per group",
        source=_PARITY,
        takes=Takes.TABLE,
        run=demographic_parity,
    ),
    StatTest(
        name="equal-opportunity",
        purpose="are those who deserve it answered favourably alike often in two groups?",
        assumptions="a table of the rows that deserve it alone; as demographic-parity",
        source=_ODDS,
        takes=Takes.TABLE,
        run=equal_opportunity,
    ),
    StatTest(
        name="equalized-odds",
        purpose="the same among those who deserve it and among those who do not",
        assumptions="a table of 4 rows: deserving by group, the rest by group",
        source=_ODDS,
        takes=Takes.TABLE,
        run=equalized_odds,
    ),
)
