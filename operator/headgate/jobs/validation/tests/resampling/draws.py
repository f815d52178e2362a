"""What is common to tests that draw: how often, how much at once, what of."""

import numpy as np

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats

FEWEST = 99
_VALUES_AT_ONCE = 4_000_000
"""32 MB of float64."""


def checked_resamples(resamples: int) -> int:
    """Return the number of draws; raises UntestableError below 99."""
    if resamples < FEWEST:
        raise UntestableError(f"resamples is {resamples}; at least {FEWEST} are needed")
    return resamples


def batch(values: int) -> int:
    """Return how many draws of so many values are held in memory at once."""
    return max(1, _VALUES_AT_ONCE // values)


def difference_of_means(first: Floats, second: Floats, axis: int = -1) -> Floats:
    """Return the means along an axis, the first's less the second's, for many draws at once."""
    means: Floats = np.mean(first, axis=axis) - np.mean(second, axis=axis)
    return means
