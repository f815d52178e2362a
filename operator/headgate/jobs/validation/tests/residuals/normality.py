"""Whether residuals are normal: Shapiro-Wilk and Jarque-Bera."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample, standardised

_LARGEST_SHAPIRO = 5000
_BLOCK = 1_000_000
_ROYSTON = (
    "Shapiro, Wilk 1965, Biometrika 52, 591; p: Royston 1995, Applied Statistics 44, 547 (AS R94)"
)
_JARQUE_BERA = (
    "Jarque, Bera 1980, Economics Letters 6, 255; 1987, International Stat. Review 55, 163"
)


def shapiro_wilk(x: ArrayLike) -> TestResult:
    """Shapiro and Wilk's W of (n,) values; null: they are independent draws of one normal.

    Effect: 1 - W, the share of variance that the normal's order statistics do not explain.
    Raises UntestableError below 3 values, above 5000 (Royston's p is not fitted beyond; and at such
    n any trifle is significant), for constants and for values that are not finite.
    Source: see `reference`.
    """
    values = checked_sample(x, "residuals", least=3)
    n = len(values)
    if n > _LARGEST_SHAPIRO:
        raise UntestableError(
            f"residuals: {n} values; shapiro-wilk takes {_LARGEST_SHAPIRO} at most: thin the "
            "sample to a random part of it by the plan's seed, or use jarque-bera"
        )
    from scipy import stats

    scaled = standardised(values, "residuals")
    # a sample that is the normal's order statistics to the last digit has W = 1, and log(1 - W) no
    # value: p is 1 then, which is set below
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic, pvalue = (float(value) for value in stats.shapiro(scaled))
    if statistic >= 1:
        statistic = pvalue = 1.0
    return TestResult(
        name="shapiro-wilk",
        statistic=statistic,
        pvalue=pvalue,
        effect=Effect(name="1 - W", value=1 - statistic),
        n=(n,),
        method="exact for n = 3, else Royston's approximation",
        reference=_ROYSTON,
    )


def jarque_bera(x: ArrayLike, *, resamples: int = 0, seed: int = 0) -> TestResult:
    """Jarque and Bera's test of (n,) values; null: skewness 0 and kurtosis 3 as the normal's.

    `resamples` = 0 takes p from chi2(2), which is right for thousands of values and rejects too
    seldom at 5% below; more draws that many normal samples of n by `seed`, which is exact at any n.
    Effect: JB / n = skewness^2 / 6 + excess kurtosis^2 / 24.
    Raises UntestableError below 4 values, for constants and for values that are not finite.
    Source: see `reference`.
    """
    values = checked_sample(x, "residuals", least=4)
    if resamples < 0:
        raise UntestableError(f"resamples is {resamples}; expected 0 (chi2) or, say, 9999")
    n = len(values)
    scaled = standardised(values, "residuals")
    skewness, kurtosis = (float(moment[0]) for moment in _moments(scaled[None, :]))
    share = skewness**2 / 6 + kurtosis**2 / 24
    if resamples:
        pvalue = _simulated(share, n, resamples, seed)
        method = f"monte carlo ({resamples}, seed {seed})"
    else:
        pvalue = math.exp(-n * share / 2)  # chi2 with two degrees of freedom
        method = "asymptotic (chi2, 2 degrees of freedom)"
    return TestResult(
        name="jarque-bera",
        statistic=n * share,
        pvalue=pvalue,
        effect=Effect(name="JB / n", value=share),
        n=(n,),
        method=method,
        reference=_JARQUE_BERA,
        details={"skewness": skewness, "excess kurtosis": kurtosis},
    )


def _moments(samples: Floats) -> tuple[Floats, Floats]:
    """Return skewness and excess kurtosis of each row, both biased as in the paper."""
    centred = samples - samples.mean(axis=1, keepdims=True)
    square = centred**2
    variance = square.mean(axis=1)
    skewness: Floats = (square * centred).mean(axis=1) / variance**1.5
    kurtosis: Floats = (square**2).mean(axis=1) / variance**2 - 3
    return skewness, kurtosis


def _simulated(share: float, n: int, resamples: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    rows = max(1, _BLOCK // n)
    as_large = 0
    for start in range(0, resamples, rows):
        drawn = rng.standard_normal((min(rows, resamples - start), n))
        skewness, kurtosis = _moments(drawn)
        as_large += int(np.count_nonzero(skewness**2 / 6 + kurtosis**2 / 24 >= share))
    return (as_large + 1) / (resamples + 1)


TESTS = (
    StatTest(
        name="shapiro-wilk",
        purpose="are the values normal?",
        assumptions="independent values, no ties to speak of; 3 <= n <= 5000",
        source=_ROYSTON,
        takes=Takes.SAMPLE,
        run=shapiro_wilk,
    ),
    StatTest(
        name="jarque-bera",
        purpose="have the values the skewness and the kurtosis of a normal?",
        assumptions="independent values; chi2 holds for large n (resamples=9999 for any)",
        source=_JARQUE_BERA,
        takes=Takes.SAMPLE,
        run=jarque_bera,
    ),
)
