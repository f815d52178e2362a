"""The Kolmogorov distance as the size of a drift: an interval, what n shows, and the n it takes."""

import math

import numpy as np

from headgate.jobs.validation.tests.result import Interval, UntestableError
from headgate.jobs.validation.tests.sample import checked_alpha

KOLMOGOROV_DISTANCE = "Kolmogorov distance"
INTERVAL_SOURCE = (
    "interval: Massart 1990, Annals of Probability 18, 1269; Hoeffding 1963, JASA 58, 13"
)
DETECTABLE_SOURCE = "Massey 1950, Annals of Mathematical Statistics 21, 116"
TAIL_SOURCE = (
    "Simard, L'Ecuyer 2011, J. Statistical Software 39(11); of many values: Vrbik 2018, Pioneer J."
    " of Theoretical and Applied Statistics 15, 15; Lauwerier 1963, Zeitschrift fuer"
    " Wahrscheinlichkeitstheorie 2, 61"
)
_STEPS = 4096
_MANY = 100_000
_UNLIKELY = 1.2
"""A distance times the root of the size, where p is 0.11."""


def kolmogorov_interval(d: float, n: int, m: int, level: float = 0.95) -> Interval:
    """Return an interval for the distance of two distributions by n and m values, `d` apart.

    It covers with `level` at least, whatever the distributions, equal or not. The upper bound: at
    the one place where the truth is farthest apart, the sample's distance is at most d, and errs
    there as a difference of two shares does, whose error is at most sqrt(1/n + 1/m) / 2. The lower
    bound: d is at most the truth plus the largest error anywhere, the sum of two independent ones
    whose tails Massart bounds. Source: `INTERVAL_SOURCE`.
    """
    miss = (1 - _checked_level(level)) / 2
    low = max(0.0, d - _largest_error(n, m, miss))
    return Interval(low=low, high=min(1.0, d + error_of_shares(n, m, miss)), level=level)


def kolmogorov_tail(d: float, n: int, m: int) -> float:
    """Return P(distance >= d) without a difference, by the limit; conservative with ties.

    The law of n m / (n + m) values and their own distribution: scipy's up to 100,000, whose sum of
    as many terms would take longer than all else beyond. Source: `TAIL_SOURCE`.
    """
    size = max(1, round(n * m / (n + m)))
    if size > _MANY:
        return _tail_of_many(d, size)
    from scipy.stats import kstwo

    return float(np.clip(kstwo.sf(d, size), 0.0, 1.0))


def _tail_of_many(d: float, size: int) -> float:
    """Return P(distance of one sample to its law >= d) to 4e-6 of itself down to p = 1e-40.

    Beyond what is likely, twice the one-sided probability, by the expansion of its logarithm to
    1 / size; both sides at once hardly ever happen, which the second term counts off.
    """
    from scipy.special import kolmogorov

    z, root = d * math.sqrt(size), math.sqrt(size)
    if z < _UNLIKELY:
        return float(kolmogorov(z + 1 / (6 * root) + (z - 1) / (4 * size)))
    one_sided = math.exp(-2 * (z + 1 / (6 * root)) ** 2 + 4 * (z**2 - z**4) / (9 * size))
    return 2 * (one_sided - math.exp(-8 * (z + 1 / (6 * root)) ** 2))


def error_of_shares(n: int, m: int, miss: float) -> float:
    """Return what a difference of two shares, by n and m values, errs by with chance `miss`.

    One-sided, at the worst shares: the normal's with a correction for steps, or Hoeffding's where
    that is less.
    """
    from scipy.special import ndtri

    scale = math.sqrt(1 / n + 1 / m)
    normal = -float(ndtri(miss)) * scale / 2 + max(1 / n, 1 / m) / 2
    return min(normal, scale * math.sqrt(math.log(1 / miss) / 2))


def kolmogorov_detectable(n: int, m: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the distance that the KS test sees with this power at least, whatever its shape.

    More than 1 where n and m are too small to see any. Source: `DETECTABLE_SOURCE`.
    """
    return _detected(alpha, power) * math.sqrt(1 / n + 1 / m)


def kolmogorov_needed_n(
    effect: float, alpha: float = 0.05, power: float = 0.8, *, ratio: float = 1.0
) -> int:
    """Return the least n at which n and ceil(ratio n) values see this distance.

    Raises UntestableError for an effect outside of 0 (excluded) and 1. Source:
    `DETECTABLE_SOURCE`.
    """
    if not 0 < effect <= 1:
        raise UntestableError(f"effect is {effect:g}; it has to be above 0 and at most 1")
    return math.ceil((_detected(alpha, power) / effect) ** 2 * (1 + 1 / ratio))


def _detected(alpha: float, power: float) -> float:
    from scipy.special import kolmogi, ndtri

    if not 0 < alpha < power < 1:
        raise UntestableError(f"alpha {alpha:g}, power {power:g}; expected 0 < alpha < power < 1")
    # at the place of the largest distance the error's deviation is at most sqrt(1/n + 1/m) / 2
    return float(kolmogi(alpha)) + abs(float(ndtri(power))) / 2


def _largest_error(n: int, m: int, miss: float) -> float:
    """Return the (1 - miss) quantile of a + b, P(a > t) = 2 exp(-2 n t^2), b with m alike.

    On a grid, each rounded up: an upper bound.
    """
    most = math.sqrt(math.log(2e8) / 2)  # beyond, 1e-8 is left
    step = most * (1 / math.sqrt(n) + 1 / math.sqrt(m)) / _STEPS
    grid = np.arange(_STEPS + 1) * step
    tails = [np.minimum(1.0, 2 * np.exp(-2 * size * grid**2)) for size in (n, m)]
    first, second = (np.append(-np.diff(tail), tail[-1]) for tail in tails)
    # a within (t, t + step] is counted as t + step: both sums are one step too high each
    weights = np.fft.irfft(np.fft.rfft(first, 4 * _STEPS) * np.fft.rfft(second, 4 * _STEPS))
    beyond = 1 - np.cumsum(weights)
    return float((int(np.argmax(beyond <= miss)) + 2) * step)


def _checked_level(level: float) -> float:
    return 1 - checked_alpha(1 - level)
