"""Sizes of differences between shares through the noncentral chi2, which their statistics follow.

Source: Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 2nd ed., ch. 7 (what n
shows); Steiger, Fouladi 1992, Behavior Research Methods 24, 581 (intervals by inversion).
"""

import math

from headgate.jobs.validation.tests.result import UntestableError

NONCENTRAL_SOURCE = "interval: Steiger, Fouladi 1992, Behavior Research Methods 24, 581"


def noncentrality_shown(degrees: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the noncentrality that a chi2 test of `degrees` sees with this power."""
    from scipy.special import chdtri, chndtrinc

    if not 0 < alpha < power < 1:
        raise UntestableError(f"alpha {alpha:g}, power {power:g}; expected 0 < alpha < power < 1")
    return float(chndtrinc(float(chdtri(degrees, alpha)), degrees, 1 - power))


def noncentrality_interval(statistic: float, degrees: int, alpha: float) -> tuple[float, float]:
    """Return the noncentralities under which `statistic` is in neither tail of alpha / 2."""
    return (
        _noncentrality(statistic, degrees, 1 - alpha / 2),
        _noncentrality(statistic, degrees, alpha / 2),
    )


def _noncentrality(statistic: float, degrees: int, below: float) -> float:
    """Return the noncentrality at which so small a statistic has the chance `below`, or 0."""
    from scipy.optimize import brentq
    from scipy.special import chdtr, chndtr, ndtri

    if statistic <= 0 or float(chdtr(degrees, statistic)) <= below:
        return 0.0
    large = 1e4
    if statistic > large:  # the series needs as many terms; by the normal's root
        root = math.sqrt(statistic - degrees / 2) - float(ndtri(below))
        return max(0.0, root**2 - degrees / 2)
    high = 2 * statistic + 100.0
    return float(brentq(lambda size: float(chndtr(statistic, degrees, size)) - below, 0.0, high))
