"""Holm, Benjamini and Hochberg, Benjamini and Yekutieli as tests of a family of hypotheses."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.multiplicity.adjust import adjust
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

_HOLM = "Holm 1979, Scandinavian J. Statistics 6, 65"
_HOCHBERG = "Benjamini, Hochberg 1995, JRSS B 57, 289"
_YEKUTIELI = "Benjamini, Yekutieli 2001, Annals of Statistics 29, 1165"


def holm(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Holm's step-down procedure on (m,) p-values: any false rejection has probability <= alpha.

    The statistic is the number rejected, p the smallest adjusted p (that no hypothesis is false).
    Effect: the share rejected. Details: each adjusted p. Raises UntestableError as `adjust`.
    Source: see `reference`.
    """
    return _family("holm", "Holm", x, alpha, _HOLM)


def benjamini_hochberg(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Benjamini and Hochberg's step-up procedure: the false discovery rate is alpha at most.

    For independent or positively dependent tests; shapes, results and errors as `holm`.
    Source: see `reference`.
    """
    return _family("benjamini-hochberg", "BH", x, alpha, _HOCHBERG)


def benjamini_yekutieli(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Benjamini and Yekutieli's procedure: the false discovery rate under any dependence.

    Shapes, results and errors as `holm`. Source: see `reference`.
    """
    return _family("benjamini-yekutieli", "BY", x, alpha, _YEKUTIELI)


def _family(name: str, how: str, x: ArrayLike, alpha: float, reference: str) -> TestResult:
    checked_alpha(alpha)
    given: NDArray[np.float64] = np.asarray(x, dtype=np.float64)
    if given.ndim != 1 or not len(given):
        raise UntestableError(f"p-values: expected one column of them, got shape {given.shape}")
    adjusted = [value for value in adjust(given.tolist(), how) if value is not None]
    rejected = sum(value <= alpha for value in adjusted)
    digits = len(str(len(adjusted)))  # so that sorting by name is sorting by place
    return TestResult(
        name=name,
        statistic=float(rejected),
        pvalue=min(adjusted),
        effect=Effect(name="share rejected", value=rejected / len(adjusted)),
        n=(len(adjusted),),
        method=f"step-{'down' if how == 'Holm' else 'up'}, alpha {alpha:g}",
        reference=reference,
        details={f"adjusted p {place:0{digits}}": value for place, value in enumerate(adjusted, 1)},
    )


TESTS = (
    StatTest(
        name="holm",
        purpose="which of many p-values hold, with no false one among them?",
        assumptions="none on how the tests depend on each other",
        source=_HOLM,
        takes=Takes.PVALUES,
        run=holm,
    ),
    StatTest(
        name="benjamini-hochberg",
        purpose="which of many p-values hold, with few false ones among them?",
        assumptions="tests independent or positively dependent",
        source=_HOCHBERG,
        takes=Takes.PVALUES,
        run=benjamini_hochberg,
    ),
    StatTest(
        name="benjamini-yekutieli",
        purpose="which of many p-values hold, with few false ones, whatever the dependence?",
        assumptions="none on how the tests depend on each other",
        source=_YEKUTIELI,
        takes=Takes.PVALUES,
        run=benjamini_yekutieli,
    ),
)
