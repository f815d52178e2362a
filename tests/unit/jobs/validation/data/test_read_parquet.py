import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from headgate.jobs.validation.data.dataset import ColumnKind, DataError
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.read import read_dataset
from tests.unit.jobs.validation.data.builders import a_parquet, listed

NUMERIC, CATEGORICAL = ColumnKind.NUMERIC, ColumnKind.CATEGORICAL
BOOLEAN, DATETIME, TEXT = ColumnKind.BOOLEAN, ColumnKind.DATETIME, ColumnKind.TEXT
NOON = datetime(1970, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("array", "kind", "values"),
    [
        (pa.array([3, None, -1]), NUMERIC, [3, None, -1]),
        (pa.array([3, None, 1], pa.uint8()), NUMERIC, [3, None, 1]),
        (pa.array([2**53, -(2**53)]), NUMERIC, [2.0**53, -(2.0**53)]),
        (pa.array([0.5, None, float("nan")]), NUMERIC, [0.5, None, None]),
        (pa.array([0.5, None], pa.float32()), NUMERIC, [0.5, None]),
        (pa.array([0.5, None], pa.float16()), NUMERIC, [0.5, None]),
        (pa.array([Decimal("1.25"), None]), NUMERIC, [1.25, None]),
        (pa.array([None, None]), NUMERIC, [None, None]),
        (pa.array([True, None, False]), BOOLEAN, [1, -1, 0]),
        (pa.array([date(1970, 1, 2), None]), DATETIME, [86400, None]),
        (pa.array([date(1970, 1, 2), None], pa.date64()), DATETIME, [86400, None]),
        (pa.array([NOON, None], pa.timestamp("ns", tz="UTC")), DATETIME, [43200, None]),
        (pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("ms")), DATETIME, [43200, None]),
        (pa.array([time(0, 1), None]), NUMERIC, [60, None]),
        (pa.array([1500, None], pa.duration("ms")), NUMERIC, [1.5, None]),
        (pa.array(["b", None, "a", "b"]), CATEGORICAL, [1, -1, 0, 1]),
        (pa.array(["b", None, "a"], pa.large_string()), CATEGORICAL, [1, -1, 0]),
        (pa.array([b"b", None, b"a"]), CATEGORICAL, [1, -1, 0]),
        (pa.array(["b", None, "a"]).dictionary_encode(), CATEGORICAL, [1, -1, 0]),
        (pa.array([f"{n:03}" for n in range(60)]).dictionary_encode(), CATEGORICAL,
         list(range(60))),
        (pa.array(["x" * n for n in range(60)]), TEXT, list(range(60))),
        (pa.array([None, None], pa.string()), TEXT, [None, None]),
    ],
)  # fmt: skip
def test_kinds_are_those_of_the_files_types(
    tmp_path: Path, array: Any, kind: ColumnKind, values: list[float | None]
) -> None:
    column = read_dataset(a_parquet(tmp_path, {"x": array})).columns["x"]
    assert (column.kind, listed(column.values)) == (kind, values)
    unknown = {None, -1} if column.counted else {None}
    assert column.missing.tolist() == [value in unknown for value in values]


def test_only_whole_types_are_integral(tmp_path: Path) -> None:
    data = read_dataset(a_parquet(tmp_path, {"x": [1, None], "y": [1.0, 2.0]}))
    assert {name: column.integral for name, column in data.columns.items()} == {
        "x": True,
        "y": False,
    }


def test_categories_that_do_not_occur_are_left_out(tmp_path: Path) -> None:
    codes, texts = pa.array([2, 0, 2]), pa.array(["c", "never", "a"])
    array = pa.DictionaryArray.from_arrays(codes, texts)
    column = read_dataset(a_parquet(tmp_path, {"x": array})).columns["x"]
    assert (column.categories, column.values.tolist()) == (("a", "c"), [0, 1, 0])


def test_row_groups_of_different_categories_make_one_column(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"x": ["b", "a", "c", "b", "d", None]})
    parquet.write_table(table, path, row_group_size=2)
    column = read_dataset(path).columns["x"]
    assert column.categories == ("a", "b", "c", "d")
    assert column.values.tolist() == [1, 0, 2, 1, 3, -1]


def test_names_with_dots_quotes_and_newlines_are_read(tmp_path: Path) -> None:
    names = ("a", "a.b", 'the "x"\nof it', "")
    data = read_dataset(a_parquet(tmp_path, {name: [1, 2] for name in names}))
    assert tuple(data.columns) == names


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": pa.array([], pa.int64())}, "rows.parquet: has no rows"),
        ({"x": [1]}, "rows.parquet: has only one row"),
        ({}, "rows.parquet: has no columns"),
        ({"x": [1.0, float("inf")]}, "column 'x' is infinite in row 2"),
        ({"x": [None, 0, 2**53 + 2]}, f"column 'x': row 3 is {2**53 + 2}, and whole numbers"),
        ({"x": pa.array([1, 2**64 - 1], pa.uint64())}, f"column 'x': row 2 is {2**64 - 1},"),
        ({"x": [0, -(2**53) - 1]}, "column 'x': row 2 is -9007199254740993,"),
        ({"x": [[1, 2], [3]]}, "column 'x' is of type list"),
        ({"x": [{"a": 1}, {"a": 2}]}, "column 'x' is of type struct"),
        ({"x": [b"a", b"\xe9"]}, "column 'x': row 2 is not UTF-8"),
        ({"a\n'b'": [1.0, float("inf")]}, "column \"a\\n'b'\" is infinite in row 2"),
    ],
)
def test_bad_values_are_refused_by_column_and_row(
    tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        read_dataset(a_parquet(tmp_path, columns))


def test_text_that_is_not_utf8_is_refused_though_the_file_says_it_is(tmp_path: Path) -> None:
    broken = pa.array([b"a", b"\xe9", b"a"]).view(pa.string())
    with pytest.raises(DataError, match="column 'x': row 2 is not UTF-8"):
        read_dataset(a_parquet(tmp_path, {"x": broken}))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table([[1, 2], [3, 4]], names=["x", "x"]), path)
    with pytest.raises(DataError, match="more than one column of the name 'x'"):
        read_dataset(path)


def test_an_unknown_column_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    path = a_parquet(tmp_path, {"x": [1, 2], "y": [1, 2]})
    with pytest.raises(DataError, match="has no column 'z'; it has 'x', 'y'"):
        read_dataset(path, columns=("z",))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(100), b"x,y\n1,2\n3,4\n"])
def test_what_is_no_parquet_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^rows.parquet: .*broken"):
        read_dataset(path)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    path = a_parquet(tmp_path, {"x": list(range(1000)), "y": ["a", "b"] * 500})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(DataError, match=r"^rows.parquet: is not readable as parquet"):
        read_dataset(path)


def test_a_file_whose_pages_are_damaged_is_refused_by_its_column(tmp_path: Path) -> None:
    path = a_parquet(tmp_path, {"x": [n * 7919 % 1009 for n in range(5000)]})
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"^rows.parquet: column 'x': is not readable"):
        read_dataset(path)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ReadLimits(max_rows=99), "has 100 rows, and at most 99 are read"),
        (ReadLimits(max_cells=199), "100 rows of 2 columns are more than the 199 values"),
    ],
)
def test_what_is_too_large_is_refused(tmp_path: Path, limits: ReadLimits, message: str) -> None:
    path = a_parquet(tmp_path, {"x": list(range(100)), "y": list(range(100))})
    with pytest.raises(DataError, match=message):
        read_dataset(path, limits=limits)


def test_long_texts_are_refused_by_what_they_unpack_to(tmp_path: Path) -> None:
    path = a_parquet(tmp_path, {"x": [str(n) * 1000 for n in range(100)]})
    with pytest.raises(DataError, match=r"unpacks to \d+ bytes, and at most 101600 are read"):
        read_dataset(path, limits=ReadLimits(max_bytes=100_000))


def test_texts_that_are_not_in_the_files_dictionary_are_refused(tmp_path: Path) -> None:
    # given a file whose one page of codes says 3 where the dictionary has 0 to 2
    path = a_parquet(tmp_path, {"x": ["a", "b", "c", "b"] * 8})
    content = path.read_bytes()
    codes = bytes([0b01_10_01_00]) * 8
    assert content.count(codes) == 1
    path.write_bytes(content.replace(codes, b"\xff" * 8))
    # then
    with pytest.raises(DataError, match="column 'x' refers to texts that are not there"):
        read_dataset(path)


def test_columns_that_are_not_wanted_do_not_count(tmp_path: Path) -> None:
    path = a_parquet(tmp_path, {"x": list(range(100)), "y": [[1]] * 100})
    assert read_dataset(path, columns=("x",), limits=ReadLimits(max_cells=100)).rows == 100
