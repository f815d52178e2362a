"""Values as the texts that name classes and categories, the same from whatever file or model."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import (
    Column,
    ColumnKind,
    DataError,
    Integers,
    shown,
)

TRUTHS = ("false", "true")
"""The categories of every boolean column."""


def label_text(value: Any) -> str:
    """Return the text of one value: 1 and 1.0 are `1`, truths are `true` and `false`."""
    if isinstance(value, bool | np.bool_):
        return TRUTHS[int(value)]
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def coded(column: Column, file: str) -> tuple[Integers, tuple[str, ...]]:
    """Return (n,) indices into the texts of the column's different values, -1 where missing.

    Numbers are in their own order, all else in that of its text. Raises DataError for dates, and
    for texts that were too many to keep.
    """
    if column.counted:
        return column.values.astype(np.int64), column.categories
    if column.kind is ColumnKind.NUMERIC:
        return _coded_numbers(column)
    if column.kind is ColumnKind.TEXT and column.texts is not None:
        return _coded_texts(column.texts.codes, column.texts.distinct)
    what = "dates" if column.kind is ColumnKind.DATETIME else "too many different texts"
    raise DataError(f"{file}: column {shown(column.name)} holds {what}, which name no classes")


def texts_of(column: Column, file: str) -> NDArray[np.object_]:
    """Return (n,) the column's values as text, empty where missing; DataError as in `coded`."""
    codes, texts = coded(column, file)
    named = np.array([*texts, ""], dtype=object)  # the last one is where -1 points
    return named[codes]


def class_positions(classes: Sequence[str]) -> Mapping[str, int]:
    """Return where each class stands, by every text that a model or a column has for it.

    Truths go by 0 and 1 too, and the other way round; classes whose names are no numbers go by
    their place as well, which is how a model answers whose target was encoded before training.
    """
    positions = {name: place for place, name in enumerate(classes)}
    if tuple(classes) == ("0", "1"):
        positions |= {name: place for place, name in enumerate(TRUTHS)}
    elif not any(_is_number(name) for name in classes):
        positions |= {str(place): place for place in range(len(classes))}
    return positions


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _coded_numbers(column: Column) -> tuple[Integers, tuple[str, ...]]:
    codes = np.full(len(column), -1, dtype=np.int64)
    numbers, places = np.unique(column.present(), return_inverse=True)
    codes[~column.missing] = places
    return codes, tuple(label_text(number) for number in numbers)


def _coded_texts(
    codes: NDArray[np.int32], distinct: NDArray[np.object_]
) -> tuple[Integers, tuple[str, ...]]:
    used = np.unique(codes[codes >= 0])
    order = sorted(used.tolist(), key=lambda code: str(distinct[code]))
    places = np.full(len(distinct) + 1, -1, dtype=np.int64)  # the last one is where -1 points
    places[order] = np.arange(len(order))
    return places[codes], tuple(str(distinct[code]) for code in order)
