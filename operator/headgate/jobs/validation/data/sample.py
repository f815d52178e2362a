"""Fewer rows, by chance that can be repeated."""

import numpy as np

from headgate.jobs.validation.data.dataset import Integers


def thinned(n: int, size: int, seed: int) -> Integers:
    """Return the indices of `size` of n rows, in order: all of them where there are no more.

    Each set of rows is equally likely; the same arguments give the same rows.
    """
    if n <= size:
        return np.arange(n, dtype=np.int64)
    chosen = np.random.default_rng(seed).choice(n, size=size, replace=False, shuffle=False)
    return np.sort(chosen).astype(np.int64)
