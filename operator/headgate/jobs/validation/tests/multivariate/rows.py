"""Rows of numbers, in two samples or in groups, as the multivariate tests want them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats

type Labels = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """All rows, pooled, and which group each is of."""

    values: Floats
    """(rows, columns)"""
    labels: Labels
    """(rows,) from 0"""
    names: tuple[str, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows per group."""
        return tuple(int(size) for size in np.bincount(self.labels, minlength=len(self.names)))


def two_samples(x: ArrayLike, y: ArrayLike, *, least: int, standardise: bool) -> Rows:
    """Return (n, d) x and (m, d) y as rows; (n,) is taken for (n, 1).

    Raises UntestableError for different columns, below `least` rows, and for values that are not
    finite.
    """
    first, second = _matrix(x, "x"), _matrix(y, "y")
    if first.shape[1] != second.shape[1]:
        raise UntestableError(
            f"x has {first.shape[1]} columns, y {second.shape[1]}; rows of the same columns are"
            " compared"
        )
    values = np.concatenate([first, second])
    labels = np.repeat(np.arange(2), [len(first), len(second)])
    return _checked(values, labels, ("x", "y"), least=least, standardise=standardise)


def groups(x: ArrayLike, labels: ArrayLike, *, least: int, standardise: bool) -> Rows:
    """Return (n, d) x of the groups (n,) as rows; raises as `two_samples`, and for one group."""
    values = _matrix(x, "x")
    given: NDArray[Any] = np.asarray(labels)
    if given.shape != (len(values),):
        raise UntestableError(f"groups: shape {given.shape}, but there are {len(values)} rows")
    names, index = np.unique(given.astype(np.str_), return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004  (there is nothing to compare one group with)
        raise UntestableError("groups: all rows are in one group; two are needed")
    return _checked(
        values,
        index.astype(np.int64),
        tuple(str(name) for name in names),
        least=least,
        standardise=standardise,
    )


def _matrix(values: ArrayLike, name: str) -> Floats:
    given: NDArray[Any] = np.asarray(values)
    if given.ndim == 1:
        given = given[:, None]
    if given.ndim != 2 or given.shape[1] == 0:  # noqa: PLR2004  (rows and columns)
        raise UntestableError(f"{name}: expected rows and columns of numbers, got {given.shape}")
    try:
        matrix: Floats = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UntestableError(f"{name}: holds values that are not numbers: {error}") from None
    wrong = np.argwhere(~np.isfinite(matrix))
    if len(wrong):
        row, column = wrong[0]
        raise UntestableError(
            f"{name}: row {row + 1}, column {column + 1}: {matrix[row, column]}; {len(wrong)}"
            " values are not finite: leave out such rows, or fill them in"
        )
    return matrix


def _checked(
    values: Floats, labels: Labels, names: tuple[str, ...], *, least: int, standardise: bool
) -> Rows:
    sizes = np.bincount(labels, minlength=len(names))
    small = int(sizes.argmin())
    if sizes[small] < least:
        raise UntestableError(f"{names[small]}: has {sizes[small]} rows; {least} are needed")
    largest = np.abs(values).max(axis=0, initial=0.0)
    if standardise:
        # by the pooled deviation, which no relabelling changes: levels stay exact
        scaled = values / np.where(largest > 0, largest, 1.0)
        deviation = scaled.std(axis=0)
        constant = deviation <= 4 * np.finfo(np.float64).eps
        values = (scaled - scaled.mean(axis=0)) / np.where(constant, 1.0, deviation)
        values[:, constant] = 0.0
    elif largest.max() > 1e100:  # noqa: PLR2004  (squares of sums overflow soon after)
        raise UntestableError(
            f"column {int(largest.argmax()) + 1}: values up to {largest.max():g} have no finite"
            " squared distances; set standardise=true"
        )
    return Rows(values=values, labels=labels, names=names)
