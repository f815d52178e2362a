"""Paired bootstrap: an interval of the mean difference of two measures of the same rows."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.resampling.draws import batch, checked_resamples
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample

_PAIRED = "Efron, Tibshirani 1993, An Introduction to the Bootstrap, ch. 14 (BCa) and 16"
_LEAST = 5


def paired_bootstrap(
    x: ArrayLike, y: ArrayLike, *, resamples: int = 1999, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Measure the mean of (n,) values less (n,) others of the same rows, as two models' losses.

    Rows are drawn whole. No p: the BCa interval of level 1 - alpha is the answer.
    Raises UntestableError for samples of unequal length, fewer than 5 pairs, differences that are
    all equal, and fewer than 99 resamples.
    """
    from scipy import stats

    level = 1 - checked_alpha(alpha)
    first, second = (
        checked_sample(x, "x", least=_LEAST, squared=True),
        checked_sample(y, "y", least=_LEAST, squared=True),
    )
    if len(first) != len(second):
        raise UntestableError(f"x has {len(first)} values and y {len(second)}; pairs need equals")
    differences = first - second
    if np.ptp(differences) == 0:
        raise UntestableError(f"every pair differs by {differences[0]:g}: nothing varies")
    found = stats.bootstrap(
        (differences,),
        np.mean,
        vectorized=True,
        method="BCa",
        confidence_level=level,
        n_resamples=checked_resamples(resamples),
        batch=batch(len(differences)),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    value = float(differences.mean())
    return TestResult(
        name="paired-bootstrap",
        statistic=value,
        pvalue=None,
        effect=Effect(
            name="mean difference",
            value=value,
            interval=Interval(low=float(found.low), high=float(found.high), level=level),
        ),
        n=(len(differences),),
        method=f"BCa bootstrap of pairs ({resamples}, seed {seed})",
        reference=_PAIRED,
    )


TESTS = (
    StatTest(
        name="paired-bootstrap",
        purpose="an interval of the mean difference of two measures of the same rows",
        assumptions="independent pairs; dozens of them",
        source=_PAIRED,
        takes=Takes.PAIRS,
        run=paired_bootstrap,
    ),
)
