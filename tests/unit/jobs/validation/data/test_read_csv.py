import gzip
from pathlib import Path

import pytest

from headgate.jobs.validation.data.dataset import ColumnKind, Dataset
from headgate.jobs.validation.data.read import read_dataset
from tests.unit.jobs.validation.data.builders import a_csv, listed


def read(folder: Path, text: str) -> Dataset:
    return read_dataset(a_csv(folder, text))


@pytest.mark.parametrize(
    ("fields", "kind", "values", "categories"),
    [
        (("3", "-1"), ColumnKind.NUMERIC, [3, -1], ()),
        (("0.5", "1e3"), ColumnKind.NUMERIC, [0.5, 1000], ()),
        (("+1", "+2"), ColumnKind.NUMERIC, [1, 2], ()),
        (("true", "False"), ColumnKind.BOOLEAN, [1, 0], ("false", "true")),
        (("true", ""), ColumnKind.BOOLEAN, [1, -1], ("false", "true")),
        (("1970-01-02", "1970-01-01"), ColumnKind.DATETIME, [86400, 0], ()),
        (("1970-01-01 00:01:00", ""), ColumnKind.DATETIME, [60, None], ()),
        (("b", "a"), ColumnKind.CATEGORICAL, [1, 0], ("a", "b")),
        (("b", "NA"), ColumnKind.CATEGORICAL, [0, -1], ("b",)),
        (("00:01:00", "00:00:01"), ColumnKind.NUMERIC, [60, 1], ()),
        (("", "NaN"), ColumnKind.NUMERIC, [None, None], ()),
    ],
)
def test_types_are_told_by_the_fields(
    tmp_path: Path, fields: tuple[str, str], kind: ColumnKind, values: object, categories: object
) -> None:
    column = read(tmp_path, "x,y\n" + "".join(f"{field},1\n" for field in fields)).columns["x"]
    assert (column.kind, listed(column.values), column.categories) == (kind, values, categories)


def test_missing_values_are_kept_as_facts(tmp_path: Path) -> None:
    data = read(tmp_path, 'x,y\n1,a\n,"NA"\n3,\n')
    assert data.columns["x"].missing.tolist() == [False, True, False]
    assert data.columns["y"].missing.tolist() == [False, True, True]


def test_a_type_is_told_by_the_whole_file_and_not_by_its_start(tmp_path: Path) -> None:
    rows = ["1"] * 800_000 + ["0.5"]
    column = read(tmp_path, "x,y\n" + ",1234567\n".join(rows) + ",1\n").columns["x"]
    assert (column.integral, column.values[-1]) == (False, 0.5)


def test_many_different_texts_are_measured_by_their_length(tmp_path: Path) -> None:
    words = [f"w{'é' * length}" for length in range(60)]
    column = read(tmp_path, "x,y\n" + "".join(f"{word},1\n" for word in words)).columns["x"]
    assert column.kind is ColumnKind.TEXT
    assert column.values.tolist() == [1 + length for length in range(60)]
    assert column.texts is not None
    assert column.texts.distinct[column.texts.codes].tolist() == words


@pytest.mark.parametrize(
    ("different", "rows", "kind"),
    [
        (10, 10, ColumnKind.CATEGORICAL),
        (11, 21, ColumnKind.TEXT),
        (11, 22, ColumnKind.CATEGORICAL),
        (50, 100, ColumnKind.CATEGORICAL),
        (1000, 2000, ColumnKind.CATEGORICAL),
        (1001, 3000, ColumnKind.TEXT),
    ],
)
def test_texts_are_categories_where_few_of_them_recur(
    tmp_path: Path, different: int, rows: int, kind: ColumnKind
) -> None:
    lines = "".join(f"w{row % different},1\n" for row in range(rows))
    assert read(tmp_path, f"x,y\n{lines}").columns["x"].kind is kind


def test_names_and_values_may_hold_quotes_and_newlines(tmp_path: Path) -> None:
    data = read(tmp_path, '"the ""x""\nof it",y\n"a\nb",1\nc,2\n')
    column = data.columns['the "x"\nof it']
    assert column.categories == ("a\nb", "c")


@pytest.mark.parametrize(
    "text", ["x,y\r\n1,2\r\n3,4\r\n", "\ufeffx,y\n1,2\n\n3,4", "x,y\n1,2\n3,4"]
)
def test_line_ends_blank_lines_and_byte_order_marks_make_no_difference(
    tmp_path: Path, text: str
) -> None:
    data = read(tmp_path, text)
    assert {name: listed(column.values) for name, column in data.columns.items()} == {
        "x": [1, 3],
        "y": [2, 4],
    }


def test_a_gzip_is_told_by_its_content(tmp_path: Path) -> None:
    path = a_csv(tmp_path, gzip.compress(b"x\n1\n2\n"), name="rows")
    assert read_dataset(path).columns["x"].values.tolist() == [1, 2]


def test_only_the_wanted_columns_are_read_in_the_files_order(tmp_path: Path) -> None:
    path = a_csv(tmp_path, "a,b,c\n1,inf,3\n4,inf,6\n")
    data = read_dataset(path, columns=("c", "a"))
    assert (list(data.columns), data.rows) == (["a", "c"], 2)


def test_a_constant_column_is_legal(tmp_path: Path) -> None:
    assert read(tmp_path, "x,y\n1,2\n1,3\n").columns["x"].values.tolist() == [1, 1]
