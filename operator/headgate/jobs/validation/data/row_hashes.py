"""Rows as 64 bits each, by which equal ones are found without holding them against each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import Dataset

type Hashes = NDArray[np.uint64]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # of splitmix64 (Steele, Lea, Flood 2014)


def row_hashes(data: Dataset, names: Sequence[str]) -> Hashes:
    """Return (rows,) 64 bits of each row: equal rows have equal ones, others but by chance.

    Two of n different rows meet with a chance of n^2 / 2^65.
    """
    total = np.zeros(data.rows, dtype=np.uint64)
    for name in names:
        column = data.columns[name]
        values = np.where(column.missing, np.float64(np.inf), column.values + 0.0)  # -0 is 0
        total = _mixed(total ^ np.ascontiguousarray(values).view(np.uint64))
    return total


def _mixed(values: Hashes) -> Hashes:
    """Return splitmix64's finaliser of each value: every bit of it turns on every other."""
    mixed = values + _MULTIPLIER
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Hashes = mixed ^ (mixed >> np.uint64(31))
    return result
