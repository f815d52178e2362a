"""Sums of a kernel over pairs of rows, for many labellings at once, by matrix products.

The kernel's matrix is never held: blocks of its rows are made, multiplied with the labellings of
all resamples, and dropped, so that memory grows with n and not with its square.
"""

from collections.abc import Callable, Iterator

import numpy as np

from headgate.jobs.validation.tests.multivariate.rows import Rows
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.relabelled import stream

type Kernel = Callable[[Floats], Floats]
"""From (block, rows) squared distances to the kernel's values, which may be written over them."""

_BLOCK_VALUES = 4_000_000


def squared_distances(values: Floats) -> Iterator[tuple[slice, Floats]]:
    """Yield (block, rows) squared Euclidean distances to all (rows, columns), block by block."""
    centred = values - values.mean(axis=0)  # large offsets would cost digits
    squares = (centred**2).sum(axis=1)
    block = max(1, _BLOCK_VALUES // len(values))
    for start in range(0, len(values), block):
        rows = slice(start, min(start + block, len(values)))
        found = centred[rows] @ centred.T
        found *= -2
        found += squares[rows, None]
        found += squares
        np.maximum(found, 0, out=found)
        count = rows.stop - rows.start
        found[np.arange(count), np.arange(start, start + count)] = 0
        yield rows, found


def pair_sums(values: Floats, kernel: Kernel, weights: Floats) -> tuple[Floats, Floats, float]:
    """Return, for (rows, draws) weights w: w' K w (draws,), 1' K w (draws,), and 1' K 1."""
    inside: Floats = np.zeros(weights.shape[1])
    row_sums: Floats = np.empty(len(values))
    for rows, squared in squared_distances(values):
        block = kernel(squared)
        row_sums[rows] = block.sum(axis=1)
        inside += np.einsum("ij,ij->j", weights[rows], block @ weights)
    return inside, row_sums @ weights, float(row_sums.sum())


def relabelled(rows: Rows, resamples: int, seed: int) -> Floats:
    """Return (rows, 1 + resamples) indicators of the first group: as is, and permuted."""
    drawn = np.tile((rows.labels == 0).astype(np.float64)[:, None], (1, resamples + 1))
    drawn[:, 1:] = stream(seed, rows.values, rows.labels).permuted(drawn[:, 1:], axis=0)
    return drawn


def upper_pvalue(statistics: Floats) -> float:
    """Return the permutation p of the first among all; sums in another order are taken for equal.

    Source: Phipson, Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9, 39.
    """
    slack = 1e-10 * float(np.abs(statistics).max())
    return float(np.count_nonzero(statistics >= statistics[0] - slack)) / len(statistics)
