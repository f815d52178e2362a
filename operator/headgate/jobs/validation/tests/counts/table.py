"""Tables of counts as the tests want them: whole numbers, no empty rows or columns."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.relabelled import stream

type Counts = NDArray[np.int64]

_LARGEST = 2**53
_MOST_DRAWN = 50_000_000
"""Counts in all: scipy tabulates as many logarithms of factorials, and ends the process where they
do not fit the memory."""


def checked_table(
    table: ArrayLike, *, two_by_two: bool = False, empty_rows: bool = False
) -> Counts:
    """Return (rows, columns) counts, without rows and columns that hold none.

    A 2 x 2 table is kept as it is where one is asked for; `empty_rows` says that a row of it may
    hold none, as where rows are no samples.
    Raises UntestableError for what is no table of counts, and where fewer than two rows or columns
    are left.
    """
    given: NDArray[Any] = np.asarray(table)
    if given.ndim != 2:  # noqa: PLR2004  (rows and columns)
        raise UntestableError(f"table: expected rows and columns of counts, got {given.shape}")
    try:
        values = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UntestableError(f"table: holds values that are not numbers: {error}") from None
    wrong = np.argwhere(~(np.isfinite(values) & (values >= 0) & (values == np.floor(values))))
    if len(wrong):
        row, column = wrong[0]
        raise UntestableError(
            f"table: row {row + 1}, column {column + 1}: {given[row, column]} is no count"
        )
    if values.sum() > _LARGEST:
        raise UntestableError(f"table: {values.sum():g} values; at most 2^53 can be counted")
    counts: Counts = values.astype(np.int64)
    if two_by_two:
        return _two_by_two(counts, empty_rows=empty_rows)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:  # noqa: PLR2004  (nothing to compare)
        raise UntestableError(
            f"table: {counts.shape[0]} rows and {counts.shape[1]} columns hold counts; two of each "
            "are needed"
        )
    return counts


def expected_counts(table: Counts) -> Floats:
    """Return (rows, columns) counts expected if rows and columns are independent."""
    rows, columns = table.sum(axis=1, dtype=np.float64), table.sum(axis=0, dtype=np.float64)
    return np.outer(rows, columns) / rows.sum()


def monte_carlo_pvalue(
    table: Counts, statistic: Callable[[Floats], Floats], *, resamples: int, seed: int
) -> float:
    """Return p of a statistic of (draws, rows, columns) tables with the margins of this one.

    Raises UntestableError for more than 50 million counts in all.
    Source: Patefield 1981, Applied Statistics 30, 91 (AS 159), by scipy.
    """
    from scipy import stats

    if table.sum() > _MOST_DRAWN:
        raise UntestableError(
            f"table: {table.sum()} counts in all; tables of {_MOST_DRAWN} at most are drawn: use"
            " chi2, or fisher for 2 x 2"
        )
    drawn_from = stats.random_table(table.sum(axis=1), table.sum(axis=0))
    rng = stream(seed, table)
    seen = float(statistic(table[None].astype(np.float64))[0])
    limit = seen - 1e-9 * abs(seen)  # sums in another order
    block = max(1, 1_000_000 // table.size)
    as_large = 0
    for start in range(0, resamples, block):
        drawn = drawn_from.rvs(min(block, resamples - start), random_state=rng)
        drawn = np.asarray(drawn, dtype=np.float64).reshape(-1, *table.shape)
        as_large += int(np.count_nonzero(statistic(drawn) >= limit))
    return (1 + as_large) / (1 + resamples)


def odds_ratio(table: Counts) -> float:
    """Return a d / (b c) of a 2 x 2 table; infinite where only b c is 0."""
    (a, b), (c, d) = table.astype(np.float64).tolist()
    if b * c:
        return float(a * d / (b * c))
    return math.inf if a * d else math.nan


def _two_by_two(counts: Counts, *, empty_rows: bool) -> Counts:
    if counts.shape != (2, 2):
        raise UntestableError(
            f"table: {counts.shape[0]} x {counts.shape[1]}; this test takes 2 x 2: use "
            "chi2-permutation for larger tables of small counts"
        )
    rows = counts.sum(axis=1)
    if rows.min() == 0 and not empty_rows:
        raise UntestableError(f"table: row {int(rows.argmin()) + 1} holds no counts")
    return counts
