"""Data that is legal and shows too little: the outcome is clear, and no Pass of what was not seen.

A column without spread, without values or in two rows is no error: other checks go on. What could
not be tested is Inconclusive and said so by name.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.cli.bad_input.rows import (
    CHECKS,
    CLASSES,
    NUMBERS,
    Spoil,
    Table,
    Validate,
    a_file,
    a_table,
    put,
    rows,
)

pytestmark = pytest.mark.sweep

FORMS = ("parquet", "csv")


def only_two_targets(table: Table) -> Table:
    n = len(table["x"])
    return {
        **table,
        "y": pa.array([None] * (n - 2) + [0, 1]),
        "t": pa.array([None] * (n - 2) + [0.5, 1.5]),
    }


def words(*values: str) -> Spoil:
    return put(g=lambda n: pa.array([values[row % len(values)] for row in range(n)]))


NO_NUMBERS = put(x=lambda n: pa.array([None] * n, pa.float64()))
NO_WORDS = put(g=lambda n: pa.array([None] * n, pa.string()))
THIN: dict[str, tuple[str, Spoil, str]] = {
    "all missing, numbers": ("drift", NO_NUMBERS, "x: 0 and 0 values are not missing"),
    "all missing, groups": ("drift", NO_WORDS, "g: 0 and 0 values are not missing"),
    "all missing, quality": ("quality", NO_NUMBERS, "x (values): has no value at all in reference"),
    "all missing, sensitive": ("fairness", NO_WORDS, "one group only among all rows: '(missing)'"),
    "all missing, together": ("together", NO_NUMBERS, "too few rows without missing values"),
    "constant, sensitive": ("fairness", words("f"), "column 'g': has one group only among all"),
    "constant, odds": ("odds", words("f"), "column 'g': has one group only among rows that are"),
    "constant, together": (
        "together",
        put(x=np.ones, t=np.ones),
        "every numeric column is constant",
    ),
    "constant answers, residuals": (
        "residuals",
        put(guess=np.ones),
        "heteroscedasticity: regressor 1: all 200 values are 1",
    ),
    **{
        f"two targets, {name}": (name, only_two_targets, "2 rows with a target and")
        for name in ("roc_auc", "f1", "log_loss", "r2", "calibration", "residuals")
    },
    "two rows, drift": ("drift", rows(2), "x: Kolmogorov distance"),
    "two rows, together": ("together", rows(2), "all numeric columns: "),
    "two rows, roc_auc": ("roc_auc", rows(2), "2 rows with a target and an answer; 10 are needed"),
    "two rows, fairness": ("fairness", rows(2), "column 'g': has one group only among all rows"),
    "two constant rows, drift": (
        "drift",
        lambda table: rows(2)(put(x=np.ones)(table)),
        "x: has the same one value in both files",
    ),
}


@pytest.mark.parametrize(
    ("fault", "form"),
    [
        (fault, form)
        for fault in THIN
        for form in FORMS
        # a CSV's types are guessed from its values: few of them may be taken for something else
        if form == "parquet" or fault.startswith(("all missing", "constant", "two constant"))
    ],
)
def test_what_data_cannot_show_is_inconclusive_and_named(
    validate: Validate, tmp_path: Path, fault: str, form: str
) -> None:
    check, spoil, message = THIN[fault]
    ended = validate(
        CHECKS[check],
        reference=a_file(tmp_path, "reference", spoil(a_table(1)), form),
        candidate=a_file(tmp_path, "candidate", spoil(a_table(2)), form),
    )
    assert message in ended.undecided()


@pytest.mark.parametrize("name", CHECKS)
def test_good_rows_do_not_fail_so_that_the_spoiled_ones_tell(validate: Validate, name: str) -> None:
    ended = validate(CHECKS[name])
    assert ended.code in {0, 2}
    assert ended.told == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_segment_of_two_rows_is_never_passed(
    validate: Validate, tmp_path: Path, name: str
) -> None:
    # given
    regions = put(region=lambda n: pa.array(["far"] * 2 + ["near"] * (n - 2)))
    spec = {**CHECKS[name], "segments": ["region"]}
    # when
    ended = validate(
        spec,
        reference=a_file(tmp_path, "reference", regions(a_table(1)), "parquet"),
        candidate=a_file(tmp_path, "candidate", regions(a_table(2)), "parquet"),
    )
    # then
    far = [each for each in ended.findings if each["segment"] == "region=far"]
    whole_only = name in {"fairness", "odds"}
    assert {each["verdict"] for each in far} == (set() if whole_only else {"Inconclusive"})
    assert ended.code == 2 or whole_only
    assert ended.told == []


@pytest.mark.parametrize("form", FORMS)
def test_one_class_in_a_segment_is_never_passed(
    validate: Validate, tmp_path: Path, form: str
) -> None:
    # given a region in which everybody is of class 1
    def spoil(table: Table) -> Table:
        n = len(table["x"])
        y = np.where(np.arange(n) < 60, 1, np.asarray(table["y"]))
        return {**table, "y": y, "region": pa.array(["one"] * 60 + ["both"] * (n - 60))}

    checks = [
        {"performance": {"metric": "roc_auc", "min": 0.5}},
        {"calibration": {"maxError": 0.001}},
    ]
    # when
    ended = validate(
        {**CLASSES, "checks": checks, "segments": ["region"]},
        reference=a_file(tmp_path, "reference", spoil(a_table(1)), form),
        candidate=a_file(tmp_path, "candidate", spoil(a_table(2)), form),
    )
    # then
    one = {each["check"]: each for each in ended.findings if each["segment"] == "region=one"}
    assert one["performance"]["verdict"] == "Inconclusive"
    assert "class" in one["performance"]["message"]
    assert one["calibration"]["verdict"] != "Pass"


def test_names_with_quotes_and_newlines_are_read_and_told_in_one_line(
    validate: Validate, tmp_path: Path
) -> None:
    # given
    name = "a\"b\n'c\u202e<script>"
    odd = put(**{name: lambda n: np.arange(n) * 1.5})
    moved = put(**{name: lambda n: np.arange(n) * 1.5 + 200})
    # when
    ended = validate(
        {**CLASSES, "checks": [{"drift": {"columns": [name]}}]},
        reference=a_file(tmp_path, "reference", odd(a_table(1)), "csv"),
        candidate=a_file(tmp_path, "candidate", moved(a_table(2)), "csv"),
    )
    # then
    assert ended.code == 1
    assert [each["subject"] for each in ended.findings] == [name]
    page = (tmp_path / "out/report.html").read_text()
    assert "<script>" not in page


def test_letters_and_lengths_that_pictures_have_no_room_for_are_no_warning(
    validate: Validate, tmp_path: Path
) -> None:
    # given
    letters = put(年齢=lambda n: pa.array(["中", "\0" * 300, "\U0001f600"] * (n // 3 + 1))[:n])
    # when
    ended = validate(
        {**CLASSES, "checks": [{"drift": {"columns": ["年齢"], "minEffect": 0.3}}]},
        reference=a_file(tmp_path, "reference", letters(a_table(1)), "parquet"),
        candidate=a_file(tmp_path, "candidate", letters(a_table(2)), "parquet"),
    )
    # then
    assert (ended.code, ended.told) == (0, [])


def test_a_constant_target_of_numbers_is_refused(validate: Validate, tmp_path: Path) -> None:
    ones = put(t=np.ones)
    told = validate(
        {**NUMBERS, "checks": [{"residuals": {}}]},
        candidate=a_file(tmp_path, "candidate", ones(a_table(2)), "parquet"),
    ).refusal()
    assert "candidate.parquet: column 't', the target, is 1 in every row" in told
