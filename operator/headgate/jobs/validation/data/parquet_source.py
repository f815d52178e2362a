"""Parquet files, read column by column so that one column at a time is in memory twice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from headgate.core.conditions import printable
from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.dataset import Column, DataError, shown
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.names import chosen_columns

_WIDEST_NUMBER: Final = 16
"""Bytes of a decimal, the largest of what is no text."""


def read_parquet(
    path: Path, file: str, wanted: Sequence[str] | None, limits: ReadLimits
) -> tuple[Mapping[str, Column], int]:
    """Return the wanted columns (None: all), in the file's order, and the number of rows.

    `file` is what messages call it. Raises DataError for a file that is broken, cut off or too
    large; that is seen in the file's own figures, before its columns are read.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as opened:
            metadata, schema = opened.metadata, opened.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise _broken(file, error) from None
    names = chosen_columns(schema.names, wanted, file)
    rows = int(metadata.num_rows)
    limits.check_cells(file, rows, len(names))
    _check_size(metadata, file, limits)
    texts = [name for name in names if _is_text(schema.field(name).type)]
    columns: dict[str, Column] = {}
    with parquet.ParquetFile(path, metadata=metadata, read_dictionary=texts) as opened:
        for name in names:
            try:
                array = opened.read(columns=[name]).column(name)
            except (pa.ArrowException, OSError, KeyError) as error:
                raise _broken(file, error, f"column {shown(name)}: ") from None
            if len(array) != rows:
                raise DataError(
                    f"{file}: column {shown(name)} has {len(array)} values, and the file says"
                    f" {rows}: the file is broken"
                )
            declared = pa.types.is_dictionary(schema.field(name).type)
            columns[name] = column_of(name, array, file, declared=declared)
            del array
    return columns, rows


def _check_size(metadata: Any, file: str, limits: ReadLimits) -> None:
    # a column's own figures are not asked for: damaged ones end the process in Arrow
    groups = range(metadata.num_row_groups)
    size = sum(int(metadata.row_group(group).total_byte_size) for group in groups)
    most = limits.max_bytes + _WIDEST_NUMBER * metadata.num_rows * metadata.num_columns
    if size > most:
        raise DataError(
            f"{file}: unpacks to {size} bytes, and at most {most} are read of so many values:"
            " leave long texts out of the file, or take a sample of its rows"
        )


def _is_text(of_type: Any) -> bool:
    import pyarrow as pa

    kinds = pa.types
    return bool(kinds.is_string(of_type) or kinds.is_large_string(of_type))


def _broken(file: str, error: Exception, where: str = "") -> DataError:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(
        f"{file}: {where}is not readable as parquet: broken or cut off ({printable(first[:200])})"
    )
