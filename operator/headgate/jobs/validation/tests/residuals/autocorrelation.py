"""Whether residuals depend on the ones before them: Ljung and Box, Durbin and Watson."""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import (
    Floats,
    checked_alpha,
    checked_sample,
    standardised,
)
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_LJUNG_BOX = (
    "Ljung, Box 1978, Biometrika 65, 297; p of drawn orders: Phipson, Smyth 2010, Statistical"
    " Applications in Genetics and Molecular Biology 9, 39; interval: Bartlett 1946, JRSS"
    " Supplement 8, 27"
)
_DURBIN_WATSON = (
    "Durbin, Watson 1950, Biometrika 37, 409; p: Moran 1948, Biometrika 35, 255 (moments of the"
    " lag-1 autocorrelation); interval: Bartlett 1946, JRSS Supplement 8, 27"
)
_DEFAULT_LAGS = 10
_MOST_REORDERED = 2000
_VALUES_AT_ONCE = 1_000_000


def ljung_box(
    x: ArrayLike,
    *,
    lags: int | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Ljung and Box's test of (n,) values in order; null: their order is one as any other.

    `lags` absent: the lesser of 10 and n / 5. Up to 2000 values p is by putting them in other
    orders, whatever their distribution; beyond, by chi2 (its p is in the details), which finds too
    much in dozens of values for ten lags, and in hundreds with heavy tails. Effect: the lag-1
    autocorrelation, with an interval of level 1 - alpha by Bartlett's variance.
    Raises UntestableError below 5 values, for lags outside of 1 .. n - 1, for constants and for
    values that are not finite. Source: see `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    values = standardised(checked_sample(x, "residuals", least=5), "residuals")
    n = len(values)
    used = max(1, min(_DEFAULT_LAGS, n // 5)) if lags is None else lags
    if not 1 <= used < n:
        raise UntestableError(f"lags is {used}; {n} values allow 1 to {n - 1}")
    from scipy.special import chdtrc

    statistic = float(_portmanteau(values[None, :], used)[0])
    pvalue = by_chi2 = float(chdtrc(used, statistic))
    method = f"asymptotic (chi2, {used} degrees of freedom)"
    if n <= _MOST_REORDERED:
        pvalue = _reordered(values, used, resamples, seed)
        method = f"permutation of the order ({resamples}, seed {seed})"
    return TestResult(
        name="ljung-box",
        statistic=statistic,
        pvalue=pvalue,
        effect=_lag_one(values, alpha),
        n=(n,),
        method=method,
        reference=_LJUNG_BOX,
        minimum_detectable_effect=_detectable(n) if used == 1 else None,
        details={"lags": used, "p by chi2": by_chi2},
    )


def _portmanteau(centred: Floats, lags: int) -> Floats:
    """Return (draws,) Q of (draws, n) values of mean 0: n (n + 2) sum r[k]^2 / (n - k)."""
    n = centred.shape[1]
    power = np.einsum("ij,ij->i", centred, centred)
    total: Floats = np.zeros(len(centred))
    for lag in range(1, lags + 1):
        products = np.einsum("ij,ij->i", centred[:, lag:], centred[:, :-lag])
        total += (products / power) ** 2 / (n - lag)
    total *= n * (n + 2)
    return total


def _reordered(values: Floats, lags: int, resamples: int, seed: int) -> float:
    """Return p of Q among the orders that are drawn and the one that is there."""
    rng = stream(seed, values)
    # sums in another order are taken for equal
    seen = float(_portmanteau(values[None, :], lags)[0]) * (1 - 1e-9)
    block = max(1, _VALUES_AT_ONCE // len(values))
    as_large = 0
    for start in range(0, resamples, block):
        drawn = np.tile(values, (min(block, resamples - start), 1))
        as_large += int(np.count_nonzero(_portmanteau(rng.permuted(drawn, axis=1), lags) >= seen))
    return (1 + as_large) / (1 + resamples)


def durbin_watson(x: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Durbin and Watson's d of (n,) residuals in order; null: neighbours are not correlated.

    d = sum((x[t] - x[t-1])^2) / sum(x[t]^2), about 2 - 2 r1. Its exact p depends on the regressors,
    which a validated model does not show: p is that of r1, the lag-1 autocorrelation, by the normal
    approximation with the exact mean and variance it has for normal noise, two-sided.
    Effect: r1 with an interval of level 1 - alpha by Bartlett's variance.
    Raises UntestableError below 5 values, for constants and for values that are not finite.
    Source: see `reference`.
    """
    checked_alpha(alpha)
    residuals = checked_sample(x, "residuals", least=5)
    values = standardised(residuals, "residuals")
    from scipy.special import ndtr
    from statsmodels.stats.stattools import durbin_watson as ratio_of

    n = len(values)
    effect = _lag_one(values, alpha)
    deviation = (n - 2) / (n * math.sqrt(n - 1))
    z = (effect.value + 1 / n) / deviation
    return TestResult(
        name="durbin-watson",
        # the paper's d is not centred; the scale only keeps squares from overflowing
        statistic=float(ratio_of(residuals / np.abs(residuals).max())),
        pvalue=2 * float(ndtr(-abs(z))),
        effect=effect,
        n=(n,),
        method="normal approximation of the lag-1 autocorrelation",
        reference=_DURBIN_WATSON,
        minimum_detectable_effect=_detectable(n),
        details={"z": z},
    )


def _lag_one(values: Floats, alpha: float) -> Effect:
    """Return r1 of standardised values, and the rho that it is compatible with.

    Bartlett's variance for a first-order process is (1 - rho^2) / n; solving
    (r1 - rho)^2 <= z^2 (1 - rho^2) / n for rho keeps the interval within -1 .. 1.
    """
    from scipy.special import ndtri

    r1 = float(values[1:] @ values[:-1]) / float(values @ values)
    k = float(ndtri(1 - alpha / 2)) ** 2 / len(values)
    half = math.sqrt(k * (1 + k - r1**2))
    interval = Interval(low=(r1 - half) / (1 + k), high=(r1 + half) / (1 + k), level=1 - alpha)
    return Effect(name="lag-1 autocorrelation", value=r1, interval=interval)


def _detectable(n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the autocorrelation seen: r1 - rho is about normal, 1 / n under the null."""
    from scipy.special import ndtri

    return min(1.0, float(ndtri(1 - alpha / 2) + ndtri(power)) / math.sqrt(n))


TESTS = (
    StatTest(
        name="ljung-box",
        purpose="are values in order free of autocorrelation up to a lag?",
        assumptions="evenly spaced in time; beyond 2000 values a finite fourth moment",
        source=_LJUNG_BOX,
        takes=Takes.SAMPLE,
        run=ljung_box,
    ),
    StatTest(
        name="durbin-watson",
        purpose="are neighbouring residuals correlated?",
        assumptions="evenly spaced in time; about normal or n above 30; regressors not lagged",
        source=_DURBIN_WATSON,
        takes=Takes.SAMPLE,
        run=durbin_watson,
    ),
)
