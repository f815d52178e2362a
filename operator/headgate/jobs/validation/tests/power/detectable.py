"""What a number of rows can show: detectable differences, power, and the rows that it takes."""

import math
from collections.abc import Callable
from functools import partial

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

MEANS = "Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., ch. 2"
PROPORTIONS = (
    "Fleiss, Levin, Paik 2003, Statistical Methods for Rates and Proportions, 3rd ed., ch. 4"
)
_LARGE = 100_000
"""Degrees of freedom from which t is taken for normal: power differs by less than 1e-5."""
_SMALLEST = 1e-12
_MOST_ROWS = 10**15


def two_sample_mean_power(effect: float, n: int, m: int, alpha: float = 0.05) -> float:
    """Return the power of the two-sided two-sample t test, n and m rows.

    `effect` is the difference of the means in their common standard deviation.
    Raises UntestableError below 2 rows in either, and for few rows at a tiny alpha.
    Source: `MEANS`.
    """
    from scipy.special import ncfdtr, ndtr, ndtri, stdtrit

    _check_rows(n, m)
    checked_alpha(alpha)
    degrees = n + m - 2
    shift = abs(effect) * math.sqrt(n / (n + m) * m)
    if degrees >= _LARGE:
        critical = float(ndtri(1 - alpha / 2))
        return float(ndtr(shift - critical) + ndtr(-shift - critical))
    critical = float(stdtrit(degrees, 1 - alpha / 2))
    # both tails at once, as t^2 is F: nctdtr of scipy 1.18 is NaN where the wrong tail is small
    missed = float(ncfdtr(1, degrees, shift**2, critical**2))
    if math.isnan(missed):  # two degrees of freedom at 1e-10
        raise UntestableError(f"samples of {n} and {m} rows are too small for alpha {alpha:g}")
    return 1 - missed


def two_sample_mean_detectable(n: int, m: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the difference of two means seen with this power, in standard deviations.

    By n and m rows and a two-sided t test. Raises UntestableError below 2 rows in either, and for
    alpha or power that are not within 0 < alpha < power < 1. Source: `MEANS`.
    """
    from scipy.special import ndtri

    _check_levels(alpha, power)
    _check_rows(n, m)
    high = float(ndtri(1 - alpha / 2) + abs(ndtri(power))) * math.sqrt(1 / n + 1 / m)
    while two_sample_mean_power(high, n, m, alpha) < power:
        high *= 2
    return _root(lambda effect: two_sample_mean_power(effect, n, m, alpha) - power, high)


def needed_n_two_sample_mean(
    effect: float, alpha: float = 0.05, power: float = 0.8, *, ratio: float = 1.0
) -> int:
    """Return the least n at which n and ceil(ratio n) rows see this effect with this power.

    `effect` in standard deviations, above 0. Raises UntestableError for any other, for levels as
    `two_sample_mean_detectable`, and where 1e15 rows do not suffice. Source: `MEANS`.
    """
    _check_levels(alpha, power)
    _check_wanted(effect)
    return _least_rows(lambda n: two_sample_mean_power(effect, n, _other(n, ratio), alpha) >= power)


def proportion_power(p: float, q: float, n: int, m: int, alpha: float = 0.05) -> float:
    """Return the power of the two-sided z test that n draws of share p and m of q are alike.

    The test's error is pooled, the truth's is not. Raises UntestableError below 2 rows in either
    and for shares outside of 0 .. 1. Source: `PROPORTIONS`.
    """
    from scipy.special import ndtr, ndtri

    _check_rows(n, m)
    checked_alpha(alpha)
    for share in (p, q):
        _check_share(share)
    difference = abs(q - p)
    pooled = (n * p + m * q) / (n + m)
    under_null = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    in_truth = math.sqrt(p * (1 - p) / n + q * (1 - q) / m)
    limit = float(ndtri(1 - alpha / 2)) * under_null
    if in_truth == 0:  # shares of 0 or 1: every draw is the same
        return 1.0 if difference > limit else 0.0
    return float(ndtr((difference - limit) / in_truth) + ndtr((-difference - limit) / in_truth))


def proportion_detectable(
    n: int, m: int, p: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the difference to share p seen with this power, by n rows of p and m of the other.

    It is seen both upwards and downwards where both are within 0 .. 1: the larger of the two.
    Infinite where no possible share is different enough. Raises as `proportion_power`, and for
    levels as `two_sample_mean_detectable`. Source: `PROPORTIONS`.
    """
    _check_levels(alpha, power)
    _check_rows(n, m)
    _check_share(p)
    directions = ((1.0, 1 - p), (-1.0, p))
    found = [
        _root(partial(_lacking, p, sign, n, m, alpha, power), room)
        for sign, room in directions
        if room > _SMALLEST and _lacking(p, sign, n, m, alpha, power, room) >= 0
    ]
    return max(found, default=math.inf)


def needed_n_proportion(
    p: float, difference: float, alpha: float = 0.05, power: float = 0.8, *, ratio: float = 1.0
) -> int:
    """Return the least n at which n rows of share p and ceil(ratio n) see this difference.

    Upwards and downwards, where both are within 0 .. 1. Raises UntestableError where neither is,
    for levels as `two_sample_mean_detectable`, and where 1e15 rows do not suffice.
    Source: `PROPORTIONS`.
    """
    _check_levels(alpha, power)
    _check_share(p)
    _check_wanted(difference)
    others = [q for q in (p + difference, p - difference) if 0 <= q <= 1]
    if not others:
        raise UntestableError(
            f"difference is {difference:g}: no share is that far from {p:g}; at most "
            f"{max(p, 1 - p):g} is"
        )

    def enough(n: int) -> bool:
        return all(proportion_power(p, q, n, _other(n, ratio), alpha) >= power for q in others)

    return _least_rows(enough)


def needed_n_at_root_n(n: int, detectable: float, wanted: float) -> int:
    """Return the rows that see `wanted` where n see `detectable`: errors shrink with sqrt(n).

    For any effect whose standard error does so. Raises UntestableError for a `wanted` not above 0.
    """
    _check_wanted(wanted)
    return math.ceil(n * (detectable / wanted) ** 2)


def _root(lacking: Callable[[float], float], high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lacking, _SMALLEST, high, xtol=1e-14, rtol=1e-12))


def _least_rows(enough: Callable[[int], bool]) -> int:
    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
        if high > _MOST_ROWS:
            raise UntestableError(f"{_MOST_ROWS:g} rows do not show so small an effect")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _other(n: int, ratio: float) -> int:
    return max(2, math.ceil(ratio * n))


def _lacking(
    p: float, sign: float, n: int, m: int, alpha: float, power: float, size: float
) -> float:
    other = min(1.0, max(0.0, p + sign * size))  # rounding may lead out of 0 .. 1
    return proportion_power(p, other, n, m, alpha) - power


def _check_rows(n: int, m: int) -> None:
    if min(n, m) < 2:  # noqa: PLR2004  (one row has no spread)
        raise UntestableError(f"samples of {n} and {m} rows; each needs at least 2")


def _check_levels(alpha: float, power: float) -> None:
    if not 0 < alpha < power < 1:
        raise UntestableError(f"alpha {alpha:g}, power {power:g}; expected 0 < alpha < power < 1")


def _check_share(p: float) -> None:
    if not 0 <= p <= 1:
        raise UntestableError(f"share is {p:g}; it has to be within 0 and 1")


def _check_wanted(effect: float) -> None:
    if not (math.isfinite(effect) and effect > 0):
        raise UntestableError(f"effect is {effect:g}; it has to be above 0 and finite")
