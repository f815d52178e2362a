"""Where a CSV file is broken: slow and exact, for files that the fast reader refused.

Bytes that are no UTF-8 have to come as lone surrogates, so that the row that has them is found.
"""

import csv
from collections.abc import Sequence
from typing import TextIO

from headgate.jobs.validation.data.dataset import DataError, shown


def header_of(text: TextIO, file: str) -> tuple[str, ...]:
    """Return the names of the columns, from a file's text; DataError where there are none.

    A semicolon or tab where a comma should be is said to be one.
    """
    try:
        names = next(csv.reader(text))
    except StopIteration:
        raise DataError(f"{file}: is empty") from None
    except csv.Error as error:
        raise DataError(f"{file}: line 1 does not name columns: {error}") from None
    if not names:
        raise DataError(f"{file}: line 1 is empty; it has to name the columns")
    if _broken("".join(names)):
        raise DataError(f"{file}: line 1 is not UTF-8: save the file in that encoding")
    if any("\0" in name for name in names):
        raise DataError(f"{file}: is neither parquet nor CSV")
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise DataError(f"{file}: has one column, {shown(names[0])}: separate its fields by commas")
    return tuple(names)


def row_at_fault(text: TextIO, file: str, header: Sequence[str]) -> DataError | None:
    """Return the first row that has another number of fields, or is not UTF-8; None without one.

    Rows count from 1, without the header; lines count as an editor counts them.
    """
    records = csv.reader(text)
    row = 0
    try:
        next(records)
        for fields in records:
            if fields:  # an empty line is no row
                row += 1
                fault = _fault_in(fields, header)
                if fault:
                    return DataError(f"{file}: row {row} (line {records.line_num}){fault}")
    except csv.Error as error:
        return DataError(f"{file}: after row {row} (line {records.line_num}): {error}")
    return None


def unclosed_quote(text: TextIO, file: str) -> DataError | None:
    """Return the row whose quoted field goes on to the end of the file; None without one."""
    records = csv.reader(text, strict=True)
    row = line = 0
    try:
        for row, _ in enumerate(filter(None, records)):  # noqa: B007  (how far it came)
            line = records.line_num
    except csv.Error as error:
        if "unexpected end" in str(error):
            return DataError(
                f"{file}: row {row + 1} (line {line + 1}): a quote is not closed before the file"
                " ends: the file is cut off, or the quote has to be doubled"
            )
    return None


def _fault_in(fields: Sequence[str], header: Sequence[str]) -> str:
    if len(fields) != len(header):
        return (
            f": expected {len(header)} fields, as in the header, got {len(fields)}: the row is cut"
            " off, or a comma or quote in it is not quoted"
        )
    for name, field in zip(header, fields, strict=True):
        if _broken(field):
            return f": column {shown(name)} is not UTF-8: save the file in that encoding"
    return ""


def _broken(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
