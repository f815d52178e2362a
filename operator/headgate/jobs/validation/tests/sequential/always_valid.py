"""A test of two means that holds at any look, however often one looks, with no plan of looks.

A mixture of likelihood ratios over normally distributed effects is a martingale under the null: it
reaches 1 / alpha with probability alpha at most over all times together (Ville). The gates of a
rollout use the same principle on counts of errors, conditionally on each error and without any
approximation: headgate/model/gates/error_ratio.py, docs/adr/0005-always-valid-gates.md.
This one is for means of any values, 0 and 1 included, by their estimated variances.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample

_ALWAYS_VALID = (
    "Robbins 1970, Annals of Math. Statistics 41, 1397 (normal mixture); Johari, Koomen, Pekelis,"
    " Walsh 2022, Operations Research 70, 1806 (always valid p); Waudby-Smith, Arbour, Sinha,"
    " Kennedy, Ramdas 2024, Annals of Statistics 52, 2613 (estimated variances)"
)


@dataclass(frozen=True, kw_only=True)
class Path:
    """What was known at each time, in order; all (k,)."""

    difference: Floats
    variance: Floats
    """Of the difference; above 0."""
    information: Floats
    """1 / (1 / n + 1 / m)."""


def always_valid(
    x: ArrayLike,
    y: ArrayLike,
    *,
    alpha: float = 0.05,
    tuned_for: int = 1000,
    first: int = 30,
) -> TestResult:
    """Test the means of (n,) x and (m,) y, in order of arrival, at every time from `first` on.

    Null: the means are equal at all times. With i = 1 / (1 / n + 1 / m), the difference d and its
    estimated variance v, the mixture of likelihood ratios over effects of variance rho^2 is
    L = exp(d^2 / v * i rho^2 / (1 + i rho^2) / 2) / sqrt(1 + i rho^2)
    and p = 1 / the largest L so far: it may be looked at, and acted on, at any time. The level is
    that of large samples, from `first` values in each on. `tuned_for`: the i at which the interval
    is narrowest; to be fixed before the data is seen. The shorter sample is spread evenly over the
    time of the longer one.
    Statistic: the log of the largest L. Effect: mean(x) - mean(y) of all values, with the
    intersection of all intervals so far, of level 1 - alpha for all times together.
    Raises UntestableError below `first` values in either, for options out of range, and where both
    samples stay constant. Source: see `reference`.
    """
    checked_alpha(alpha)
    if first < 2 or tuned_for < 1:  # noqa: PLR2004  (a variance needs two)
        raise UntestableError(
            f"first is {first}, tuned_for {tuned_for}; expected 2 and 1 at least, as 30 and 1000"
        )
    before, after = checked_sample(x, "x", least=first), checked_sample(y, "y", least=first)
    unit = max(float(np.abs(before).max()), float(np.abs(after).max())) or 1.0
    path = _path(before / unit, after / unit, first)
    grown = path.information * _mixing_variance(alpha, tuned_for)
    logs = path.difference**2 / path.variance * (grown / (1 + grown)) / 2 - np.log1p(grown) / 2
    largest = float(logs.max())
    return TestResult(
        name="always-valid",
        statistic=largest,
        pvalue=min(1.0, math.exp(-largest)),
        effect=Effect(
            name="difference of means",
            value=float((before / unit).mean() - (after / unit).mean()) * unit,
            interval=_interval(path, grown, alpha, unit),
        ),
        n=(len(before), len(after)),
        method=f"normal mixture, every time from {first} values on, tuned for {tuned_for}",
        reference=_ALWAYS_VALID,
        details={"times": len(logs), "time of most evidence": int(np.argmax(logs)) + 1},
    )


def _mixing_variance(alpha: float, tuned_for: int) -> float:
    """Return the rho^2 with the narrowest interval at that information (Waudby-Smith et al.)."""
    doubled = -2 * math.log(alpha)
    return (doubled + math.log(doubled + 1)) / tuned_for


def _path(x: Floats, y: Floats, first: int) -> Path:
    """Return what each time knows; times at which nothing has varied yet say nothing."""
    times = np.arange(1, max(len(x), len(y)) + 1)
    n = -(-times * len(x) // len(times))
    m = -(-times * len(y) // len(times))
    ready = (n >= first) & (m >= first)
    n, m = n[ready], m[ready]
    mean_x, variance_x = _running(x, n)
    mean_y, variance_y = _running(y, m)
    variance = variance_x / n + variance_y / m
    varied = np.sqrt(variance) > np.finfo(np.float64).eps
    if not varied.any():
        raise UntestableError(
            "x and y: both are constant; there is no error to hold a difference against"
        )
    return Path(
        difference=(mean_x - mean_y)[varied],
        variance=variance[varied],
        information=(1 / (1 / n + 1 / m))[varied],
    )


def _running(values: Floats, counts: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return mean and variance (n - 1) of the first `counts` values, by sums about one of them."""
    shifted = values - values[0]
    sums, squares = np.cumsum(shifted)[counts - 1], np.cumsum(shifted**2)[counts - 1]
    variance: Floats = np.maximum(squares - sums**2 / counts, 0) / (counts - 1)
    return values[0] + sums / counts, variance


def _interval(path: Path, grown: Floats, alpha: float, unit: float) -> Interval:
    """Return what no time has excluded; the last time's interval where that is nothing."""
    wide = (1 + grown) / grown * (2 * math.log(1 / alpha) + np.log1p(grown))
    half = np.sqrt(path.variance * wide)
    lows, highs = path.difference - half, path.difference + half
    low, high = float(lows.max()), float(highs.min())
    if low > high:  # has probability alpha at most, unless the means drift
        low, high = float(lows[-1]), float(highs[-1])
    return Interval(low=low * unit, high=high * unit, level=1 - alpha)


TESTS = (
    StatTest(
        name="always-valid",
        purpose="do means differ, looked at as often as one likes while data grows?",
        assumptions="independent values in order of arrival; 30 values or more before a look",
        source=_ALWAYS_VALID,
        takes=Takes.TWO_SAMPLES,
        run=always_valid,
    ),
)
