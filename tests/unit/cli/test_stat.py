"""`headgate stat` as a user runs it: JSON on stdout, or one line on stderr and exit code 3."""

import json
from pathlib import Path
from typing import Any

import pytest

from headgate.cli.offline import main

WEIGHTS = "weight\n148\n154\n158\n160\n161\n162\n166\n170\n182\n195\n236\n"


class Files:
    """A folder of small files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, text: str) -> str:
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def a_file(tmp_path: Path) -> Files:
    return Files(tmp_path)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = main(["stat", *arguments])
    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    found: dict[str, Any] = json.loads(printed.out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(["stat", *arguments])
    printed = capsys.readouterr()
    assert (code, printed.out) == (3, "")
    assert printed.err.count("\n") == 1
    return printed.err


def test_one_test_s_json_has_all_that_is_held_against_another_program(
    capsys: pytest.CaptureFixture[str], a_file: Files
) -> None:
    found = answer(capsys, "shapiro-wilk", "--x", a_file("x.csv", WEIGHTS))
    assert {"statistic", "pvalue", "effect", "interval", "n", "method", "reference"} <= set(found)
    assert found["pvalue"] == pytest.approx(0.006704, abs=1e-6)  # R: shapiro.test


def test_the_json_is_sorted_and_indented(capsys: pytest.CaptureFixture[str], a_file: Files) -> None:
    main(["stat", "shapiro-wilk", "--x", a_file("x.csv", WEIGHTS)])
    printed = capsys.readouterr().out
    assert printed == json.dumps(json.loads(printed), sort_keys=True, indent=2) + "\n"


def test_options_reach_the_test(capsys: pytest.CaptureFixture[str], a_file: Files) -> None:
    x, y = a_file("x.txt", "1\n2\n4\n"), a_file("y.txt", "2 \n3\n5\n7\n")
    found = answer(capsys, "tost", "--x", x, "--y", y, "--set", "margin=3", "--set", "alpha=0.1")
    assert found["details"]["margin"] == 3
    assert found["interval"]["level"] == pytest.approx(0.8)


def test_groups_are_labels_of_any_text(capsys: pytest.CaptureFixture[str], a_file: Files) -> None:
    x = a_file("x.csv", "value\n1\n2\n4\n1\n5\n9\n")
    y = a_file("y.csv", "group\nold\nold\nold\nnew\nnew\nnew\n")
    assert answer(capsys, "levene", "--x", x, "--y", y)["details"]["widest"] == "new"


def test_regressors_are_several_columns(capsys: pytest.CaptureFixture[str], a_file: Files) -> None:
    x = a_file("x.csv", "1\n-2\n0.5\n3\n-1\n2\n-0.3\n")
    y = a_file("y.csv", "a,b\n1,2\n2,1\n3,5\n4,3\n5,9\n6,2\n7,7\n")
    assert answer(capsys, "breusch-pagan", "--x", x, "--y", y)["details"]["degrees of freedom"] == 2


def test_a_table_is_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "fisher", "--table", "3,1,1,3")
    assert found["pvalue"] == pytest.approx(0.4857143, abs=1e-6)  # R: fisher.test, tea tasting


def test_a_table_is_read_from_a_file(capsys: pytest.CaptureFixture[str], a_file: Files) -> None:
    found = answer(capsys, "fisher", "--x", a_file("x.csv", "3,1\n1,3\n"))
    assert found["pvalue"] == pytest.approx(0.4857143, abs=1e-6)


def test_the_list_has_a_line_per_test(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stat", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line.split("\t")) == 4 for line in lines)
    assert any(line.startswith("tost\t") and "margin" in line for line in lines)


def test_the_value_that_is_no_number_is_named_by_file_and_line(
    capsys: pytest.CaptureFixture[str], a_file: Files
) -> None:
    x = a_file("x.csv", "1\n2\n3 kg\n")
    assert refusal(capsys, "shapiro-wilk", "--x", x).startswith(f"error: {x}: line 3:")


def test_data_that_cannot_be_tested_is_a_line_with_the_file(
    capsys: pytest.CaptureFixture[str], a_file: Files
) -> None:
    x = a_file("x.csv", "5\n5\n5\n")
    assert f"{x}: residuals: all 3 values are 5" in refusal(capsys, "shapiro-wilk", "--x", x)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a test"),
        (("shapiro-wilkk",), "did you mean shapiro-wilk?"),
        (("shapiro-wilk",), "give --x FILE"),
        (("tost", "--x", "x.csv"), "give --y FILE too"),
        (("shapiro-wilk", "--x", "x.csv", "--y", "y.csv"), "leave out --y"),
        (("shapiro-wilk", "--x", "absent.csv"), "absent.csv: No such file"),
        (("shapiro-wilk", "--table", "1,2,3,4"), "takes one sample, no counts"),
        (("fisher", "--table", "1,2,3"), "expected 4"),
        (("fisher", "--table", "1,2,3,4", "--x", "x.csv"), "either a table or files"),
        (("shapiro-wilk", "--set", "lags=1"), "no option 'lags'; it takes none"),
    ],
)
def test_what_cannot_be_run_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in refusal(capsys, *arguments)


def test_samples_of_several_columns_are_refused_where_one_is_meant(
    capsys: pytest.CaptureFixture[str], a_file: Files
) -> None:
    x, y = a_file("x.csv", "1,2\n3,4\n"), a_file("y.csv", "1\n2\n")
    assert f"{x}: has 2 columns; tost takes one" in refusal(capsys, "tost", "--x", x, "--y", y)


def test_rows_that_do_not_match_are_counted(
    capsys: pytest.CaptureFixture[str], a_file: Files
) -> None:
    x, y = a_file("x.csv", "1\n2\n3\n"), a_file("y.csv", "1\n2\n")
    said = refusal(capsys, "breusch-pagan", "--x", x, "--y", y)
    assert f"{x} has 3 rows, {y} 2" in said


def test_a_file_name_with_a_newline_is_still_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert r"a\nb" in refusal(capsys, "shapiro-wilk", "--x", "a\nb")
