"""The probability that a value of y is larger than one of x: interval, and what n shows."""

import math

SUPERIORITY = "P(x < y) + P(x = y) / 2"
SUPERIORITY_INTERVAL = "interval: Newcombe 2006, Statistics in Medicine 25, 559 (method 5)"
_EDGE = 1e-12


def superiority_interval(value: float, n: int, m: int, alpha: float) -> tuple[float, float]:
    """Return the score interval of level 1 - alpha, which stays within 0 and 1.

    Those truths from which `value` is no farther than z times the error that they would give it.
    Source: `SUPERIORITY_INTERVAL`.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    z = -float(ndtri(alpha / 2))
    others = (n + m) / 2 - 1

    def error(truth: float) -> float:
        curved = (1 - truth) / (2 - truth) + truth / (1 + truth)
        return z * math.sqrt(max(0.0, truth * (1 - truth) / n / m * (1 + others * curved)))

    # at 0 and 1 nothing errs, so that these are roots too, but not the ones that are looked for
    least, most = max(value, _EDGE), min(value, 1 - _EDGE)
    low = 0.0 if value <= _EDGE else float(brentq(lambda p: value - p - error(p), 0.0, most))
    high = 1.0 if value >= 1 - _EDGE else float(brentq(lambda p: p - value - error(p), least, 1.0))
    return low, high


def superiority_detectable(n: int, m: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the distance from 1/2 that Mann and Whitney's test sees with this power.

    Source: Noether 1987, JASA 82, 645.
    """
    from scipy.special import ndtri

    z = abs(float(ndtri(alpha / 2))) + abs(float(ndtri(power)))
    return z * math.sqrt((1 / n + 1 / m) / 12)
