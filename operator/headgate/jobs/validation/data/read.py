"""Read a file of rows, whatever its format, into columns that the checks can test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from headgate.jobs.validation.data.csv_source import CsvFile, check_bytes, read_csv
from headgate.jobs.validation.data.dataset import DataError, Dataset
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.parquet_source import read_parquet
from headgate.jobs.validation.data.parquet_table import is_parquet, open_table

__all__ = ["ReadLimits", "read_dataset", "refuse_oversized"]

FEWEST_ROWS: Final = 2
_DEFAULT_LIMITS: Final = ReadLimits()
_GZIP: Final = b"\x1f\x8b"
_OTHERS: Final = {
    b"PK\x03\x04": "a zip or spreadsheet",
    b"ARROW1": "an Arrow file",
    b"OBJ\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}


def read_dataset(
    path: Path,
    *,
    name: str | None = None,
    columns: Sequence[str] | None = None,
    limits: ReadLimits = _DEFAULT_LIMITS,
) -> Dataset:
    """Return the rows of a parquet or CSV file (gzipped or not), told apart by their content.

    A folder of parquet files is one table, in the order of their names.

    `name` is what messages call the file, else its own name; `columns` are those to read, else all.
    Numbers, truths, dates and texts are read, each as `Column` says; a column of texts is
    categorical if few recur. Constant and all-missing columns are legal. Raises DataError naming
    file, column and row (counted from 1, without a header) for whatever is not: see `column_of`,
    `read_csv`, `read_parquet`; for fewer than 2 rows; and for more than `limits` allow, which is
    seen before the data is in memory.
    """
    import pyarrow as pa

    file = name or path.name
    try:
        if is_parquet(path):
            read, rows = read_parquet(open_table(path, file), columns, limits)
        else:
            start = _start(path)
            _refuse_others(path, file, start)
            source = CsvFile(path=path, file=file, packed=start.startswith(_GZIP))
            read, rows = read_csv(source, columns, limits)
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None
    pa.default_memory_pool().release_unused()
    check_rows(file, rows)
    return Dataset(name=file, columns=read, rows=rows)


def check_rows(file: str, rows: int) -> None:
    """Raise DataError for fewer than 2 rows."""
    if rows < FEWEST_ROWS:
        had = "no rows" if rows == 0 else "only one row"
        raise DataError(f"{file}: has {had}; at least {FEWEST_ROWS} are needed")


def refuse_oversized(path: Path, limits: ReadLimits = _DEFAULT_LIMITS) -> None:
    """Raise DataError for a CSV file that `read_dataset` would refuse, by its size alone.

    For who would read all of it before that, as for its digest. A gzip's size says nothing.
    """
    try:
        if not is_parquet(path) and not _start(path).startswith(_GZIP):
            check_bytes(path.stat().st_size, path.name, limits)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read: {error.strerror or error}") from None


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(8)


def _refuse_others(path: Path, file: str, start: bytes) -> None:
    if path.suffix == ".parquet":
        what = "is empty" if not start else "does not begin as parquet does"
        raise DataError(f"{file}: {what}: it is broken, or not a parquet file")
    for mark, what in _OTHERS.items():
        if start.startswith(mark):
            raise DataError(f"{file}: is {what}; parquet and CSV in UTF-8 are read")
