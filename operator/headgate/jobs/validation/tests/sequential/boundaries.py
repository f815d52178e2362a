"""Boundaries for looks at growing data that keep one level over all looks together.

With information fractions t[1] < .. < t[K] = 1, B(t) = Z sqrt(t) is a Brownian motion under the
null. Its density among those who have gone on to look k is carried from look to look:
f[k](b) = integral of f[k-1](u) phi((b - u) / sqrt(t[k] - t[k-1])) / sqrt(t[k] - t[k-1]) over the
region where look k - 1 went on, and the boundary at look k is where what leaves it equals what the
spending function allows.

Source: Armitage, McPherson, Rowe 1969, JRSS A 132, 235 (the recursion); Lan, DeMets 1983,
Biometrika 70, 659 (spending functions); O'Brien, Fleming 1979, Biometrics 35, 549; Pocock 1977,
Biometrika 64, 191.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha

_FARTHEST = 9.0
"""In standard deviations: beyond is 1e-19 of a normal."""
_LEAST_SPENT = 1e-16
_NOTHING = 1e-300
_LARGEST_ALPHA = 0.5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_MOST_PANELS = 2000
_ROUNDING = 1e-9


class Spending(StrEnum):
    """How much of alpha may be used up by when."""

    OBRIEN_FLEMING = "obrien-fleming"
    """Next to nothing early, nearly all at the end: 2 - 2 Phi(z / sqrt(t)) on each side."""
    POCOCK = "pocock"
    """About as much at each look: alpha ln(1 + (e - 1) t)."""


def spent(fraction: float, alpha: float, spending: Spending) -> float:
    """Return how much of a two-sided alpha is used up when this fraction of the data is in."""
    from scipy.special import ndtr, ndtri

    if spending is Spending.POCOCK:
        return alpha * math.log1p((math.e - 1) * fraction)
    return 4 * float(ndtr(ndtri(alpha / 4) / math.sqrt(fraction)))


def boundaries(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = Spending.OBRIEN_FLEMING
) -> tuple[float, ...]:
    """Return the |z| at which each look stops; infinite where next to nothing may be spent yet.

    `fractions` of the planned information, rising, above 0 and at most 1. Two-sided, symmetrical.
    Raises UntestableError for other fractions or an alpha that is no level.
    """
    return planned(tuple(fractions), alpha, spending)[0]


@lru_cache(maxsize=8)
def planned(
    fractions: tuple[float, ...], alpha: float, spending: Spending
) -> "tuple[tuple[float, ...], tuple[Walk, ...]]":
    """Return the `boundaries`, and before each look those who have gone on so far.

    Kept, because the same plan is used for column after column.
    """
    if checked_alpha(alpha) > _LARGEST_ALPHA:
        raise UntestableError(f"alpha is {alpha:g}; boundaries are for {_LARGEST_ALPHA:g} at most")
    walks, limits = [Walk.before(fractions)], list[float]()
    used = 0.0
    for place, fraction in enumerate(fractions):
        allowed = spent(fraction, alpha, spending)
        limits.append(walks[place].limit(allowed - used))
        if math.isfinite(limits[place]):
            used = allowed
        if place + 1 < len(fractions):
            walks.append(walks[place].after(limits[place]))
    return tuple(limits), tuple(walks)


def crossing_probability(fractions: Sequence[float], limits: Sequence[float]) -> float:
    """Return the chance under the null that |z| reaches its limit at one of the looks.

    Raises UntestableError for fractions as `boundaries`, and for another number of limits.
    """
    if len(fractions) != len(limits):
        raise UntestableError(f"{len(fractions)} fractions, but {len(limits)} limits")
    walk, total = Walk.before(fractions), 0.0
    for place, limit in enumerate(limits):
        total += walk.leaving(limit)
        if place + 1 < len(fractions):
            walk = walk.after(limit)
    return min(1.0, total)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Those who have gone on before look `place`: where they are, and how many at each point."""

    fractions: tuple[float, ...]
    place: int
    points: Floats
    """(k,) values of B at the look before."""
    mass: Floats
    """(k,) density times quadrature weight."""

    @classmethod
    def before(cls, fractions: Sequence[float]) -> "Walk":
        """Return the start: all at 0 before the first look."""
        given = tuple(fractions)
        rising = all(a < b for a, b in zip((0.0, *given), given, strict=False))
        if not given or not rising or given[-1] > 1 + _ROUNDING:
            raise UntestableError(
                f"information fractions {', '.join(f'{f:g}' for f in given) or 'none'}: expected "
                "them to rise, above 0 and up to 1"
            )
        return cls(fractions=given, place=0, points=np.zeros(1), mass=np.ones(1))

    @property
    def step(self) -> float:
        """The standard deviation of B's change from the look before to this one."""
        before = self.fractions[self.place - 1] if self.place else 0.0
        return math.sqrt(self.fractions[self.place] - before)

    def leaving(self, limit: float) -> float:
        """Return the chance to have gone on so far and to have |z| >= limit at this look."""
        from scipy.special import ndtr

        edge = limit * math.sqrt(self.fractions[self.place])
        below = ndtr((-edge - self.points) / self.step)
        above = ndtr((self.points - edge) / self.step)
        return float(self.mass @ (below + above))

    def limit(self, allowed: float) -> float:
        """Return the |z| that only this chance leaves at; infinite for next to none."""
        from scipy.optimize import brentq

        if allowed < _LEAST_SPENT:
            return math.inf

        # logarithms, because allowances differ by many powers of ten
        def excess(z: float) -> float:
            return math.log(max(self.leaving(z), _NOTHING) / allowed)

        return float(brentq(excess, 0.0, _FARTHEST, xtol=1e-12))

    def after(self, limit: float) -> "Walk":
        """Return those who go on after this look."""
        here = self.fractions[self.place]
        edge = min(limit, _FARTHEST) * math.sqrt(here)
        next_step = math.sqrt(self.fractions[self.place + 1] - here)
        points, weights = _quadrature(edge, min(self.step, next_step))
        distances = (points[:, None] - self.points[None, :]) / self.step
        kernel = np.exp(-0.5 * distances**2) / (self.step * math.sqrt(2 * math.pi))
        return Walk(
            fractions=self.fractions,
            place=self.place + 1,
            points=points,
            mass=weights * (kernel @ self.mass),
        )


def _quadrature(edge: float, scale: float) -> tuple[Floats, Floats]:
    """Return Gauss and Legendre's points and weights on -edge .. edge, in panels of the scale."""
    panels = max(1, math.ceil(2 * edge / scale))
    if panels > _MOST_PANELS:
        raise UntestableError(
            "information fractions: two looks are too close to each other; leave one out"
        )
    half = edge / panels
    centres = -edge + half * (2 * np.arange(panels) + 1)
    points: Floats = (centres[:, None] + half * _NODES).ravel()
    weights: Floats = np.tile(half * _WEIGHTS, panels)
    return points, weights
