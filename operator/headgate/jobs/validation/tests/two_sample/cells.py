"""Two samples as one sequence of cells: equal values together, counted by sample.

Every statistic of ranks or distribution functions is a function of these counts; a permutation of
the labels only changes how many of a cell's values are called x.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.sample import Floats

type Integers = NDArray[np.int64]
type Booleans = NDArray[np.bool_]

MOST_CELLS = 1024
NEGLIGIBLE_TIES = 1e-4
"""As of 100 values that are equally often: by then the continuous limits are right."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The pooled values, in order."""

    values: Floats
    """(cells,) the largest value of each."""
    of_x: Integers
    """(cells,) how many of a cell's values are x."""
    of_y: Integers

    @property
    def n(self) -> int:
        """Values of x."""
        return int(self.of_x.sum())

    @property
    def m(self) -> int:
        """Values of y."""
        return int(self.of_y.sum())

    @property
    def pooled(self) -> Integers:
        """(cells,) values of both."""
        return self.of_x + self.of_y

    @property
    def tie_share(self) -> float:
        """Return sum(t^3 - t) / (N^3 - N) over ties of t: 0 without ties, 1 for a constant."""
        return tie_share(self.pooled)

    def coarsened(self, most: int = MOST_CELLS) -> "Cells":
        """Return at most about `most` cells with equal shares of the pooled values.

        The limits do not depend on which value is x and which is y, so that a permutation test on
        them has its exact level.
        """
        if len(self.values) <= most:
            return self
        upto = np.cumsum(self.pooled)
        wanted = np.arange(1, most + 1) * (upto[-1] / most)
        last = np.unique(np.minimum(np.searchsorted(upto, wanted), len(upto) - 1))
        first = np.concatenate([[0], last[:-1] + 1])
        return Cells(
            values=self.values[last],
            of_x=np.add.reduceat(self.of_x, first),
            of_y=np.add.reduceat(self.of_y, first),
        )


def merge(x: Floats, y: Floats) -> tuple[Floats, Booleans]:
    """Return the values of sorted (n,) x and sorted (m,) y in order, and which are x's.

    Of equal values those of x come first.
    """
    both = np.concatenate([x, y])
    order = np.argsort(both, kind="stable")  # finds the two sorted runs and merges them
    return both[order], order < len(x)


def cells_of(x: Floats, y: Floats) -> Cells:
    """Return the cells of (n,) x and (m,) y, in any order."""
    values, from_x = merge(np.sort(x), np.sort(y))
    last = np.flatnonzero(np.append(values[1:] != values[:-1], True))
    upto_x = np.cumsum(from_x, dtype=np.int64)[last]
    of_x = np.diff(upto_x, prepend=0)
    return Cells(values=values[last], of_x=of_x, of_y=np.diff(last, prepend=-1) - of_x)


def tie_share(counts: Integers) -> float:
    """Return sum(t^3 - t) / (N^3 - N) for distinct values that occur t times each."""
    times = counts[counts > 1].astype(np.float64)
    total = float(counts.sum())
    return float((times**3 - times).sum()) / (total**3 - total) if total > 1 else 0.0
