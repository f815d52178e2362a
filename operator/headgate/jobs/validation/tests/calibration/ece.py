"""ECE: by how much do probabilities miss the frequencies that are seen, on average?"""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.calibration.calibration_error import calibration_error
from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.grouping import Groups
from headgate.jobs.validation.tests.labels import checked_labels, checked_probabilities
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_ECE = (
    "Naeini, Cooper, Hauskrecht 2015, AAAI; noise taken out as in Broecker 2012, Climate Dynamics"
    " 39, 655"
)
_LEAST = 20
_LEAST_BINS = 2


def ece(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bins: int = 10,
    bound: float = 0.0,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Measure (n,) labels of 0 and 1 against (n,) probabilities of a 1, in bins of equal counts.

    Statistic: the mean over rows of |share of ones - mean probability| of each one's bin, as most
    libraries print it. It is too large even for right probabilities, by about sqrt(bins / n) times
    0.8 of a label's deviation. Effect: the same without what noise alone adds (each bin's gap is
    taken for |N(gap, its error)|): never below 0, so that a small error is still overstated a
    little, by a third of what it was. With an interval of level 1 - alpha: the upper end by the
    error of the gaps as they are, the lower one by gaps whose signs are taken from the other half
    of the rows, which overstate nothing. Null: the error is `bound` at most, one-sided, by the
    same halves, which `seed` draws. Bins hide what cancels within them.
    Raises UntestableError below 20 rows or 2 bins, and for a bound outside of 0 to 1.
    """
    level = 1 - checked_alpha(alpha)
    if bins < _LEAST_BINS:
        raise UntestableError(f"bins is {bins}; at least {_LEAST_BINS} are needed")
    if not 0 <= bound < 1:
        raise UntestableError(f"bound is {bound:g}; it has to be from 0 to below 1, as 0.05")
    positive = checked_labels(x, least=1)
    probability = checked_probabilities(y, len(positive))
    n = len(positive)
    if n < _LEAST:
        raise UntestableError(f"x: has {n} rows; at least {_LEAST} are needed")
    found = calibration_error(
        positive.astype(float), probability, Groups.of_rows(n), bins=bins, level=level, seed=seed
    )
    return TestResult(
        name="ece",
        statistic=found.plain,
        pvalue=found.pvalue(bound),
        effect=Effect(
            name="expected calibration error", value=found.value, interval=found.interval
        ),
        n=(n,),
        method=f"{found.bins} bins of equal counts, halves by seed {seed}, asymptotic (normal)",
        reference=_ECE,
        details={"bins": found.bins, "bound": bound},
    )


TESTS = (
    StatTest(
        name="ece",
        purpose="by how much do probabilities miss the frequencies seen, on average? (bound=...)",
        assumptions="independent rows; dozens per bin; bins show what matters",
        source=_ECE,
        takes=Takes.LABELS_AND_SCORES,
        run=ece,
    ),
)
