"""Files that cannot be validated: exit 3 and one line that names file, column and row."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.unit.cli.bad_input.rows import (
    CHECKS,
    Spoil,
    Validate,
    a_file,
    a_table,
    first,
    put,
    rows,
    without,
)

pytestmark = pytest.mark.sweep

FORMS = ("parquet", "csv")
INPUTS = ("reference", "candidate")
TWO_GIGABYTES = 2 * 1024**3
BAD_COLUMNS: dict[str, tuple[Spoil, str]] = {
    "no row at all": (rows(0), "{file}: has no rows; at least 2 are needed"),
    "one row": (rows(1), "{file}: has only one row; at least 2 are needed"),
    "an infinity": (first("x", np.inf), "{file}: column 'x' is infinite in row 1: "),
    "minus infinity": (first("x", -np.inf), "{file}: column 'x' is infinite in row 1: "),
    "a number whose square is infinite": (first("x", 1e200), "column 'x' is 1e+200 in row 1: "),
    "a huge whole number": (
        first("k", 2**60),
        "{file}: column 'k': row 1 is 1152921504606846976, and whole numbers beyond 2**53",
    ),
}
BAD_TARGETS: dict[str, tuple[Spoil, str]] = {
    "an absent target": (without("y"), "spec.target: candidate.{form} has no column 'y'; it has"),
    "a target without a value": (
        put(y=lambda n: pa.array([None] * n, pa.int64())),
        "candidate.{form}: column 'y', the target, has no values at all",
    ),
    "one class only": (
        put(y=lambda n: np.ones(n, int)),
        "candidate.{form}: column 'y', the target, has one class only, '1'",
    ),
    "a target of dates": (
        put(y=lambda n: np.arange(n).astype("datetime64[s]")),
        "candidate.{form}: column 'y', the target, holds dates",
    ),
    "absent answers": (
        without("answer"),
        "spec.predictions.column: candidate.{form} has no",
    ),
    "an answer that is missing": (
        put(answer=lambda n: pa.array([0] * (n - 1) + [None])),
        "candidate.{form}: column 'answer': row 200 has no answer",
    ),
    "an answer that is no class": (
        first("answer", 7),
        "candidate.{form}: column 'answer': row 1 is '7', which is no class of the target",
    ),
    "absent scores": (without("p1"), "spec.predictions.scores[1]: candidate.{form} has no column"),
    "a score that is missing": (
        put(p1=lambda n: pa.array([0.5] * (n - 1) + [None])),
        "candidate.{form}: column 'p1': row 200 has no score",
    ),
    "a score above 1": (
        first("p1", 1.5),
        "candidate.{form}: column 'p1': row 1 is 1.5, and a",
    ),
    "scores that do not add up": (
        put(p1=np.zeros),
        "candidate.{form}: columns 'p0', 'p1': row 1 adds up to",
    ),
    "numbers for classes": (
        put(answer=lambda n: np.full(n, 0.25)),
        "row 1 is '0.25', which is no class of the target ('0', '1'); probabilities belong into",
    ),
    "absent groups": (without("g"), "spec.sensitive[0]: candidate.{form} has no column 'g'"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("side", INPUTS)
@pytest.mark.parametrize("fault", BAD_COLUMNS)
def test_a_column_that_cannot_be_read_is_named_with_its_row(
    validate: Validate, tmp_path: Path, fault: str, side: str, form: str
) -> None:
    spoil, message = BAD_COLUMNS[fault]
    path = a_file(tmp_path, side, spoil(a_table()), form)
    told = validate(CHECKS["quality"], **{side: path}).refusal()
    assert message.format(file=path.name) in told


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", BAD_TARGETS)
def test_a_target_or_answers_that_cannot_be_judged_are_named(
    validate: Validate, tmp_path: Path, fault: str, form: str
) -> None:
    spoil, message = BAD_TARGETS[fault]
    path = a_file(tmp_path, "candidate", spoil(a_table(2)), form)
    told = validate(CHECKS["fairness"], candidate=path).refusal()
    assert message.format(form=form) in told


def a_parquet_bytes(folder: Path) -> bytes:
    return a_file(folder, "whole", a_table(), "parquet").read_bytes()


def two_columns_of_one_name(folder: Path) -> bytes:
    path = folder / "twice.parquet"
    table = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["x", "x"])
    parquet.write_table(table, path)
    return path.read_bytes()


def lists_of_numbers(folder: Path) -> bytes:
    return a_file(folder, "lists", {"x": [[1], [2, 3]]}, "parquet").read_bytes()


def no_columns(folder: Path) -> bytes:
    return a_file(folder, "bare", {}, "parquet").read_bytes()


def scrambled_pages(folder: Path) -> bytes:
    content = bytearray(a_parquet_bytes(folder))
    content[4:400] = bytes(396)
    return bytes(content)


BAD_BYTES: dict[str, tuple[str, bytes | Callable[[Path], bytes], str]] = {
    "an empty csv": ("a.csv", b"", "a.csv: is empty"),
    "an empty parquet": ("a.parquet", b"", "a.parquet: is empty: it is broken, or not a parquet"),
    "a parquet cut off": (
        "a.parquet",
        lambda folder: a_parquet_bytes(folder)[:-100],
        "a.parquet: is not readable as parquet: broken or cut off",
    ),
    "a parquet whose pages are broken": (
        "a.parquet",
        scrambled_pages,
        "a.parquet: column 'x': is not readable as parquet: broken or cut off",
    ),
    "a csv called parquet": ("a.parquet", b"x\n1\n2\n", "does not begin as parquet does"),
    "a spreadsheet": ("a.csv", b"PK\x03\x04....", "a.csv: is a zip or spreadsheet"),
    "bytes": ("a.csv", bytes(range(256)), "a.csv: is neither parquet nor CSV"),
    "a gzip cut off": ("a.csv.gz", gzip.compress(b"x\n1\n2\n")[:-9], "gzip is broken or cut off"),
    "another encoding": ("a.csv", b"x,y\n1,a\n2,caf\xe9\n", "column 'y': row 2 is not UTF-8"),
    "a csv of semicolons": ("a.csv", b"x;y\n1;2\n3;4\n", "separate its fields by commas"),
    "a row of too few fields": ("a.csv", b"x,y\n1,2\n3\n", "a.csv: row 2 (line 3): expected 2"),
    "mixed types": (
        "a.csv",
        b"x,y\n" + b"1,2\n" * 99 + b"n/k,2\n",
        "a.csv: column 'x': row 100 is 'n/k', and 99 of 100 values are numbers",
    ),
    "duplicate columns in csv": ("a.csv", b"x,x\n1,2\n3,4\n", "more than one column of the name"),
    "duplicate columns in parquet": (
        "a.parquet",
        two_columns_of_one_name,
        "a.parquet: has more than one column of the name 'x'",
    ),
    "a column of lists": ("a.parquet", lists_of_numbers, "column 'x' is of type list<"),
    "no columns": ("a.parquet", no_columns, "a.parquet: has no columns"),
    "a name with quotes and newlines": (
        "a.csv",
        b'"it\'s\n""x"""\ninf\n2\n',
        r"""a.csv: column 'it\'s\n"x"' is infinite in row 1""",
    ),
}


@pytest.mark.parametrize("side", INPUTS)
@pytest.mark.parametrize("fault", BAD_BYTES)
def test_a_file_that_is_broken_is_named(
    validate: Validate, tmp_path: Path, fault: str, side: str
) -> None:
    name, content, message = BAD_BYTES[fault]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    told = validate({"checks": [{"drift": {}}]}, **{side: path}).refusal()
    assert message in told


@pytest.mark.parametrize("side", INPUTS)
def test_a_csv_of_two_gigabytes_is_refused_by_its_size(
    validate: Validate, tmp_path: Path, side: str
) -> None:
    # given a file with a hole, which takes no space on the disk
    path = tmp_path / "large.csv"
    path.write_text("x\n1\n2\n")
    with path.open("r+b") as file:
        file.truncate(TWO_GIGABYTES)
    # when
    told = validate({"checks": [{"drift": {}}]}, **{side: path}).refusal()
    # then
    assert "large.csv: has more than 268435456 bytes of CSV, which is the limit" in told


def test_a_folder_without_parquet_is_no_file_of_rows(validate: Validate, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    told = validate({"checks": [{"drift": {}}]}, candidate=tmp_path / "folder").refusal()
    assert "folder: the folder holds no file that ends in .parquet" in told
