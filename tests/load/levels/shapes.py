"""Shapes of samples: small, tied, skewed, heavy-tailed, and pairs of them of unequal size."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.tests.sample import Floats

type Draw = Callable[[np.random.Generator, int], Floats]
type Pair = tuple[Floats, Floats]


def normal(random: np.random.Generator, n: int) -> Floats:
    return random.standard_normal(n)


def skewed(random: np.random.Generator, n: int) -> Floats:
    """Return log-normals as incomes are, with a skewness beyond 100."""
    return random.lognormal(0, 2, n)


def exponential(random: np.random.Generator, n: int) -> Floats:
    return random.exponential(1.0, n)


def heavy(random: np.random.Generator, n: int) -> Floats:
    """Return Student's t with 3 degrees of freedom: no fourth moment."""
    return random.standard_t(3, n)


def rounded(random: np.random.Generator, n: int) -> Floats:
    found: Floats = np.round(random.standard_normal(n), 1)
    return found


def dice(random: np.random.Generator, n: int) -> Floats:
    return random.integers(1, 7, n).astype(np.float64)


def counts(random: np.random.Generator, n: int) -> Floats:
    """Return Poisson's of mean 1: four in ten are 0."""
    return random.poisson(1.0, n).astype(np.float64)


@dataclass(frozen=True)
class Shape:
    """Two samples of one distribution."""

    name: str
    values: Draw
    n: int
    m: int

    def __str__(self) -> str:
        """Read as `tied 40:30`."""
        return f"{self.name} {self.n}:{self.m}"

    def __call__(self, random: np.random.Generator) -> Pair:
        """Draw both."""
        return self.values(random, self.n), self.values(random, self.m)


PAIRS = (
    Shape("normal", normal, 6, 5),
    Shape("normal", normal, 25, 20),
    Shape("normal", normal, 60, 55),
    Shape("normal", normal, 400, 12),
    Shape("tied", dice, 12, 9),
    Shape("tied", dice, 90, 60),
    Shape("tied", counts, 300, 20),
    Shape("rounded", rounded, 80, 80),
    Shape("skewed", skewed, 15, 12),
    Shape("skewed", skewed, 70, 60),
    Shape("skewed", skewed, 300, 30),
    Shape("heavy", heavy, 100, 60),
)
"""Small, tied, skewed and unbalanced, on both sides of each test's step from exact to a limit."""
