"""Spiegelhalter: is the Brier score what calibrated probabilities would get?"""

import math

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels, checked_probabilities
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_SPIEGELHALTER = "Spiegelhalter 1986, Statistics in Medicine 5, 421"


def spiegelhalter(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test (n,) labels of 0 and 1 against (n,) probabilities of a 1, two-sided.

    Null: each label is 1 with its probability. Effect: the Brier score less its expectation under
    the null, above 0 for probabilities that are too extreme, with an interval of level 1 - alpha.
    Blind to what cancels in that one number: see hosmer-lemeshow and calibration-slope.
    Raises UntestableError where every probability is 0, 0.5 or 1: the score is then fixed.
    """
    from scipy.special import ndtr, ndtri

    level = 1 - checked_alpha(alpha)
    positive = checked_labels(x, least=1)
    probability = checked_probabilities(y, len(positive))
    n, tilt = len(positive), 1 - 2 * probability
    spread = math.sqrt(float((tilt**2 * probability * (1 - probability)).sum()))
    if spread == 0:
        raise UntestableError("y: every probability is 0, 0.5 or 1; no other is scored otherwise")
    excess = (positive - probability) * tilt
    z, value = float(excess.sum()) / spread, float(excess.mean())
    half = float(ndtri((1 + level) / 2)) * float(excess.std(ddof=1)) / math.sqrt(n)
    return TestResult(
        name="spiegelhalter",
        statistic=z,
        pvalue=2 * float(ndtr(-abs(z))),
        effect=Effect(
            name="Brier score less its expectation",
            value=value,
            interval=Interval(low=value - half, high=value + half, level=level),
        ),
        n=(n,),
        method="asymptotic (normal)",
        reference=_SPIEGELHALTER,
        details={"Brier score": float(((positive - probability) ** 2).mean())},
    )


TESTS = (
    StatTest(
        name="spiegelhalter",
        purpose="is the Brier score what calibrated probabilities would get?",
        assumptions="independent rows",
        source=_SPIEGELHALTER,
        takes=Takes.LABELS_AND_SCORES,
        run=spiegelhalter,
    ),
)
