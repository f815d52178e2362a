import gzip
import re
from pathlib import Path

import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.read import read_dataset
from tests.unit.jobs.validation.data.builders import a_csv

NUMBERS = "".join(f"{number},1\n" for number in range(100))
DATES = "".join(f"2026-01-{day:02},1\n" for day in range(1, 29))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "rows.csv: is empty"),
        ("x,y\n", "rows.csv: has no rows; at least 2 are needed"),
        ("x,y\n1,2\n", "rows.csv: has only one row; at least 2 are needed"),
        (f"x,y\n1,1\nabc,1\n{NUMBERS}", "rows.csv: column 'x': row 2 is 'abc', and 101 of 102 val"),
        (f"x,y\n{NUMBERS}abc,1\n", "column 'x': row 101 is 'abc', and 100 of 101 values"),
        (f"x,y\n{DATES}soon,1\n", "column 'x': row 29 is 'soon', and 28 of 29 values are dates"),
        ("x,y\n1,2\ninf,3\n", "rows.csv: column 'x' is infinite in row 2:"),
        ("x,y\n1,2\n1e999,3\n-inf,3\n", "column 'x' is infinite in row 2 (further such rows: 1)"),
        ("x,y\n1.5,2\n-1e308,3\n", "column 'x' is -1e+308 in row 2: sums of numbers beyond 1e+100"),
        ("x,y\n1,2\n9007199254740993,3\n", "column 'x': row 2 is 9007199254740993, and whole num"),
        ("x,y\n1.5,2\n,3\n123456789012345678901234,3\n", "row 3 is 123456789012345678901234,"),
        ("x,y,x\n1,2,3\n4,5,6\n", "rows.csv: has more than one column of the name 'x'"),
        ("x,y\n1,2\n3\n", "rows.csv: row 2 (line 3): expected 2 fields, as in the header, got 1"),
        ("x,y\n1,2\n3,4,5\n", "row 2 (line 3): expected 2 fields, as in the header, got 3"),
        ('x,y\n"a\nb",2\n3,4,5\n', "row 2 (line 4): expected 2 fields"),
        ('x,y\n1,2\n3,"a\n5,6\n', "row 2 (line 3): a quote is not closed before the file ends"),
        ("x;y\n1;2\n3;4\n", "has one column, 'x;y': separate its fields by commas"),
        ("\nx,y\n1,2\n3,4\n", "line 1 is empty; it has to name the columns"),
        (b"x,y\n1,a\n2,caf\xe9\n", "column 'y': row 2 is not UTF-8"),
        (b"x,caf\xe9\n1,a\n2,b\n", "line 1 is not UTF-8"),
        ("x,y\n1,2\n3,4\n".encode("utf-16"), "is text in UTF-16; parquet and CSV in UTF-8 are"),
        (bytes(range(64)), "is neither parquet nor CSV"),
        (b"PK\x03\x04....", "is a zip or spreadsheet; parquet and CSV"),
        (gzip.compress(b"x,y\n1,2\n3,4\n")[:-9], "the gzip is broken or cut off"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_by_column_and_row(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        read_dataset(a_csv(tmp_path, text))


def test_a_name_with_quotes_and_newlines_is_escaped_in_messages(tmp_path: Path) -> None:
    path = a_csv(tmp_path, "\"a\n'b'\u202e\",y\ninf,1\n2,2\n")
    with pytest.raises(DataError) as refusal:
        read_dataset(path)
    assert "column \"a\\n'b'\\u202e\" is infinite in row 1" in str(refusal.value)


def test_messages_call_the_file_what_the_caller_calls_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^candidate: is empty$"):
        read_dataset(a_csv(tmp_path, ""), name="candidate")


def test_an_unknown_column_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    path = a_csv(tmp_path, "x,y\n1,2\n3,4\n")
    with pytest.raises(DataError, match="has no column 'z'; it has 'x', 'y'"):
        read_dataset(path, columns=("x", "z"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^rows.csv: cannot be read: No such file"):
        read_dataset(tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ReadLimits(max_bytes=20), "more than 20 bytes of CSV, which is the limit: store it as"),
        (ReadLimits(max_rows=3), "has 5 rows, and at most 3 are read as a whole: store"),
        (ReadLimits(max_cells=9), "5 rows of 2 columns are more than the 9 values"),
    ],
)
def test_what_is_too_large_is_refused(tmp_path: Path, limits: ReadLimits, message: str) -> None:
    path = a_csv(tmp_path, "x,y\n" + "1,2\n" * 5)
    with pytest.raises(DataError, match=message):
        read_dataset(path, limits=limits)


def test_a_csv_of_two_gigabytes_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    # given a file with a hole, which takes no space on the disk
    path = a_csv(tmp_path, "x,y\n1,2\n")
    with path.open("r+b") as file:
        file.truncate(2 * 1024**3)
    # then
    with pytest.raises(DataError, match="bytes of CSV, which is the limit"):
        read_dataset(path)


def test_a_gzip_bomb_is_refused_by_what_it_unpacks_to(tmp_path: Path) -> None:
    path = a_csv(tmp_path, gzip.compress(b"x,y\n" + b"1,2\n" * 1_000_000))
    with pytest.raises(DataError, match="bytes of CSV, which is the limit"):
        read_dataset(path, limits=ReadLimits(max_bytes=1_000_000))
