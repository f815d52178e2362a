"""Cox: are probabilities too extreme (slope below 1) or too timid (above)?"""

import math
import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels, checked_probabilities
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha

_COX = "Cox 1958, Biometrika 45, 562; Miller, Hui, Tierney 1991, Statistics in Medicine 10, 1213"


def calibration_slope(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test (n,) labels of 0 and 1 against (n,) probabilities of a 1, two-sided.

    Logistic regression of the label on the logarithm of the odds. Null: the slope is 1 (Wald).
    Effect: the slope, with an interval of level 1 - alpha. The details have the intercept, and the
    likelihood ratio of both being right (slope 1, intercept 0; chi2, 2 degrees of freedom).
    Raises UntestableError for probabilities of 0 or 1, equal ones, and labels that they separate.
    """
    from scipy import stats
    from scipy.special import ndtr, ndtri

    level = 1 - checked_alpha(alpha)
    positive = checked_labels(x, least=2)
    probability = checked_probabilities(y, len(positive), inside=True)
    odds = np.log(probability) - np.log1p(-probability)
    _refuse_what_has_no_slope(odds, positive)
    (intercept, slope), error, likelihood = _fitted(odds, positive)
    z, half = (slope - 1) / error, float(ndtri((1 + level) / 2)) * error
    told = float(np.where(positive, np.log(probability), np.log1p(-probability)).sum())
    ratio = max(0.0, 2 * (likelihood - told))
    return TestResult(
        name="calibration-slope",
        statistic=z,
        pvalue=2 * float(ndtr(-abs(z))),
        effect=Effect(
            name="calibration slope",
            value=slope,
            interval=Interval(low=slope - half, high=slope + half, level=level),
        ),
        n=(len(positive),),
        method="asymptotic (Wald)",
        reference=_COX,
        details={
            "intercept": intercept,
            "error": error,
            "likelihood ratio": ratio,
            "likelihood ratio p": float(stats.chi2.sf(ratio, 2)),
        },
    )


def _refuse_what_has_no_slope(odds: Floats, positive: NDArray[np.bool_]) -> None:
    if np.ptp(odds) == 0:
        raise UntestableError("y: all probabilities are equal; no slope can be seen")
    ones, zeros = odds[positive], odds[~positive]
    if ones.min() >= zeros.max() or zeros.min() >= ones.max():
        raise UntestableError(
            "y: a threshold separates the labels; the slope has no finite estimate: take more rows"
        )


def _fitted(odds: Floats, positive: NDArray[np.bool_]) -> tuple[tuple[float, float], float, float]:
    """Return (intercept, slope), the slope's standard error and the log-likelihood."""
    from statsmodels.api import Logit
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    design = np.column_stack([np.ones(len(odds)), odds])
    model = Logit(positive.astype(np.float64), design)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is asked below whether it did
        fit = model.fit(disp=0, maxiter=100, tol=1e-12)
    error = float(fit.bse[1])
    if not fit.mle_retvals["converged"] or not math.isfinite(error):
        raise UntestableError("y: the regression on the logarithm of the odds does not converge")
    return (float(fit.params[0]), float(fit.params[1])), error, float(fit.llf)


TESTS = (
    StatTest(
        name="calibration-slope",
        purpose="are probabilities too extreme, or too timid?",
        assumptions="independent rows; odds wrong by a factor and a power at most",
        source=_COX,
        takes=Takes.LABELS_AND_SCORES,
        run=calibration_slope,
    ),
)
