"""CSV files, plain or gzipped: types by the whole file, and faults by their row."""

import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TextIO, cast

import numpy as np

from headgate.jobs.validation.data.arrow_columns import LARGEST_WHOLE, column_of, huge_message
from headgate.jobs.validation.data.csv_faults import header_of, row_at_fault, unclosed_quote
from headgate.jobs.validation.data.csv_types import retyped
from headgate.jobs.validation.data.dataset import Column, ColumnKind, DataError
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.names import chosen_columns

_BLOCK: Final = 4 * 1024**2
_CHUNK: Final = 1024**2


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """One file; `file` is what messages call it."""

    path: Path
    file: str
    packed: bool
    """Whether it is gzipped."""

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Open its plain bytes; DataError where the packing is broken."""
        try:
            with gzip.open(self.path) if self.packed else self.path.open("rb") as stream:
                yield cast("IO[bytes]", stream)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(f"{self.file}: the gzip is broken or cut off: {error}") from None

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """Open its text, with lone surrogates in place of bytes that are no UTF-8."""
        with (
            self.opened() as stream,
            io.TextIOWrapper(
                stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
            ) as text,
        ):
            yield text


def read_csv(
    source: CsvFile, wanted: Sequence[str] | None, limits: ReadLimits
) -> tuple[Mapping[str, Column], int]:
    """Return the wanted columns (None: all), in the file's order, and the number of rows.

    Fields are separated by commas, quoted by double quotes; the first line names the columns.
    Empty fields, `NA`, `NaN`, `null` and pandas' other spellings are missing, quoted or not. A
    column is of numbers, dates or truths if all its values are; where more than 95% are, the others
    are taken for faults. Raises DataError, naming the row (from 1, without the header).
    """
    size = _measured(source, limits)
    with source.text() as text:
        header = header_of(text, source.file)
    names = chosen_columns(header, wanted, source.file)
    limits.check_cells(source.file, size.lines - 1, len(names))
    if size.quotes % 2:  # each that opens is closed, and each within is doubled
        with source.text() as text:
            fault = unclosed_quote(text, source.file)
        if fault:
            raise fault
    arrays = _arrays(source, header, names)
    columns: dict[str, Column] = {}
    rows = len(arrays[names[0]])
    for name in names:
        array = retyped(name, arrays.pop(name), source.file)
        columns[name] = column_of(name, array, source.file)
        del array  # one column at a time is in memory twice
    _refuse_huge(source, header, columns)
    return columns, rows


@dataclass(frozen=True)
class _Size:
    lines: int
    quotes: int


def _measured(source: CsvFile, limits: ReadLimits) -> _Size:
    if not source.packed:
        check_bytes(source.path.stat().st_size, source.file, limits)
    size = lines = quotes = 0
    last = b"\n"
    with source.opened() as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            lines += chunk.count(b"\n")
            quotes += chunk.count(b'"')
            last = chunk[-1:]
            check_bytes(size, source.file, limits)
    if size == 0:
        raise DataError(f"{source.file}: is empty")
    return _Size(lines + (last != b"\n"), quotes)


def check_bytes(size: int, file: str, limits: ReadLimits) -> None:
    """Raise DataError where a CSV file of so many bytes, unpacked, is too large."""
    if size > limits.max_bytes:
        raise DataError(
            f"{file}: has more than {limits.max_bytes} bytes of CSV, which is the limit: store it"
            " as parquet, which is read column by column, or leave columns out of it, or take a"
            " sample of its rows"
        )


def _arrays(
    source: CsvFile, header: Sequence[str], names: Sequence[str], *, as_text: bool = False
) -> dict[str, Any]:
    import pyarrow as pa
    from pyarrow import csv

    types = dict.fromkeys(names, pa.string()) if as_text else {}
    try:
        with pa.input_stream(
            str(source.path), compression="gzip" if source.packed else None
        ) as stream:
            table = csv.read_csv(
                stream,
                read_options=csv.ReadOptions(
                    block_size=_BLOCK, column_names=list(header), skip_rows_after_names=1
                ),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    include_columns=list(names),
                    column_types=types,
                    strings_can_be_null=True,
                    true_values=["true", "True", "TRUE"],
                    false_values=["false", "False", "FALSE"],
                ),
            )
    except (pa.ArrowException, OSError) as error:
        with source.text() as text:
            fault = row_at_fault(text, source.file, header)
        first = str(error).splitlines()[0]
        raise fault or DataError(f"{source.file}: is not CSV: {first}") from None
    return dict(zip(names, table.columns, strict=True))


def _refuse_huge(source: CsvFile, header: Sequence[str], columns: Mapping[str, Column]) -> None:
    """Refuse whole numbers of so many digits that Arrow itself took them for floating ones."""
    suspects = [
        column.name
        for column in columns.values()
        if column.kind is ColumnKind.NUMERIC
        and not column.integral
        and bool((np.abs(column.values) > LARGEST_WHOLE).any())
    ]
    if not suspects:
        return
    written = _arrays(source, header, suspects, as_text=True)
    for name in suspects:
        for row in np.flatnonzero(np.abs(columns[name].values) > LARGEST_WHOLE):
            text = str(written[name][int(row)]).strip()
            if text.lstrip("+-").isdigit():
                raise DataError(huge_message(name, source.file, int(row), text))
