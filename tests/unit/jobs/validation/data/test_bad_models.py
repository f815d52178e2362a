import io
from pathlib import Path
from typing import Any, Self

import joblib
import numpy as np
import pytest

from headgate.jobs.validation.data.answers import ModelError
from headgate.jobs.validation.data.dataset import DataError, Dataset
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.task import Task
from tests.builders.artifacts import (
    a_tar_gz,
    an_iris_artifact,
    an_iris_joblib,
    an_iris_xgboost,
    iris_files,
    mixed_files,
)
from tests.unit.jobs.validation.data.builders import a_dataset
from tests.unit.jobs.validation.data.test_model_file import a_file, a_folder, iris_rows, loaded


class Stub:
    """An estimator of one column that misbehaves at the value 7."""

    n_features_in_ = 1

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def fit(self) -> Self:
        return self

    def predict(self, rows: Any) -> Any:
        answers = np.zeros(len(rows))
        marked = rows[:, 0] == 7
        if self.fault == "raises" and marked.any():
            raise ArithmeticError("seven")
        if self.fault == "raises at many" and len(rows) > 3:
            raise ArithmeticError("too many")
        if self.fault == "short":
            return answers[:-1]
        if self.fault == "scalar":
            return np.float64(3)
        if self.fault == "wide":
            return np.zeros((len(rows), 2))
        answers[marked] = {"nan": np.nan, "infinite": np.inf, "huge": 1e200}.get(self.fault, 0)
        return answers


def a_stub(folder: Path, fault: str) -> FileModel:
    content = io.BytesIO()
    joblib.dump(Stub(fault), content)
    path = a_file(folder, "m.joblib", content.getvalue())
    return loaded(path, allow_pickle=True, task=Task.REGRESSION, classes=(), features=("x",))


def rows_with_seven_at(row: int, count: int = 1000) -> Dataset:
    values = [0.0] * count
    values[row - 1] = 7
    return a_dataset("c.csv", x=values)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("raises", r"^m.joblib: the model raised ArithmeticError at row 700 of c.csv: seven$"),
        ("raises at many", r"^m.joblib: the model raised ArithmeticError: too many$"),
        ("nan", r"^m.joblib: the model answered with NaN to row 700$"),
        ("infinite", r"^m.joblib: the model answered with infinity to row 700$"),
        ("huge", r"^m.joblib: the model answered with 1e\+200 to row 700: sums of numbers beyond"),
        ("short", r"^m.joblib: the model answered with 999 rows to 1000$"),
        ("scalar", r"^m.joblib: the model raised ModelFailedError at row 1 of c.csv"),
        ("wide", r"the model answers with \(2,\) values a row, and a regression needs one"),
    ],
)
def test_a_model_that_gives_no_answer_is_refused_by_the_row(
    tmp_path: Path, fault: str, message: str
) -> None:
    model = a_stub(tmp_path, fault)
    with pytest.raises(ModelError, match=message):
        model.answer(rows_with_seven_at(700))


def test_rows_count_through_all_batches(tmp_path: Path) -> None:
    model = a_stub(tmp_path, "raises")
    model.batch_cells = 64
    with pytest.raises(ModelError, match="ArithmeticError at row 700 of"):
        model.answer(rows_with_seven_at(700))


def test_a_missing_value_that_a_model_refuses_is_named_by_its_row(tmp_path: Path) -> None:
    model = loaded(a_folder(tmp_path, iris_files("sklearn")))
    rows = a_dataset("c.csv", a=[1.0, 2, None], b=[1.0] * 3, c=[1.0] * 3, d=[1.0] * 3)
    with pytest.raises(ModelError, match=r"raised ValueError at row 3 of c.csv: .*NaN"):
        model.answer(rows)


def test_a_card_may_refuse_missing_values(tmp_path: Path) -> None:
    files = {**iris_files("sklearn"), "headgate.json": b'{"accepts_nan": false}'}
    rows = a_dataset("c.csv", a=[1.0, None], b=[1.0] * 2, c=[1.0] * 2, d=[1.0] * 2)
    with pytest.raises(ModelError, match="column 'a': row 2 has no value, and the model's card"):
        loaded(a_folder(tmp_path, files)).answer(rows)


def test_a_category_that_an_encoder_never_saw_is_named_by_its_row(tmp_path: Path) -> None:
    files = mixed_files(unknown_colours="error")
    model = loaded(a_folder(tmp_path, files), classes=("0", "1"))
    rows = a_dataset("c.csv", width=[1.0, 2.0], height=[1.0, 2.0], colour=["red", "mauve"])
    with pytest.raises(ModelError, match=r"ValueError at row 2 of c.csv: .*mauve"):
        model.answer(rows)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d": ["u", "v"]}, "c.csv: column 'd' is categorical, and the model takes numbers"),
        ({"d": None}, "c.csv: has no column 'd'; it has 'a', 'b', 'c'"),
    ],
)
def test_columns_that_the_model_cannot_take_are_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    columns: dict[str, Any] = {name: [1.0, 2.0] for name in ("a", "b", "c", "d")} | changes
    rows = a_dataset("c.csv", **{key: value for key, value in columns.items() if value})
    with pytest.raises(DataError, match=message):
        loaded(a_folder(tmp_path, iris_files("xgboost"))).answer(rows)


def test_a_number_too_large_for_the_model_is_named(tmp_path: Path) -> None:
    rows = a_dataset("c.csv", a=[1.0, 1e60], b=[1.0] * 2, c=[1.0] * 2, d=[1.0] * 2)
    with pytest.raises(ModelError, match="column 'a': row 2 is too large for FP32"):
        loaded(a_folder(tmp_path, iris_files("xgboost"))).answer(rows)


@pytest.mark.parametrize("runtime", ["sklearn", "xgboost", "lightgbm", "onnx"])
def test_another_number_of_columns_is_refused_with_both(tmp_path: Path, runtime: str) -> None:
    folder = a_folder(tmp_path, iris_files(runtime))
    with pytest.raises(ModelError, match=r"takes 4 columns .* the data has 3 .*'a', 'b', 'c'\)"):
        loaded(folder, features=("a", "b", "c"))


@pytest.mark.parametrize(
    ("runtime", "changes", "message"),
    [
        ("sklearn", {"classes": ("0", "1")}, "the model knows '2', and the target has only '0'"),
        ("xgboost", {"classes": ("0", "1")}, "has 3 classes, and the target has 2 "),
        ("lightgbm", {"task": Task.REGRESSION, "classes": ()}, "is a classifier, and the target"),
        ("sklearn", {"task": Task.REGRESSION, "classes": ()}, "is a classifier, and the target"),
        ("onnx", {"task": None, "classes": ()}, "does not say which classes it knows"),
    ],
)
def test_a_model_of_another_target_is_refused(
    tmp_path: Path, runtime: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        loaded(a_folder(tmp_path, iris_files(runtime)), **changes)


def test_probabilities_of_another_number_of_classes_are_refused(tmp_path: Path) -> None:
    model = loaded(a_folder(tmp_path, iris_files("onnx")), classes=("0", "1", "2", "3"))
    with pytest.raises(ModelError, match=r"answers with 3 probabilities a row, .* has 4 classes"):
        model.answer(iris_rows())


def test_a_regressor_is_no_classifier(tmp_path: Path) -> None:
    a_stub(tmp_path, "none")
    with pytest.raises(ModelError, match="the model answers with a number, and the target has"):
        loaded(tmp_path / "m.joblib", allow_pickle=True, features=("x",))


@pytest.mark.parametrize(
    ("name", "content", "changes", "message"),
    [
        ("m.skops", b"garbage", {}, r"^m.skops: isn't a skops file"),
        ("m.ubj", b"garbage", {}, r"^m.ubj: xgboost can't load it"),
        ("m.txt", b"", {}, r"^m.txt: lightgbm can't load it"),
        ("m.onnx", b"garbage", {}, r"^m.onnx: onnxruntime can't load it"),
        ("m.json", an_iris_xgboost()[:500], {}, r"^m.json: xgboost can't load it"),
        ("m.joblib", an_iris_joblib(), {}, r"^m.joblib: is a pickle, which runs any code"),
        ("m.dat", b"x", {}, r"^m.dat: the format cannot be told .*: keep one model"),
        ("m.dat", b"x", {"format_name": "pytorch"}, r"the format 'pytorch' is none of sklearn,"),
        ("m.tar.gz", b"garbage", {}, r"^m.tar.gz: m.tar.gz: can't be unpacked as tar.gz"),
        ("m.tar.gz", an_iris_artifact().content[:200], {}, "can't be unpacked as tar.gz"),
        ("m.tar.gz", a_tar_gz({"README.md": b"x"}).content, {}, "the format cannot be told"),
        ("m.tar.gz", a_tar_gz({"m.onnx": b"x", "m.txt": b"x"}).content, {}, "cannot be told"),
        ("m.tar.gz", a_tar_gz({"../m.onnx": b"x"}).content, {}, "outside of its folder"),
        ("m.tar.gz", a_tar_gz({**iris_files("onnx"), "headgate.json": b"{"}).content, {},
         "headgate.json: is not valid JSON"),
    ],
)  # fmt: skip
def test_what_holds_no_model_is_refused(
    tmp_path: Path, name: str, content: bytes, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        loaded(a_file(tmp_path, name, content), **changes)


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^m.skops: there is no such file or folder"):
        loaded(tmp_path / "m.skops")
