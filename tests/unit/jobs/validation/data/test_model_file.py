import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.model_file import load_model
from headgate.jobs.validation.data.task import Task
from tests.builders.artifacts import (
    an_iris_artifact,
    an_iris_joblib,
    an_iris_xgboost,
    iris,
    iris_files,
    mixed_files,
    skops_bytes,
)
from tests.unit.jobs.validation.data.builders import a_dataset

FORMATS = ("sklearn", "xgboost", "lightgbm", "onnx")
FEATURES = ("a", "b", "c", "d")


def iris_rows(names: Sequence[str] = FEATURES) -> Dataset:
    return a_dataset(**dict(zip(names, iris()[0].T.tolist(), strict=True)))


def loaded(path: Path, **changes: Any) -> FileModel:
    settings: dict[str, Any] = {
        "format_name": None,
        "allow_pickle": False,
        "task": Task.CLASSIFICATION,
        "classes": ("0", "1", "2"),
        "features": FEATURES,
    }
    return load_model(path, **settings | changes)


def a_folder(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).write_bytes(content)
    return root


def a_file(root: Path, name: str, content: bytes) -> Path:
    (root / name).write_bytes(content)
    return root / name


@pytest.mark.parametrize("runtime", FORMATS)
def test_every_format_answers_with_classes_and_probabilities(tmp_path: Path, runtime: str) -> None:
    artifact = an_iris_artifact(runtime)
    model: Model = loaded(a_file(tmp_path, artifact.name, artifact.content))
    answers = model.answer(iris_rows())
    assert (model.runtime, model.inputs) == (runtime, FEATURES)
    assert np.mean(answers.values == iris()[1]) > 0.95
    assert answers.scores is not None
    assert answers.scores.shape == (150, 3)
    assert answers.scores.sum(axis=1) == pytest.approx(np.ones(150), abs=1e-15)
    assert (answers.scores.argmax(axis=1) == answers.values).all()


@pytest.mark.parametrize("runtime", FORMATS)
def test_a_folder_and_a_file_are_loaded_as_an_archive_is(tmp_path: Path, runtime: str) -> None:
    files = iris_files(runtime)
    folder = loaded(a_folder(tmp_path, files)).answer(iris_rows())
    file = loaded(tmp_path / next(iter(files))).answer(iris_rows())
    assert folder.values.tolist() == file.values.tolist()


def test_an_artifact_without_an_ending_is_looked_into_and_stays(tmp_path: Path) -> None:
    path = a_file(tmp_path, "artifact", an_iris_artifact().content)
    assert loaded(path).runtime == "sklearn"
    assert path.is_file()


def test_a_pickle_is_loaded_where_it_is_allowed(tmp_path: Path) -> None:
    model = loaded(a_file(tmp_path, "m.joblib", an_iris_joblib()), allow_pickle=True)
    assert np.mean(model.answer(iris_rows()).values == iris()[1]) > 0.95


@pytest.mark.parametrize("classes", [("setosa", "versicolor", "virginica"), ("1", "2", "3")])
def test_a_booster_numbers_classes_by_their_place(tmp_path: Path, classes: tuple[str, ...]) -> None:
    path = a_file(tmp_path, "m.json", an_iris_xgboost())
    assert np.mean(loaded(path, classes=classes).answer(iris_rows()).values == iris()[1]) > 0.95


@pytest.mark.parametrize(
    ("runtime", "kind", "dtype"),
    [("sklearn", "LogisticRegression", "f8"), ("xgboost", "Booster", "f4"),
     ("lightgbm", "Booster", "f8"), ("onnx", "NoneType", "f4")],
)  # fmt: skip
def test_the_librarys_own_object_comes_with_the_matrix_that_it_takes(
    tmp_path: Path, runtime: str, kind: str, dtype: str
) -> None:
    model = loaded(a_folder(tmp_path, iris_files(runtime)))
    assert type(model.native).__name__ == kind
    assert np.array_equal(model.matrix(iris_rows()), iris()[0].astype(dtype))


def test_columns_go_in_by_name_where_the_model_knows_names(tmp_path: Path) -> None:
    import xgboost

    rows, classes = iris()
    data = xgboost.DMatrix(rows, classes, feature_names=list(FEATURES), nthread=1)
    settings = {"objective": "multi:softmax", "num_class": 3, "nthread": 1}
    xgboost.train(settings, data, 3).save_model(str(tmp_path / "m.ubj"))
    model = loaded(tmp_path / "m.ubj", features=("d", "x", "c", "b", "a"))
    answers = model.answer(iris_rows())
    assert model.inputs == FEATURES
    assert np.mean(answers.values == classes) > 0.95
    assert answers.scores is None


def test_lightgbms_underscores_are_spaces_of_the_data(tmp_path: Path) -> None:
    import lightgbm

    names = ("petal width", "b", "c", "d")
    data = lightgbm.Dataset(*iris(), feature_name=[name.replace(" ", "_") for name in names])
    settings = {"objective": "regression", "verbose": -1, "num_threads": 1}
    lightgbm.train(settings, data, 3).save_model(str(tmp_path / "m.txt"))
    model = loaded(tmp_path / "m.txt", task=Task.REGRESSION, classes=(), features=names[::-1])
    assert model.inputs == names
    assert model.answer(iris_rows(names)).values.shape == (150,)


def test_a_pipeline_gets_texts_as_text(tmp_path: Path) -> None:
    model = loaded(a_folder(tmp_path, mixed_files()), classes=("0", "1"))
    rows = a_dataset(
        colour=["red", "blue", "red", None], width=[9.0, 9.0, 1.0, 1.0], height=[1, 1, 1, 1]
    )
    assert model.inputs == ("width", "height", "colour")
    assert model.answer(rows).values.tolist() == [1, 0, 0, 0]
    assert model.matrix(rows)[:, 2].tolist() == ["red", "blue", "red", ""]


def test_a_classifier_of_truths_answers_a_target_of_truths(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [False, False, True, True])
    path = a_file(tmp_path, "m.skops", skops_bytes(estimator))
    model = loaded(path, classes=("false", "true"), features=("x",))
    assert model.answer(a_dataset(x=[0.0, 3.0])).values.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("objective", "form"), [("binary:logistic", 2), ("binary:logitraw", 2), ("binary:hinge", None)]
)
def test_two_classes_have_two_probabilities_or_none(
    tmp_path: Path, objective: str, form: int | None
) -> None:
    import xgboost

    rows, classes = iris()
    data = xgboost.DMatrix(rows, classes > 0, nthread=1)
    xgboost.train({"objective": objective, "nthread": 1}, data, 5).save_model(tmp_path / "m.ubj")
    answers = loaded(tmp_path / "m.ubj", classes=("0", "1")).answer(iris_rows())
    assert np.mean(answers.values == (classes > 0)) > 0.95
    assert (None if answers.scores is None else answers.scores.shape[1]) == form


@pytest.mark.parametrize("runtime", ["sklearn", "xgboost", "lightgbm"])
def test_without_a_target_classes_are_the_models_own(tmp_path: Path, runtime: str) -> None:
    model = loaded(a_folder(tmp_path, iris_files(runtime)), task=None, classes=())
    assert (model.task, model.classes) == (Task.CLASSIFICATION, ("0", "1", "2"))
    assert np.mean(model.answer(iris_rows()).values == iris()[1]) > 0.95


def test_answers_do_not_depend_on_the_size_of_batches(tmp_path: Path) -> None:
    model = loaded(a_folder(tmp_path, iris_files("sklearn")))
    whole = model.answer(iris_rows())
    model.batch_cells = 28
    assert model.answer(iris_rows()).values.tolist() == whole.values.tolist()


def test_no_rows_have_no_answers(tmp_path: Path) -> None:
    model = loaded(a_folder(tmp_path, iris_files("sklearn")))
    assert len(model.answer(iris_rows().take(np.arange(0))).values) == 0


def test_a_card_of_a_folder_says_what_goes_where(tmp_path: Path) -> None:
    inputs = [{"name": "all", "datatype": "FP64", "shape": [-1, 4]}]
    card = json.dumps({"inputs": inputs, "methods": ["predict_proba"]}).encode()
    model = loaded(a_folder(tmp_path, {**iris_files("sklearn"), "headgate.json": card}))
    assert model.answer(iris_rows()).scores is not None
