"""Two groups' rates, as a difference and as a ratio, with intervals that hold for small groups."""

import math
from dataclasses import dataclass

from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.shares.wilson import wilson_interval


@dataclass(frozen=True, kw_only=True)
class Rate:
    """The share of favourable answers in a group."""

    name: str
    share: float
    n: int
    worth: float
    """As how many independent rows they count."""

    def __str__(self) -> str:
        """Read as `red 41.2% of 120`."""
        return f"{self.name} {self.share:.1%} of {self.n}"


def difference(first: Rate, second: Rate, level: float) -> tuple[float, Interval]:
    """Return first - second and its interval, by both Wilson intervals.

    Newcombe 1998, Statistics in Medicine 17, 873, method 10.
    """
    a, b = (
        wilson_interval(first.share, first.worth, level),
        wilson_interval(second.share, second.worth, level),
    )
    value = first.share - second.share
    below = math.hypot(first.share - a.low, b.high - second.share)
    above = math.hypot(a.high - first.share, second.share - b.low)
    return value, Interval(low=value - below, high=value + above, level=level)


def disparity(first: Rate, second: Rate, level: float) -> tuple[float, Interval]:
    """Return 1 - (lower rate / higher rate), 0 where both are 0, and its interval.

    From Wilson's intervals of both to that of their ratio: Donner, Zou 2012, Statistical Methods in
    Medical Research 21, 347. Its lower end may be below 0: the other group may be the lower one.
    """
    low, high = sorted((first, second), key=lambda rate: rate.share)
    if high.share == 0:
        return 0.0, Interval(low=-1.0, high=1.0, level=level)
    a, b = (
        wilson_interval(low.share, low.worth, level),
        wilson_interval(high.share, high.worth, level),
    )
    p, q = low.share, high.share
    down = p * q - math.sqrt(
        max(0.0, (p * q) ** 2 - a.low * (2 * p - a.low) * b.high * (2 * q - b.high))
    )
    up = p * q + math.sqrt(
        max(0.0, (p * q) ** 2 - a.high * (2 * p - a.high) * b.low * (2 * q - b.low))
    )
    least = max(0.0, down / (b.high * (2 * q - b.high))) if b.high < 2 * q else 0.0
    divisor = b.low * (2 * q - b.low)
    most = up / divisor if divisor > 0 else math.inf
    # the groups may change places: a ratio of 1.5 is a disparity of 1/3 the other way
    beneath = 1 - most if most <= 1 else 1 / most - 1
    value = 1 - p / q
    return value, Interval(low=beneath, high=max(1 - least, -beneath, value), level=level)
