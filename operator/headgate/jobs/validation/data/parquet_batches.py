"""Parquet tables read some rows at a time, for those that do not fit into memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.parquet_table import ParquetPart, ParquetTable, broken_parquet

_MEBIBYTE: Final = 1024**2
MOST_CELLS: Final = 4_000_000
"""Rows times columns that are read at once: 32 MB of numbers."""
MOST_BYTES: Final = 128 * _MEBIBYTE
"""Of rows as they are on average, so that long texts make shorter batches."""
_BUFFER: Final = _MEBIBYTE
"""Bytes of a column that are read ahead; without it, Arrow reads all of a row group's."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some rows that follow each other."""

    first_row: int
    """In the whole table, from 0."""
    rows: Any
    """Arrow's RecordBatch."""


def batches(
    table: ParquetTable, columns: Sequence[str], *, most_cells: int = MOST_CELLS
) -> Iterator[Batch]:
    """Yield all rows of some columns, in order; a batch ends with its row group at the latest.

    Raises DataError for a file that turns out to be broken, or to have other rows than it says.
    """
    size = _rows_at_once(table, len(columns), most_cells)
    first = 0
    for part in table.files:
        before = first
        for rows in _of_part(part, columns, size):
            yield Batch(first_row=first, rows=rows)
            first += rows.num_rows
        if first - before != part.rows:
            raise DataError(
                f"{part.name}: holds {first - before} rows, and says {part.rows}: the file is"
                " broken"
            )


def _rows_at_once(table: ParquetTable, columns: int, most_cells: int) -> int:
    each = max(1, table.unpacked_bytes // max(1, table.rows))
    return max(1, min(most_cells // max(1, columns), MOST_BYTES // each))


def _of_part(part: ParquetPart, columns: Sequence[str], size: int) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    if not part.rows:
        return
    try:
        with parquet.ParquetFile(
            part.path, metadata=part.metadata, buffer_size=_BUFFER, pre_buffer=False
        ) as opened:
            for group in range(opened.num_row_groups):  # what is read of all is held to the end
                for rows in opened.iter_batches(size, row_groups=[group], columns=list(columns)):
                    yield rows.select(list(columns))
    except (pa.ArrowException, OSError, KeyError) as error:
        raise broken_parquet(part.name, error) from None
