"""A table in one file or a folder of parts, and its rows some at a time."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.parquet_batches import batches
from headgate.jobs.validation.data.parquet_table import open_table
from headgate.jobs.validation.data.read import read_dataset
from tests.builders.customers import a_file, a_folder
from tests.unit.jobs.validation.data.builders import listed


def a_table(rows: int = 10, **columns: Any) -> Any:
    return pa.table({"x": pa.array(range(rows), pa.float64()), **columns})


def test_a_folder_is_one_table_in_the_order_of_its_files(tmp_path: Path) -> None:
    data = read_dataset(a_folder(tmp_path, "rows", a_table(), [3, 3, 7]))
    assert (data.name, data.rows) == ("rows", 10)
    assert listed(data.columns["x"].values) == list(range(10))


def test_categories_are_those_of_all_parts(tmp_path: Path) -> None:
    words = pa.array(list("bbaabbccca"))
    data = read_dataset(a_folder(tmp_path, "rows", a_table(word=words), [4]))
    assert data.columns["word"].categories == ("a", "b", "c")
    assert data.columns["word"].values.tolist() == [1, 1, 0, 0, 1, 1, 2, 2, 2, 0]


def test_what_others_leave_beside_their_parts_is_passed_over(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "rows", a_table(), [5])
    for name in ("_SUCCESS", "_metadata", ".part-000.parquet.crc"):
        (folder / name).write_text("")
    assert read_dataset(folder).rows == 10


@pytest.mark.parametrize("row_group_size", [None, 4])
def test_batches_are_all_rows_in_order_whatever_their_size(
    tmp_path: Path, row_group_size: int | None
) -> None:
    # given
    table = open_table(a_file(tmp_path, "rows", a_table(), row_group_size=row_group_size), "rows")
    # when
    found = list(batches(table, ("x",), most_cells=3))
    # then
    assert [batch.first_row for batch in found][:2] == [0, 3]
    read = pa.Table.from_batches([batch.rows for batch in found])
    assert read.column("x").to_pylist() == list(range(10))
    assert all(batch.rows.num_rows <= 3 for batch in found)


def test_a_part_of_other_columns_is_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "rows", a_table(), [5])
    a_file(folder, "part-009", a_table(y=pa.array(range(10))))
    with pytest.raises(DataError, match=r"rows/part-009.parquet: has 'y' too, unlike rows/part-0"):
        read_dataset(folder)


def test_a_part_without_a_column_is_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "rows", a_table(y=pa.array(range(10))), [5])
    a_file(folder, "part-009", a_table())
    with pytest.raises(DataError, match=r"rows/part-009.parquet: has no column 'y', unlike"):
        read_dataset(folder)


def test_a_part_of_another_type_is_named_with_both_types(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "rows", a_table(), [5])
    a_file(folder, "part-009", pa.table({"x": ["1", "2"]}))
    told = r"part-009.parquet: column 'x' is of type string, and of type double in rows/part-000"
    with pytest.raises(DataError, match=told):
        read_dataset(folder)


def test_a_part_that_is_broken_is_named(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, "rows", a_table(), [5])
    (folder / "part-001.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match=r"rows/part-001.parquet: is not readable as parquet"):
        read_dataset(folder)


def test_columns_that_are_in_the_names_of_folders_are_not_dropped_in_silence(
    tmp_path: Path,
) -> None:
    folder = a_folder(tmp_path, "rows", a_table(), [])
    a_folder(folder, "region=north", a_table(), [])
    told = r"rows: a folder of data holds parquet files only, and this one 'region=north'"
    with pytest.raises(DataError, match=told):
        read_dataset(folder)


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    with pytest.raises(DataError, match=r"rows: the folder holds no file that ends in .parquet"):
        read_dataset(tmp_path / "rows")
