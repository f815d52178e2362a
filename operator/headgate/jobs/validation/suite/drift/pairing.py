"""Which candidate row belongs to which reference row, by the column that the policy names."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import (
    Column,
    ColumnKind,
    DataError,
    Dataset,
    Integers,
    shown,
)
from headgate.jobs.validation.data.labels import texts_of
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError

PATH = "spec.design.pairs"


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Rows of both files that belong together, in order of their keys, and those that do not."""

    reference: Integers
    """(n,) indices of reference rows."""
    candidate: Integers
    """(n,) the index of each one's partner."""
    alone: tuple[int, int]
    """Rows of reference and candidate whose key the other file does not have."""
    keyless: tuple[int, int]
    """Rows that have no key at all."""


def pairing_of(case: Case, name: str) -> Pairing:
    """Return the pairs by the column `name`.

    Raises DataError, naming file, column and row, for a key that stands twice in one file, and for
    a column that cannot be a key; PolicyMismatchError where a file lacks it.
    """
    sides = (case.reference, case.candidate)
    columns = [_key(data, name) for data in sides]
    if columns[0].kind is not columns[1].kind:
        raise DataError(
            f"{PATH}: column {shown(name)} is {columns[0].kind} in {case.reference.name} and"
            f" {columns[1].kind} in {case.candidate.name}: store it alike in both"
        )
    rows = [np.flatnonzero(~column.missing) for column in columns]
    keys = [
        _values(column, data)[at] for column, data, at in zip(columns, sides, rows, strict=True)
    ]
    for data, key, at in zip(sides, keys, rows, strict=True):
        _refuse_twice(data.name, name, key, at)
    _, first, second = np.intersect1d(keys[0], keys[1], assume_unique=True, return_indices=True)
    n = len(first)
    return Pairing(
        reference=rows[0][first],
        candidate=rows[1][second],
        alone=(len(keys[0]) - n, len(keys[1]) - n),
        keyless=(len(columns[0]) - len(keys[0]), len(columns[1]) - len(keys[1])),
    )


def _key(data: Dataset, name: str) -> Column:
    if name not in data.columns:
        raise PolicyMismatchError(f"{PATH}: {data.name} has no column {shown(name)}")
    return data.columns[name]


def _values(column: Column, data: Dataset) -> NDArray[Any]:
    """Return (n,) what tells the rows' keys apart."""
    if column.kind in {ColumnKind.NUMERIC, ColumnKind.DATETIME}:
        return column.values
    if column.kind is ColumnKind.TEXT and column.texts is None:
        raise DataError(
            f"{PATH}: column {shown(column.name)} of {data.name} has too many different texts to be"
            " kept: name a column of numbers"
        )
    return texts_of(column, data.name)


def _refuse_twice(file: str, name: str, keys: NDArray[Any], rows: Integers) -> None:
    order = np.argsort(keys, kind="stable")
    repeats = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not len(repeats):
        return
    places = order[repeats + 1]  # of equal keys, the later one
    second = int(np.argmin(places))
    row, before = int(places[second]), int(order[repeats[second]])
    value = keys[row]
    told = f"{value:g}" if isinstance(value, float) else value
    further = len(repeats) - 1
    more = f" (further such rows: {further})" if further else ""
    raise DataError(
        f"{file}: column {shown(name)}: row {int(rows[row]) + 1} has the key {shown(told)} of row"
        f" {int(rows[before]) + 1}{more}, and {PATH} says that a key names one row: leave the"
        " repeated rows out, or name what rows belong to in spec.design.clusters"
    )
