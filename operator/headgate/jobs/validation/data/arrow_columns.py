"""Arrow's columns as the checks' columns: numbers, codes of categories, lengths of texts."""

from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.arrow_texts import text_column
from headgate.jobs.validation.data.dataset import (
    LARGEST_NUMBER,
    Booleans,
    Column,
    ColumnKind,
    DataError,
    Floats,
    shown,
)
from headgate.jobs.validation.data.labels import TRUTHS

LARGEST_WHOLE: Final = 2**53
"""Above it, float64 skips whole numbers: two that differ would be one."""
_PER_SECOND: Final = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
_SECONDS_A_DAY: Final = 86_400


def column_of(
    name: str, array: Any, file: str, *, declared: bool = False, first_row: int | None = None
) -> Column:
    """Return the column that a pyarrow ChunkedArray of n values holds.

    `declared` says that the file itself calls it categorical, whatever its values; `first_row` at
    which row of the file, from 0, the values begin where they are only a part of it. Times of day
    and durations are numbers of seconds; NaN and null are both missing. Raises DataError, naming
    the row (from 1, without the header), for infinities, for numbers beyond 1e100, for whole ones
    beyond 2**53, for text that is not UTF-8, and for types that no check reads.
    """
    import pyarrow as pa

    kinds, of_type = pa.types, array.type
    if kinds.is_dictionary(of_type) or _is_text(of_type):
        return text_column(name, array, file, declared=declared, first_row=first_row or 0)
    if kinds.is_boolean(of_type):
        return _boolean(name, array)
    if kinds.is_null(of_type):
        return _numeric(name, np.full(len(array), np.nan))
    if kinds.is_integer(of_type):
        _refuse_huge(name, array, file, first_row or 0)
        return _numeric(name, _floats(array), integral=True)
    if kinds.is_floating(of_type) or kinds.is_decimal(of_type):
        values = _floats(array.cast(pa.float64()) if kinds.is_decimal(of_type) else array)
        refuse_uncomputable(name, values, file, first_row)
        return _numeric(name, values)
    if kinds.is_timestamp(of_type) or kinds.is_date(of_type):
        return _numeric(name, _seconds(array), kind=ColumnKind.DATETIME)
    if kinds.is_time(of_type) or kinds.is_duration(of_type):
        return _numeric(name, _seconds(array))
    raise DataError(
        f"{file}: column {shown(name)} is of type {of_type}; numbers, truths, dates and texts are"
        " read: leave the column out of the file"
    )


def refuse_uncomputable(name: str, values: Floats, file: str, first_row: int | None = None) -> None:
    """Raise DataError where (n,) values hold infinities, or numbers beyond 1e100.

    The message says how many, and the first one's row. How many is left out where the values are
    only a part of the file, from `first_row` on.
    """
    where = f"{file}: column {shown(name)}"
    infinite = np.isinf(values)
    _refuse(infinite, f"{where} is infinite", "nothing can be computed with that", first_row)
    over = np.abs(values) > LARGEST_NUMBER
    if over.any():
        what = f"{where} is {values[int(np.argmax(over))]:g}"
        _refuse(over, what, f"sums of numbers beyond {LARGEST_NUMBER:g} overflow", first_row)


def _refuse(wrong: Booleans, what: str, why: str, first_row: int | None) -> None:
    if wrong.any():
        further = int(np.count_nonzero(wrong)) - 1
        more = f" (further such rows: {further})" if further and first_row is None else ""
        row = (first_row or 0) + int(np.argmax(wrong)) + 1
        raise DataError(
            f"{what} in row {row}{more}: {why}; leave it empty where it means a missing value"
        )


def huge_message(name: str, file: str, row: int, value: int | str) -> str:
    """Return what to say of a whole number that float64 cannot hold; the row counts from 0."""
    return (
        f"{file}: column {shown(name)}: row {row + 1} is {str(value)[:40]}, and whole numbers"
        " beyond 2**53 cannot be told apart as numbers; if it is an identifier, store it"
        " as text in parquet, or leave the column out"
    )


def _is_text(of_type: Any) -> bool:
    import pyarrow as pa

    kinds = pa.types
    return bool(
        kinds.is_string(of_type)
        or kinds.is_large_string(of_type)
        or kinds.is_string_view(of_type)
        or kinds.is_binary(of_type)
        or kinds.is_large_binary(of_type)
    )


def _floats(array: Any) -> Floats:
    values: Floats = array.to_numpy().astype(np.float64, copy=False)  # null becomes NaN
    return values


def _numeric(
    name: str, values: Floats, *, kind: ColumnKind = ColumnKind.NUMERIC, integral: bool = False
) -> Column:
    return Column(name=name, kind=kind, values=values, missing=np.isnan(values), integral=integral)


def _boolean(name: str, array: Any) -> Column:
    import pyarrow as pa

    codes = array.cast(pa.int8()).fill_null(-1).to_numpy().astype(np.float64)
    return Column(
        name=name,
        kind=ColumnKind.BOOLEAN,
        values=codes,
        missing=codes < 0,
        categories=TRUTHS,
        integral=True,
    )


def _seconds(array: Any) -> Floats:
    import pyarrow as pa

    of_type = array.type
    if pa.types.is_date32(of_type):
        return _floats(array.cast(pa.int32())) * _SECONDS_A_DAY
    unit = "ms" if pa.types.is_date64(of_type) else of_type.unit
    plain = pa.int32() if pa.types.is_time32(of_type) else pa.int64()
    return _floats(array.cast(plain)) / _PER_SECOND[unit]


def _refuse_huge(name: str, array: Any, file: str, first_row: int) -> None:
    import pyarrow.compute as pc

    extremes = pc.min_max(array).as_py()
    if extremes["max"] is None or (
        extremes["max"] <= LARGEST_WHOLE and extremes["min"] >= -LARGEST_WHOLE
    ):
        return
    numbers = array.fill_null(0).to_numpy()
    row = int(np.argmax((numbers > LARGEST_WHOLE) | (numbers < -LARGEST_WHOLE)))
    raise DataError(huge_message(name, file, first_row + row, int(numbers[row])))
