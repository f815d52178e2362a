"""What is drawn independently, and the errors of estimates that respect it.

The error of an average of rows that belong together is that of the sums of those rows, not that of
the rows: Liang, Zeger 1986, Biometrika 73, 13; blocks of neighbours in time: Carlstein 1986, Annals
of Statistics 14, 1171.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.sample import Floats

type Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Groups:
    """What is drawn independently: rows, clusters of them, or blocks of neighbours in time."""

    labels: Integers
    """(n,) the group of each row, from 0."""
    count: int
    what: str
    """In words, as `clusters by 'customer'`."""
    order: Integers | None = None
    """(n,) the rows in the order of time, where the policy has one."""

    @classmethod
    def of_rows(cls, n: int) -> "Groups":
        """Return n rows of which each stands for itself."""
        return cls(labels=np.arange(n, dtype=np.int64), count=n, what="rows")

    @property
    def plain(self) -> bool:
        """Whether each row stands for itself."""
        return self.count == len(self.labels)

    def error(self, influence: Floats) -> float:
        """Return the standard error of an estimate from each row's (n,) influence on it.

        Influences sum up to zero; the error is 0 where all are. Needs two groups or more.
        """
        if self.plain:
            squares = float(influence @ influence)
        else:
            sums = np.bincount(self.labels, weights=influence, minlength=self.count)
            squares = float(sums @ sums)
        return math.sqrt(squares * self.count / (self.count - 1)) / len(influence)
