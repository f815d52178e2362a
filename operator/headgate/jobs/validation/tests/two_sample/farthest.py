"""Where two distribution functions are farthest apart, without merging all values.

Between two values of a coarse grid, F - G is at most what F is at the right end less what G is at
the left one. Where that is below a distance already seen, values in between need no look, which of
large samples is nearly all of them.
"""

from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.cells import NEGLIGIBLE_TIES
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics_of_sorted

_GRID = 1 << 13
_LARGE = 1 << 17
"""Values of each sample from which the grid spares more than it costs."""


@dataclass(frozen=True, kw_only=True)
class Farthest:
    """The Kolmogorov distance of two samples."""

    distance: float
    """max |F - G|"""
    sign: int
    """1 where F is above G there: x tends to be smaller; else -1."""
    tied: bool
    """Whether more than a negligible part of the values are equal to others."""


def farthest(x: Floats, y: Floats) -> Farthest:
    """Return the distance of sorted (n,) x and sorted (m,) y, exactly as the merge finds it."""
    n, m = len(x), len(y)
    if min(n, m) < _LARGE or _has_ties(x) or _has_ties(y):
        found = merged_statistics_of_sorted(x, y)
        return Farthest(
            distance=found.kolmogorov,
            sign=found.kolmogorov_sign,
            tied=found.tie_share >= NEGLIGIBLE_TIES,
        )
    # a value that is once in x and once in y is a tie of two: negligible, were there n of them
    above, below = _lead(x, y), _lead(y, x)
    return Farthest(
        distance=max(above, below) / (n * m), sign=1 if above >= below else -1, tied=False
    )


def _has_ties(values: Floats) -> bool:
    return bool((values[1:] == values[:-1]).any())


def _lead(x: Floats, y: Floats) -> int:
    """Return the largest n m (F - G), a whole number; 0 where F is nowhere above G."""
    n, m = len(x), len(y)
    last = np.arange(n // _GRID - 1, n, n // _GRID)
    last[-1] = n - 1
    upto_x = last + 1  # no value of x is there twice
    upto_y = np.searchsorted(y, x[last], side="right")
    seen = int((upto_x * m - upto_y * n).max())
    before_y = np.concatenate([[0], upto_y[:-1]])
    may_be_more = upto_x * m - before_y * n > seen
    within = np.repeat(may_be_more, np.diff(upto_x, prepend=0))
    places = np.flatnonzero(within)
    if len(places):
        upto = np.searchsorted(y, x[places], side="right")
        seen = max(seen, int(((places + 1) * m - upto * n).max()))
    return max(seen, 0)
