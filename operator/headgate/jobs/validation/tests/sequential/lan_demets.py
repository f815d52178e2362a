"""A group sequential test of two means: several looks at growing data, one level."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample
from headgate.jobs.validation.tests.sequential.boundaries import Spending, Walk, planned, spent

_LAN_DEMETS = (
    "Lan, DeMets 1983, Biometrika 70, 659; recursion: Armitage, McPherson, Rowe 1969, JRSS A 132,"
    " 235; p by stages: Tsiatis, Rosner, Mehta 1984, Biometrics 40, 797; interval: Jennison,"
    " Turnbull 1989, JRSS B 51, 305"
)
_MOST_LOOKS = 100
_LEAST_A_LOOK = 10


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the data up to a look say."""

    n: tuple[int, int]
    difference: float
    error: float
    degrees: float
    z: float
    """The normal's quantile of the p that Welch's t has."""


def lan_demets(
    x: ArrayLike,
    y: ArrayLike,
    *,
    looks: int = 5,
    spending: str = Spending.OBRIEN_FLEMING,
    alpha: float = 0.05,
) -> TestResult:
    """Test the means of (n,) x and (m,) y, in order of arrival, at evenly spaced looks.

    Null: the means are equal. The first look whose |z| reaches its boundary ends the test; all
    looks together reject with probability alpha. p counts what earlier looks may have spent and
    then the chance of so large a |z| at the look that ended it: it is <= alpha where one did.
    The statistic is the z there (at the last look where none did). `spending`: obrien-fleming or
    pocock. Effect: mean(x) - mean(y) up to that look, with a repeated interval of level 1 - alpha.
    Raises UntestableError below 10 values per sample and look, which have no error to rely on, for
    looks that show nothing but two different constants, and for options out of range.
    Source: see `reference`.
    """
    known = [str(one) for one in Spending]
    if spending not in known:
        raise UntestableError(f"spending {spending!r} is not known; there are {', '.join(known)}")
    if not 1 <= looks <= _MOST_LOOKS:
        raise UntestableError(f"looks is {looks}; expected 1 to {_MOST_LOOKS}")
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    fewest = min(len(first), len(second))
    if fewest < _LEAST_A_LOOK * looks:
        raise UntestableError(
            f"{looks} looks at samples of {len(first)} and {len(second)} values: each look needs"
            f" {_LEAST_A_LOOK} more of either: take at most {fewest // _LEAST_A_LOOK} looks"
        )
    seen = _looked(first, second, looks)
    fractions = _fractions(seen)
    limits, walks = planned(fractions, alpha, Spending(spending))
    place = next(
        (k for k in range(looks) if abs(seen[k].z) >= limits[k]),
        looks - 1,
    )
    ended = seen[place]
    crossed = abs(ended.z) >= limits[place]
    return TestResult(
        name="lan-demets",
        statistic=ended.z,
        pvalue=_stagewise(limits, walks, place, ended.z),
        effect=_effect(ended, limits[place], alpha),
        n=ended.n,
        method=f"group sequential, {looks} looks, {spending} spending",
        reference=_LAN_DEMETS,
        details={
            "look": place + 1,
            "boundary": limits[place],
            "crossed": "yes" if crossed else "no",
            "alpha spent": spent(fractions[place], alpha, Spending(spending)),
        },
    )


def _looked(x: Floats, y: Floats, looks: int) -> list[Look]:
    seen = []
    for k in range(1, looks + 1):
        n, m = len(x) * k // looks, len(y) * k // looks
        try:
            seen.append(_look(x[:n], y[:m]))
        except UntestableError as error:
            raise UntestableError(f"look {k} of {looks}: {error}; take fewer looks") from None
    return seen


def _look(x: Floats, y: Floats) -> Look:
    from scipy.special import ndtri, stdtr

    n, m = len(x), len(y)
    largest = max(float(np.abs(x).max()), float(np.abs(y).max())) or 1.0
    x, y = x / largest, y / largest  # squares of values near 1e308 overflow
    variances = float(x.var(ddof=1)) / n, float(y.var(ddof=1)) / m
    total = sum(variances)
    difference = float(x.mean()) - float(y.mean())
    if math.sqrt(total) <= np.finfo(np.float64).eps:
        if abs(difference) > np.finfo(np.float64).eps:
            raise UntestableError(f"x and y are constants ({x[0] * largest:g}, {y[0] * largest:g})")
        return Look(n=(n, m), difference=0.0, error=0.0, degrees=n + m - 2.0, z=0.0)
    shares = variances[0] / total, variances[1] / total
    degrees = 1 / (shares[0] ** 2 / (n - 1) + shares[1] ** 2 / (m - 1))
    t = difference / math.sqrt(total)
    tail = max(float(stdtr(degrees, -abs(t))), np.finfo(np.float64).tiny)
    return Look(
        n=(n, m),
        difference=difference * largest,
        error=math.sqrt(total) * largest,
        degrees=degrees,
        z=math.copysign(-float(ndtri(tail)), t),
    )


def _fractions(seen: Sequence[Look]) -> tuple[float, ...]:
    """Return each look's share of the information: 1 / (1 / n + 1 / m), the last one's being 1."""
    information = [1 / (1 / look.n[0] + 1 / look.n[1]) for look in seen]
    return tuple(value / information[-1] for value in information)


def _stagewise(limits: Sequence[float], walks: Sequence[Walk], place: int, z: float) -> float:
    """Return the chance to stop before this look, or at it with as large a |z|."""
    before = sum(walks[k].leaving(limits[k]) for k in range(place))
    return min(1.0, before + walks[place].leaving(abs(z)))


def _effect(look: Look, limit: float, alpha: float) -> Effect:
    """Return the difference and its repeated interval: what the boundary would not reject."""
    from scipy.special import ndtr, stdtrit

    half = -float(stdtrit(look.degrees, ndtr(-limit))) * look.error
    return Effect(
        name="difference of means",
        value=look.difference,
        interval=Interval(low=look.difference - half, high=look.difference + half, level=1 - alpha),
    )


TESTS = (
    StatTest(
        name="lan-demets",
        purpose="do means differ, looked at a planned number of times while data grows?",
        assumptions="independent values in order of arrival, 10 of each a look; about normal means"
        " at each look: where values are skewed, as many of each",
        source=_LAN_DEMETS,
        takes=Takes.TWO_SAMPLES,
        run=lan_demets,
    ),
)
