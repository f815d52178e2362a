"""An estimate with an error, held against a bound: p, interval, and the rows that would decide."""

import math

from headgate.jobs.validation.finding import Side
from headgate.jobs.validation.tests.result import Interval

_MOST_ROWS = 10**12


def size_interval(value: float, error: float, degrees: float, level: float) -> Interval:
    """Return the interval of |estimate|, by Student's t around the signed one."""
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, (1 + level) / 2)) * error
    return folded(Interval(low=value - half, high=value + half, level=level))


def folded(interval: Interval) -> Interval:
    """Return what an interval of x says of |x|."""
    low, high = sorted((abs(interval.low), abs(interval.high)))
    if interval.low <= 0 <= interval.high:
        low = 0.0
    return Interval(low=low, high=high, level=interval.level)


def size_pvalue(value: float, error: float, bound: float, degrees: float) -> float:
    """Return p of the null that |truth| is at most `bound`: small where it is beyond.

    The chance of so large an estimate, either way, where the truth lies on the bound: estimate
    minus truth is taken for Student's t times `error`.
    """
    from scipy.special import stdtr

    size = abs(value)
    if error == 0:
        return 1.0 if size <= bound else 0.0
    above = float(stdtr(degrees, (bound - size) / error))
    below = float(stdtr(degrees, -(bound + size) / error))
    return min(1.0, above + below)


def needed_rows(n: int, value: float, interval: Interval | None, bound: float) -> int | None:
    """Return the rows at which an interval around the same value would leave the bound out.

    An interval's width shrinks with the root of n. None where it leaves it out already, and where
    no number of rows would do, because the value is the bound.
    """
    if interval is None:
        return None
    half = interval.high - value if value < bound else value - interval.low
    distance = abs(value - bound)
    if distance == 0 or not math.isfinite(half) or half < distance:
        return None
    needed = n * (half / distance) ** 2
    return math.ceil(needed) if needed < _MOST_ROWS else None


def bound_pvalue(
    value: float, interval: Interval, bound: float, side: Side, degrees: float = math.inf
) -> float | None:
    """Return p of the null that the truth is on the good side of `bound`: small where it is not.

    One-sided, by Student's t with these degrees of freedom or the normal, with the error read off
    the interval: its end that lies towards the bound, so that an interval that is not symmetric is
    not taken for one. None where the interval has no width there: whatever was drawn again gave the
    same, which is no error to reckon with.
    """
    from scipy.special import stdtr, stdtrit

    width = interval.high - value if value < bound else value - interval.low
    error = width / float(stdtrit(degrees, (1 + interval.level) / 2))
    if not (error > 0 and math.isfinite(error)):
        return None
    z = (value - bound) / error
    return float(stdtr(degrees, -z if side is Side.AT_MOST else z))
