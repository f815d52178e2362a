"""What `headgate stat` reads: columns, headers, labels and tables, and what it says of faults."""

from pathlib import Path

import pytest

from headgate.cli.stat_input import InputError, counts_of, read_labels, read_numbers, read_table


def a_file(folder: Path, text: str) -> Path:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text", ["1\n2.5\n-3e2\n", "value\n1\n2.5\n-3e2", "\ufeff# made by hand\n\n 1 \n2.5\r\n-3e2\n"]
)
def test_a_column_is_read_with_and_without_header_comments_and_blank_lines(
    tmp_path: Path, text: str
) -> None:
    numbers = read_numbers(a_file(tmp_path, text))
    assert (list(numbers.values), numbers.columns) == ([1, 2.5, -300], 1)


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4\n", "1;2\n3;4", "1\t2\n3\t4", "1 2\n 3   4\n"])
def test_columns_are_separated_by_commas_semicolons_tabs_or_blanks(
    tmp_path: Path, text: str
) -> None:
    numbers = read_numbers(a_file(tmp_path, text))
    assert (list(numbers.values), numbers.columns, numbers.rows) == ([1, 2, 3, 4], 2, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n2\nabc\n", "line 3: 'abc' is not a number"),
        ("1\nNA\n", "line 2: 'NA' is missing"),
        ("NA\n1\n", "line 1: 'NA' is missing"),
        ("1,2\n3,\n", "line 2: '' is missing"),
        ("1\ninf\n", "line 2: 'inf' is not a finite number"),
        ("1\nnan\n", "line 2: 'nan' is not a finite number"),
        ("1\n1_000\n", "line 2: '1_000' is not a number"),
        ("1,b\n2,3\n", "line 1: 'b' is not a number"),
        ("a\nb\n1\n", "line 2: 'b' is not a number"),
        ("a,b\n1,2\n3\n", "line 3: has 1 values; line 2 has 2"),
        ("", "has no numbers"),
        ("only,a,header\n", "has no numbers"),
    ],
)
def test_a_fault_is_named_by_file_line_and_value(tmp_path: Path, text: str, said: str) -> None:
    path = a_file(tmp_path, text)
    with pytest.raises(InputError, match=said) as caught:
        read_numbers(path)
    assert str(caught.value).startswith(str(path))


def test_a_long_value_is_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_numbers(a_file(tmp_path, "1\n" + "x" * 5000))
    assert len(str(caught.value)) < len(str(tmp_path)) + 120


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1\xff\xfe\x00")
    with pytest.raises(InputError, match=r"x\.parquet: is not text in UTF-8"):
        read_numbers(path)


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"No such file|Is a directory"):
        read_numbers(tmp_path / name)


@pytest.mark.parametrize("text", ["a b\nb\nb\n", 'group\n"a b"\nb\nb\n'])
def test_labels_are_any_text_one_a_line(tmp_path: Path, text: str) -> None:
    quoted = text.replace("a b", '"a b"') if '"' not in text else text
    assert read_labels(a_file(tmp_path, quoted), 3) == ["a b", "b", "b"]


def test_labels_that_are_numbers_have_no_header_where_their_count_says_so(tmp_path: Path) -> None:
    assert read_labels(a_file(tmp_path, "1\n1\n2\n"), 3) == ["1", "1", "2"]


def test_labels_of_another_count_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 2 groups for 5 values"):
        read_labels(a_file(tmp_path, "a\nb\n"), 5)


def test_four_counts_are_a_table_of_two_rows() -> None:
    assert read_table("794,86, 150,570") == [[794, 86], [150, 570]]


def test_semicolons_separate_rows() -> None:
    assert read_table("1,2,3;4,5,6") == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2,3", "has 3 counts; expected 4"),
        ("1,2;3", "row 2 has 1 counts; row 1 has 2"),
        ("1,2,x,4", "row 1: 'x' is no count"),
        ("1,2,-3,4", "row 1: '-3' is no count"),
        ("1,2;3,4.5", "row 2: '4.5' is no count"),
        ("1,2,3,99999999999999999999", "is no count"),
        ("", "row 1: '' is no count"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_table(text)


def test_a_file_of_counts_is_a_table(tmp_path: Path) -> None:
    assert counts_of(read_numbers(a_file(tmp_path, "a,b\n1,2\n3,4\n"))) == [[1, 2], [3, 4]]


def test_a_file_of_other_numbers_is_no_table(tmp_path: Path) -> None:
    numbers = read_numbers(a_file(tmp_path, "1,2\n3,4.5\n"))
    with pytest.raises(InputError, match=r"row 2, column 2: 4\.5 is no count"):
        counts_of(numbers)
