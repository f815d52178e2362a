"""Parquet tables read column by column, so that one column at a time is in memory twice."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.dataset import Column, DataError, shown
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.names import chosen_columns
from headgate.jobs.validation.data.parquet_table import ParquetTable, broken_parquet, is_text

_WIDEST_NUMBER: Final = 16
"""Bytes of a decimal, the largest of what is no text."""


def read_parquet(
    table: ParquetTable, wanted: Sequence[str] | None, limits: ReadLimits
) -> tuple[Mapping[str, Column], int]:
    """Return the wanted columns (None: all), in the table's order, and the number of rows.

    Raises DataError for a table that is broken, cut off or too large; that is seen in the files'
    own figures, before columns are read.
    """
    import pyarrow as pa

    names = chosen_columns(table.column_names, wanted, table.name)
    limits.check_cells(table.name, table.rows, len(names))
    _check_size(table, limits)
    columns: dict[str, Column] = {}
    for name in names:
        array = _whole_column(table, name)
        if len(array) != table.rows:
            raise DataError(
                f"{table.name}: column {shown(name)} has {len(array)} values, and the file says"
                f" {table.rows}: the file is broken"
            )
        declared = pa.types.is_dictionary(table.type_of(name))
        columns[name] = column_of(name, array, table.name, declared=declared)
        del array
    return columns, table.rows


def _whole_column(table: ParquetTable, name: str) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    texts = [name] if is_text(table.type_of(name)) else []
    chunks: list[Any] = []
    for part in table.files:
        try:
            with parquet.ParquetFile(
                part.path, metadata=part.metadata, read_dictionary=texts
            ) as opened:
                chunks += opened.read(columns=[name]).column(name).chunks
        except (pa.ArrowException, OSError, KeyError) as error:
            raise broken_parquet(part.name, error, f"column {shown(name)}: ") from None
    return pa.chunked_array(chunks) if chunks else pa.chunked_array([], table.type_of(name))


def _check_size(table: ParquetTable, limits: ReadLimits) -> None:
    most = limits.max_bytes + _WIDEST_NUMBER * table.rows * len(table.column_names)
    if table.unpacked_bytes > most:
        raise DataError(
            f"{table.name}: unpacks to {table.unpacked_bytes} bytes, and at most {most} are read of"
            " so many values: leave long texts out of the file, or take a sample of its rows"
        )
