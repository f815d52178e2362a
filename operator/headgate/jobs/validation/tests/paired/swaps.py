"""Pairs as a square table, and what it looks like when the two members of pairs change places.

Under the null it does not matter which member is called the first: whatever a statistic is, it is
exact in level to hold it against tables in which each pair is turned round by a coin (Fisher 1935,
The Design of Experiments, ch. 21). Pairs of two equal members stay as they are, so that the table
off its diagonal is all there is to draw.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.counts.table import Counts, checked_table
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats

type Statistic = Callable[[Floats], Floats]
"""From (draws, k) differences of the margins' counts to (draws,) values."""

_BLOCK = 1_000_000


def checked_square(table: ArrayLike) -> Counts:
    """Return (k, k) counts of pairs, without categories that no pair has.

    Raises UntestableError for what is no square table of counts, and where fewer than two
    categories are left or no pair disagrees.
    """
    given = np.asarray(table)
    if given.ndim != 2 or given.shape[0] != given.shape[1]:  # noqa: PLR2004  (rows and columns)
        raise UntestableError(f"table: expected as many rows as columns, got {given.shape}")
    if not given.size:
        raise UntestableError("table: holds no counts")
    checked_table(np.vstack([given, np.ones_like(given)]))  # for its refusals: no row is too empty
    whole: Counts = given.astype(np.int64)
    used = whole.sum(axis=0) + whole.sum(axis=1) > 0
    counts: Counts = whole[used][:, used]
    if len(counts) < 2:  # noqa: PLR2004  (nothing to compare)
        raise UntestableError(f"table: pairs have {len(counts)} categories; two are needed")
    if not (counts - np.diag(np.diag(counts))).any():
        raise UntestableError("table: no pair disagrees: there is nothing to compare")
    return counts


def margins_apart(table: Counts) -> Floats:
    """Return (k,) how many more pairs have a category first than second."""
    apart: Floats = (table.sum(axis=1) - table.sum(axis=0)).astype(np.float64)
    return apart


def turned_round(table: Counts, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield blocks of (some draws, k) `margins_apart`, each pair turned round by a coin."""
    from scipy import sparse

    first, second = np.nonzero(np.triu(table + table.T, 1))
    both = (table + table.T)[first, second]
    cells = len(both)
    ones, places = np.ones(cells), np.arange(cells)
    shape = (cells, len(table))
    ends = sparse.csr_array((ones, (places, first)), shape=shape) - sparse.csr_array(
        (ones, (places, second)), shape=shape
    )
    rows = max(1, _BLOCK // cells)
    for start in range(0, draws, rows):
        size = (min(rows, draws - start), cells)
        yield (2.0 * rng.binomial(both, 0.5, size=size) - both) @ ends


def turned_pvalue(
    table: Counts, statistic: Statistic, *, resamples: int, rng: np.random.Generator
) -> tuple[float, Floats]:
    """Return the p of a statistic that is large against the null, and its (resamples,) draws."""
    seen = float(statistic(margins_apart(table)[None, :])[0])
    drawn = np.concatenate([statistic(block) for block in turned_round(table, resamples, rng)])
    as_large = int(np.count_nonzero(drawn >= seen - 1e-9 * abs(seen)))
    return (1 + as_large) / (1 + resamples), drawn
