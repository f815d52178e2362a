"""Rows as columns: what every check reads, whatever file it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]
type Booleans = NDArray[np.bool_]

LARGEST_NUMBER: Final = 1e100
"""Beyond it, squares and sums of numbers may leave float64."""


class DataError(ValueError):
    """Data that cannot be validated; the message names file, column and row where there is one."""


def shown(text: object, most: int = 60) -> str:
    """Return a name or value of the data for a message: quoted, escaped, in one line, shortened."""
    quoted = repr(str(text))
    return quoted if len(quoted) <= most else f"{quoted[: most - 2]}…'"


class ColumnKind(StrEnum):
    """What a column holds, by its type in the file; it decides which tests it can be put to."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What the n rows of a text column say, each different text once."""

    codes: NDArray[np.int32]
    """(n,) the index in `distinct`; -1 where missing."""
    distinct: NDArray[np.object_]
    """(texts,) of str, in the order in which the file has them."""

    def take(self, rows: NDArray[Any]) -> "Texts":
        """Return those of some rows, by mask or index."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of n rows.

    `values` is (n,) float64: the number; for datetime seconds since 1970; for text its length in
    characters; for categorical and boolean the index in `categories` (-1 where missing). NaN where
    missing, for all but categorical and boolean ones.
    """

    name: str
    kind: ColumnKind
    values: Floats
    missing: Booleans
    categories: tuple[str, ...] = ()
    """Categorical and boolean only, in order of their text."""
    integral: bool = False
    """Whether the file's type holds whole numbers only."""
    texts: Texts | None = None
    """Text only: what the rows say; None where that would take too much memory."""

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.values)

    @property
    def counted(self) -> bool:
        """Whether it is compared by counts of categories."""
        return self.kind in {ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN}

    def present(self) -> Floats:
        """Return the values that are not missing: themselves, not a copy, where none is."""
        return self.values[~self.missing] if self.missing.any() else self.values

    def take(self, rows: NDArray[Any]) -> "Column":
        """Return the column of some rows, by mask or index."""
        texts = None if self.texts is None else self.texts.take(rows)
        return replace(self, values=self.values[rows], missing=self.missing[rows], texts=texts)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table of n rows."""

    name: str
    """The file's name, for messages."""
    columns: Mapping[str, Column]
    rows: int
    first_row: int = 0
    """Where in the file it begins, from 0, if it is only a part of it."""

    def take(self, rows: NDArray[Any]) -> "Dataset":
        """Return some rows, by mask or index."""
        taken = {name: column.take(rows) for name, column in self.columns.items()}
        count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return replace(self, columns=taken, rows=count)

    def without(self, names: Sequence[str]) -> "Dataset":
        """Return it without some columns."""
        kept = {name: column for name, column in self.columns.items() if name not in set(names)}
        return replace(self, columns=kept)
