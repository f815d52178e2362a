"""Samples that the tests of this folder share."""

import numpy as np

from headgate.jobs.validation.tests.sample import Floats


def normals(n: int, *, seed: int = 0, shift: float = 0.0) -> Floats:
    return np.random.default_rng(seed).standard_normal(n) + shift


def dice(n: int, *, seed: int = 0, sides: int = 6) -> Floats:
    return np.random.default_rng(seed).integers(1, sides + 1, n).astype(np.float64)


def incomes(n: int, *, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).lognormal(0, 2, n)


LABORATORIES = {  # Scholz, Stephens 1987: smoothness of paper
    "A": [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0],
    "B": [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8],
    "C": [34.0, 35.0, 39.0, 40.0, 43.0, 43.0, 44.0, 45.0],
    "D": [34.0, 34.8, 34.8, 35.4, 37.2, 37.8, 41.2, 42.8],
}
PAIN = (  # Brunner, Munzel 2000
    [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1],
    [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4],
)
