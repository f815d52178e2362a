"""Permutation tests on cells: which of the pooled values are called x is drawn anew.

Exact in level for any statistic, any ties and any sizes, as long as values are exchangeable under
the null: (1 + draws at least as large) / (1 + draws) is a valid p (Phipson, Smyth 2010,
Statistical Applications in Genetics and Molecular Biology 9, 39).
"""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.cells import Integers

type Statistic = Callable[[NDArray[np.float64]], Floats]
"""From (draws, cells) counts of x to (draws,) values, of which large ones speak against the null.
"""

RESAMPLES = 999
_BLOCK = 2_000_000
_SLACK = 1e-9
"""Equal statistics that were summed up in another order are taken for equal."""


def relabelled_pvalue(
    pooled: Integers, of_x: Integers, statistic: Statistic, *, resamples: int, seed: int
) -> float:
    """Return the permutation p of a statistic of (cells,) counts of x among the `pooled` ones.

    Raises UntestableError for fewer than 19 resamples, by which nothing is below 5%.
    """
    checked_resamples(resamples)
    seen = float(statistic(of_x[None, :].astype(np.float64))[0])
    limit = seen - _SLACK * abs(seen)
    as_large = sum(
        int(np.count_nonzero(statistic(drawn) >= limit))
        for drawn in _relabellings(pooled, int(of_x.sum()), resamples, stream(seed, pooled, of_x))
    )
    return (1 + as_large) / (1 + resamples)


def stream(seed: int, *data: NDArray[Any]) -> np.random.Generator:
    """Return the random numbers of a seed for this data: the same for the same, else others.

    Statistics of ranks have one null distribution for all data of a size. By one stream for all,
    each column would be held against the same few hundred draws of it, and err with all others.
    """
    check = 0
    for array in data:
        check = zlib.crc32(np.ascontiguousarray(array).tobytes(), check)
    return np.random.default_rng([seed, check])


def _relabellings(
    pooled: Integers, n: int, resamples: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """Yield blocks of (draws, cells): how many of each cell's values are among n drawn of all."""
    cells, total = len(pooled), int(pooled.sum())
    # shuffling costs by values, hypergeometric draws by cells, each some twenty times as much
    way: Literal["count", "marginals"] = "count" if total < 20 * cells else "marginals"
    rows = max(1, _BLOCK // cells)
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        drawn = rng.multivariate_hypergeometric(pooled, n, size=size, method=way)
        yield drawn.astype(np.float64)


def checked_resamples(resamples: int) -> int:
    """Return the number of resamples; raises UntestableError where they cannot show 5%."""
    if resamples < 19:  # noqa: PLR2004  (1 / 20 is the smallest p of 19)
        raise UntestableError(f"resamples is {resamples}; at least 19 are needed for a p below 5%")
    return resamples
