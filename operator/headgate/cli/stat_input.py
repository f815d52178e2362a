"""Reads what `headgate stat` is given: columns of numbers, labels, tables of counts, options.

Text with commas, semicolons, tabs or blanks between values; blank lines and lines that start with
`#` are passed over. A first line of which nothing is a number is a header.
"""

import csv
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MISSING = {"", "na", "n/a", "nan", "null", "none", "."}
_LONGEST_SHOWN = 40
_LARGEST_COUNT = 2**53


class InputError(ValueError):
    """A file or an argument that cannot be read; the message names file, line and value."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A file's numbers, row by row."""

    name: str
    values: "array[float]"
    columns: int

    @property
    def rows(self) -> int:
        """Count the rows."""
        return len(self.values) // self.columns


def read_numbers(path: Path) -> Numbers:
    """Return the file's numbers; raises InputError for values that are none, or not finite."""
    values: array[float] = array("d")
    columns, first = 0, 0
    for line, fields in _rows(path):
        if not columns:
            if not first and _is_header(fields):
                first = line
                continue
            columns, first = len(fields), line
        if len(fields) != columns:
            raise InputError(
                f"{path}: line {line}: has {len(fields)} values; line {first} has {columns}"
            )
        values.extend(_number(path, line, field) for field in fields)
    if not columns:
        raise InputError(f"{path}: has no numbers")
    return Numbers(name=str(path), values=values, columns=columns)


def read_labels(path: Path, rows: int) -> list[str]:
    """Return one label per row, any text; the first of rows + 1 lines is a header.

    Raises InputError where there are other than `rows` or rows + 1 lines, or several columns.
    """
    labels = []
    for line, fields in _rows(path):
        if len(fields) != 1:
            raise InputError(
                f"{path}: line {line}: has {len(fields)} values; expected one group per line "
                '(quote groups that hold commas or blanks: "a, b")'
            )
        labels.append(fields[0])
    if len(labels) == rows + 1:
        return labels[1:]
    if len(labels) != rows:
        raise InputError(f"{path}: has {len(labels)} groups for {rows} values")
    return labels


def read_table(text: str) -> list[list[int]]:
    """Return the counts of `a,b,c,d` (2 x 2, row by row) or of `a,b,c;d,e,f` (rows by `;`).

    Raises InputError for what is no count, for rows of different lengths, and for a single row of
    other than 4.
    """
    rows = [
        [_count(field, f"--table: row {place}") for field in row.split(",")]
        for place, row in enumerate(text.split(";"), 1)
    ]
    if len(rows) == 1:
        if len(rows[0]) != 4:  # noqa: PLR2004  (2 x 2)
            raise InputError(
                f"--table: {text!r} has {len(rows[0])} counts; expected 4, as a,b,c,d, or rows "
                "separated by semicolons, as 'a,b,c;d,e,f'"
            )
        return [rows[0][:2], rows[0][2:]]
    for place, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(
                f"--table: row {place} has {len(row)} counts; row 1 has {len(rows[0])}"
            )
    return rows


def counts_of(numbers: Numbers) -> list[list[int]]:
    """Return a file's numbers as a table of counts; raises InputError for what is no count."""
    for place, value in enumerate(numbers.values):
        if not (0 <= value <= _LARGEST_COUNT and value.is_integer()):
            row, column = divmod(place, numbers.columns)
            raise InputError(
                f"{numbers.name}: row {row + 1}, column {column + 1}: {value:g} is no count"
            )
    counts = [int(value) for value in numbers.values]
    return [
        counts[start : start + numbers.columns] for start in range(0, len(counts), numbers.columns)
    ]


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each line's number and its fields."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for line, text in enumerate(lines, 1):
                stripped = text.strip()
                if stripped and not stripped.startswith("#"):
                    yield line, _fields(path, line, stripped)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not text in UTF-8: {error.reason}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def _fields(path: Path, line: int, text: str) -> list[str]:
    separator = next((one for one in ",;\t" if one in text), " ")
    if '"' not in text:
        parts = text.split() if separator == " " else text.split(separator)
    else:
        try:
            parts = next(csv.reader([text], delimiter=separator, skipinitialspace=True))
        except csv.Error as error:
            raise InputError(f"{path}: line {line}: {error}") from None
    return [part.strip() for part in parts]


def _is_header(fields: list[str]) -> bool:
    """Whether nothing is a number: a mixture is a row with a fault, and is reported as such."""
    return not any(field.lower() in _MISSING or _parsed(field) is not None for field in fields)


def _number(path: Path, line: int, field: str) -> float:
    value = _parsed(field)
    if value is None:
        missing = field.lower() in _MISSING
        raise InputError(
            f"{path}: line {line}: {_shown(field)} is {'missing' if missing else 'not a number'}"
        )
    if not math.isfinite(value):
        raise InputError(f"{path}: line {line}: {_shown(field)} is not a finite number")
    return value


def _parsed(field: str) -> float | None:
    if "_" in field:  # Python takes 1_000 for a number; nobody's data does
        return None
    try:
        return float(field)
    except ValueError:
        return None


def _count(field: str, where: str) -> int:
    text = field.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or int(text) > _LARGEST_COUNT:  # noqa: PLR2004  (2^53 has 16 digits)
        raise InputError(f"{where}: {_shown(text)} is no count; expected a whole number from 0 up")
    return int(text)


def _shown(field: str) -> str:
    short = field if len(field) <= _LONGEST_SHOWN else f"{field[:_LONGEST_SHOWN]}..."
    return repr(short)
