"""Brier: the mean squared distance of probabilities from what happened."""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels, checked_probabilities
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import checked_alpha

_BRIER = "Brier 1950, Monthly Weather Review 78, 1; skill: Murphy 1973, J. Applied Meteorology 12"


def brier(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Measure (n,) labels of 0 and 1 against (n,) probabilities of a 1: 0 is best, 1 worst.

    A measure without a null hypothesis: no p. Its interval of level 1 - alpha is the mean's.
    The skill tells how much of the score of always saying the share of ones is gone.
    Raises UntestableError for other labels or probabilities, and where one label is absent.
    """
    from scipy.special import ndtri

    level = 1 - checked_alpha(alpha)
    positive = checked_labels(x, least=1)
    squares = (checked_probabilities(y, len(positive)) - positive) ** 2
    value, n = float(squares.mean()), len(squares)
    half = float(ndtri((1 + level) / 2)) * float(squares.std(ddof=1)) / math.sqrt(n)
    share = float(positive.mean())
    return TestResult(
        name="brier",
        statistic=value,
        pvalue=None,
        effect=Effect(
            name="Brier score",
            value=value,
            interval=Interval(low=max(0.0, value - half), high=min(1.0, value + half), level=level),
        ),
        n=(n,),
        method="mean, interval asymptotic (normal)",
        reference=_BRIER,
        details={"share of 1": share, "skill": 1 - value / (share * (1 - share))},
    )


TESTS = (
    StatTest(
        name="brier",
        purpose="how far are probabilities from what happened?",
        assumptions="independent rows",
        source=_BRIER,
        takes=Takes.LABELS_AND_SCORES,
        run=brier,
    ),
)
