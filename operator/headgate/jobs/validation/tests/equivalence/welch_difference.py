"""The difference of two means without a common variance (Welch), held against any value."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import checked_sample


@dataclass(frozen=True, kw_only=True)
class Difference:
    """mean(x) - mean(y), its standard error and Welch and Satterthwaite's degrees of freedom."""

    value: float
    error: float
    degrees: float
    n: tuple[int, int]

    def t(self, against: float) -> float:
        """Return the t statistic of the null that the difference is `against`."""
        return (self.value - against) / self.error

    def below(self, against: float) -> float:
        """Return the probability of so low a difference, or a lower one, under that null."""
        from scipy.special import stdtr

        return float(stdtr(self.degrees, self.t(against)))

    def above(self, against: float) -> float:
        """Return the probability of so high a difference, or a higher one, under that null."""
        from scipy.special import stdtr

        return float(stdtr(self.degrees, -self.t(against)))

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return both one-sided confidence bounds, each at level 1 - alpha."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.degrees, 1 - alpha)) * self.error
        return self.value - half, self.value + half


def welch_difference(x: ArrayLike, y: ArrayLike) -> Difference:
    """Return the difference of the means of (n,) x and (m,) y.

    Raises UntestableError below two values in either, where both are constant, and where the
    difference is too large for a number. Source: Welch 1947, Biometrika 34, 28.
    """
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    if largest == 0:
        raise UntestableError("x and y: all values are 0; there is no error to hold them against")
    first, second = first / largest, second / largest  # squares of values near 1e308 overflow
    n, m = len(first), len(second)
    variances = float(first.var(ddof=1)) / n, float(second.var(ddof=1)) / m
    total = sum(variances)
    if math.sqrt(total) <= np.finfo(np.float64).eps:
        raise UntestableError(
            f"x and y: each is constant ({first[0] * largest:g} and {second[0] * largest:g}); "
            "there is no error to hold the difference against"
        )
    shares = variances[0] / total, variances[1] / total
    difference = (float(first.mean()) - float(second.mean())) * largest
    if not math.isfinite(difference):
        raise UntestableError(f"x and y: values up to {largest:g} have no finite difference")
    return Difference(
        value=difference,
        error=math.sqrt(total) * largest,
        degrees=1 / (shares[0] ** 2 / (n - 1) + shares[1] ** 2 / (m - 1)),
        n=(n, m),
    )


def checked_margin(margin: float | None, *, zero: bool = False) -> float:
    """Return the margin; raises UntestableError where none, or no positive one, was given.

    `zero` allows 0 too.
    """
    if margin is None:
        raise UntestableError(
            "margin is not given: say which difference of the means is too small to matter, in the "
            "values' unit"
        )
    if not math.isfinite(margin) or margin < 0 or (margin == 0 and not zero):
        least = "at least 0" if zero else "above 0"
        raise UntestableError(f"margin is {margin:g}; it has to be {least} and finite")
    return margin
