"""Four fifths: is the lower of two rates of favourable answers at least 0.8 of the higher?"""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import checked_table
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha
from headgate.jobs.validation.tests.shares.parity import rates
from headgate.jobs.validation.tests.shares.rates import disparity

_FOUR_FIFTHS = (
    "Uniform Guidelines on Employee Selection Procedures 1978, 29 CFR 1607.4 D; interval: Donner,"
    " Zou 2012, Statistical Methods in Medical Research 21, 347"
)
_RULE = 0.2


def four_fifths(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Measure a 2 x 2 table, a row for each group: [[favoured, others], [favoured, others]].

    A rule, not a test: no p. Statistic: the lower rate over the higher. Effect: 1 less that ratio,
    which the rule wants to be 0.2 at most, with an interval of level 1 - alpha; a low end below 0
    says that the other group may be the lower one. Raises UntestableError for other tables, for an
    empty group, and where nobody is favoured.
    """
    level = 1 - checked_alpha(alpha)
    first, second = rates(checked_table(x, two_by_two=True))
    if first.share == second.share == 0:
        raise UntestableError("table: no row is favoured: there is no ratio of rates")
    value, interval = disparity(first, second, level)
    if interval.low > _RULE:
        says = "violated"
    else:
        says = "kept" if interval.high <= _RULE else "open: the interval holds 0.2"
    return TestResult(
        name="four-fifths",
        statistic=1 - value,
        pvalue=None,
        effect=Effect(name="1 - ratio of rates", value=value, interval=interval),
        n=(first.n, second.n),
        method="ratio, interval from both Wilson intervals",
        reference=_FOUR_FIFTHS,
        details={"first rate": first.share, "second rate": second.share, "rule": says},
    )


TESTS = (
    StatTest(
        name="four-fifths",
        purpose="is the lower of two rates at least 0.8 of the higher?",
        assumptions="independent rows",
        source=_FOUR_FIFTHS,
        takes=Takes.TABLE,
        run=four_fifths,
    ),
)
