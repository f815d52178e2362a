"""What Cramer-von Mises' and Anderson-Darling's statistics are for many labellings at once."""

import numpy as np

from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.cells import Integers
from headgate.jobs.validation.tests.two_sample.relabelled import Statistic


def anderson_weights(pooled: Integers) -> Floats:
    """Return (cells,) l / (B (N - B) - N l / 4) of Scholz and Stephens' eq. 7."""
    sizes, total = pooled.astype(np.float64), float(pooled.sum())
    ranks = np.cumsum(sizes) - sizes / 2
    weights: Floats = sizes / (ranks * (total - ranks) - total * sizes / 4)
    return weights


def anderson_statistic(pooled: Integers, n: int) -> Statistic:
    """Return a function from (draws, cells) counts of x to what orders as A^2 does."""
    weights = anderson_weights(pooled)

    def statistic(of_x: Floats) -> Floats:
        found: Floats = _at_midranks(of_x, pooled, n) ** 2 @ weights
        return found

    return statistic


def cramer_statistic(pooled: Integers, n: int) -> Statistic:
    """Return a function from (draws, cells) counts of x to scipy's T, times n m N and shifted."""
    sizes = pooled.astype(np.float64)
    m = int(pooled.sum()) - n

    def statistic(of_x: Floats) -> Floats:
        of_y = sizes - of_x
        # rank minus own rank is what the other sample has below; groups add their own spread
        total = np.cumsum(of_x, axis=1) - of_x / 2
        others = np.cumsum(of_y, axis=1) - of_y / 2
        x_part = of_x * others**2 + (of_x**3 - of_x) / 12
        y_part = of_y * total**2 + (of_y**3 - of_y) / 12
        found: Floats = n * x_part.sum(axis=1) + m * y_part.sum(axis=1)
        # the slack for equal values has to be small against T, not against N^3
        return found / (n * m * (n + m)) - (4 * n * m - 1) / (6 * (n + m))

    return statistic


def _at_midranks(of_x: Floats, pooled: Integers, n: int) -> Floats:
    """Return (draws, cells) n m (F - G) at midranks."""
    sizes, total = pooled.astype(np.float64), float(pooled.sum())
    ranks = np.cumsum(sizes) - sizes / 2
    found: Floats = total * (np.cumsum(of_x, axis=1) - of_x / 2) - n * ranks
    return found
