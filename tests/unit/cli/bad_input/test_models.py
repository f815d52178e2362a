"""Models that cannot be asked: exit 3 and one line that names the model's file, and the row."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from tests.builders.artifacts import a_tar_gz, a_zip, skops_bytes
from tests.unit.cli.bad_input.rows import Ended, Validate, a_file, a_table, pickled

pytestmark = pytest.mark.sweep

MODEL = {"target": "t", "task": "Regression", "predictions": {"from": "Model"}}
CHECKS = [{"performance": {"metric": "r2", "min": 0.1}}, {"stability": {}}, {"residuals": {}}]
SPEC = {**MODEL, "checks": CHECKS}
FEATURES = ("x", "k")


class Unruly:
    """A regressor of two columns that answers well to a few rows and not to many."""

    n_features_in_ = 2

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def fit(self) -> Self:
        return self

    def predict(self, rows: Any) -> Any:
        answers = np.asarray(rows, dtype=float)[:, 0]
        marked = np.asarray(rows)[:, 1] == 99
        if self.fault == "raises" and marked.any():
            raise RuntimeError("no\nanswer")
        if self.fault == "exits" and marked.any():
            raise SystemExit(0)
        if self.fault == "short":
            return answers[: len(answers) // 2]
        if self.fault == "wide":
            return np.column_stack([answers, answers])
        if self.fault == "texts":
            return np.array(["high"] * len(answers))
        if self.fault == "nothing":
            return None
        spoiled = {"nan": np.nan, "infinite": np.inf, "huge": 1e200}
        return np.where(marked, spoiled.get(self.fault, 0.0), answers)


UNRULY = {
    "raises": r"unruly.joblib: the model raised RuntimeError at row 150 of candidate.parquet: no",
    "exits": "unruly.joblib: the model raised SystemExit at row 150 of candidate.parquet",
    "nan": "unruly.joblib: the model answered with NaN to row 150",
    "infinite": "unruly.joblib: the model answered with infinity to row 150",
    "huge": "unruly.joblib: the model answered with 1e+200 to row 150",
    "short": "unruly.joblib: the model answered with 100 rows to 200",
    "wide": "unruly.joblib: the model answers with (2,) values a row, and a regression needs one",
    "texts": "unruly.joblib: the model answers with <U4 values a row, and a regression needs one",
    "nothing": "unruly.joblib: the model ",
}


def asked(validate: Validate, folder: Path, name: str, content: bytes, *more: str) -> Ended:
    """Validate rows of which the 150th has a 99."""
    path = folder / name
    path.write_bytes(content)
    reference, candidate = (
        {name: column for name, column in a_table(seed).items() if name in {*FEATURES, "t"}}
        for seed in (1, 2)
    )
    candidate["k"] = np.where(np.arange(200) == 149, 99, np.asarray(candidate["k"]))
    return validate(
        SPEC,
        *more,
        reference=a_file(folder, "reference", reference, "parquet"),
        candidate=a_file(folder, "candidate", candidate, "parquet"),
        model=path,
    )


@pytest.mark.parametrize("fault", UNRULY)
def test_a_model_that_gives_no_answers_is_told_by_the_row(
    validate: Validate, tmp_path: Path, fault: str
) -> None:
    ended = asked(validate, tmp_path, "unruly.joblib", pickled(Unruly(fault)), "--allow-pickle")
    assert UNRULY[fault] in ended.refusal()


@cache
def a_linear_model() -> bytes:
    from sklearn.linear_model import LinearRegression

    table = a_table()
    rows = np.column_stack([table["x"], table["k"]])
    return skops_bytes(LinearRegression().fit(rows, table["t"]))


@cache
def of_named_columns(*names: str) -> bytes:
    """Return an xgboost model that knows its columns by these names."""
    import tempfile

    import xgboost

    rows = np.random.default_rng(1).normal(size=(50, len(names)))
    matrix = xgboost.DMatrix(rows, rows[:, 0], feature_names=list(names))
    model = xgboost.train({"nthread": 1}, matrix, num_boost_round=2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.json"
        model.save_model(path)
        return path.read_bytes()


@cache
def an_onnx_model() -> bytes:
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    rows = np.zeros((3, 2), np.float32)
    return bytes(to_onnx(LinearRegression().fit(rows, [1, 2, 3]), rows[:1]).SerializeToString())


UNLOADABLE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a pickle": ("m.joblib", lambda: pickled(Unruly("")), "is a pickle, which runs any code"),
    "a skops cut off": ("m.skops", lambda: a_linear_model()[:-50], "m.skops: "),
    "an xgboost cut off": ("m.json", lambda: of_named_columns("x", "k")[:-50], "m.json: xgboost"),
    "an onnx cut off": ("m.onnx", lambda: an_onnx_model()[:-50], "m.onnx: onnxruntime can't load"),
    "a lightgbm cut off": ("m.txt", lambda: b"tree\nversion=v4\nnum_class=1\n", "m.txt: lightgbm"),
    "an archive cut off": (
        "m.tar.gz",
        lambda: a_tar_gz({"m.skops": a_linear_model()}).content[:300],
        "m.tar.gz: ",
    ),
    "an archive that leads outside": (
        "m.tar.gz",
        lambda: a_tar_gz({"../m.skops": a_linear_model()}).content,
        "outside of its folder",
    ),
    "a zip that leads outside": (
        "m.zip",
        lambda: a_zip({"../../m.skops": a_linear_model()}).content,
        "outside of its folder",
    ),
    "an archive without a model": (
        "m.zip",
        lambda: a_zip({"README.md": b"soon"}).content,
        "the format cannot be told",
    ),
    "a column that is absent": (
        "m.json",
        lambda: of_named_columns("x", "income"),
        "candidate.parquet: has no column 'income'; it has",
    ),
    "columns of other names": (
        "m.json",
        lambda: of_named_columns("f0", "f1", "f2"),
        "candidate.parquet: has no column 'f0', 'f1', 'f2'; it has 'x', 'k', 't'",
    ),
    "an empty file": ("m.skops", lambda: b"", "m.skops: "),
    "a format that nobody knows": ("m.dat", lambda: b"x", "the format cannot be told"),
}


@pytest.mark.parametrize("fault", UNLOADABLE)
def test_a_model_that_cannot_be_loaded_is_told_by_its_file(
    validate: Validate, tmp_path: Path, fault: str
) -> None:
    name, content, message = UNLOADABLE[fault]
    assert message in asked(validate, tmp_path, name, content()).refusal()


def test_the_stable_model_is_named_when_it_is_the_one_that_fails(
    validate: Validate, tmp_path: Path
) -> None:
    stable = tmp_path / "stable.skops"
    stable.write_bytes(b"PK")
    ended = asked(validate, tmp_path, "m.skops", a_linear_model(), "--stable", str(stable))
    assert "stable.skops: " in ended.refusal()


def test_a_sound_model_is_judged_so_that_the_others_tell(
    validate: Validate, tmp_path: Path
) -> None:
    assert asked(validate, tmp_path, "m.skops", a_linear_model()).code in {0, 1, 2}
