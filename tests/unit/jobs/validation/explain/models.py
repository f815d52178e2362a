"""Small trained models of every kind, loaded from files as a run loads them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Dataset, Floats
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.model_file import load_model
from headgate.jobs.validation.data.task import Task
from tests.builders.artifacts import skops_bytes
from tests.unit.jobs.validation.suite.cases import a_dataset, numbers

FEATURES = tuple("abcdefgh")
CLASSES = {"binary": 2, "multiclass": 3, "regression": 0}


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A model with another object behind it, or with other answers than that object's."""

    model: FileModel
    behind: Any = None
    said: Callable[[Answers], Answers] | None = None

    @property
    def runtime(self) -> str:
        return self.model.runtime

    @property
    def native(self) -> Any:
        return self.model.native if self.behind is None else self.behind

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.model.inputs

    @property
    def known(self) -> tuple[int, ...]:
        return self.model.known

    def answer(self, rows: Dataset) -> Answers:
        answers = self.model.answer(rows)
        return answers if self.said is None else self.said(answers)

    def matrix(self, rows: Dataset) -> Any:
        return self.model.matrix(rows)


@cache
def training() -> tuple[Floats, Floats]:
    """Return (400, 8) features, and (400,) numbers that hang on the first three of them."""
    random = np.random.default_rng(5)
    rows = random.normal(size=(400, len(FEATURES)))
    return rows, 2 * rows[:, 0] + rows[:, 1] * rows[:, 2] + 0.3 * random.normal(size=400)


def target(task: str) -> Any:
    answer = training()[1]
    if task == "regression":
        return answer
    return np.digitize(answer, [0.0] if task == "binary" else [-1.0, 1.0])


def some_rows(n: int = 60, *, seed: int = 1, name: str = "candidate.csv") -> Dataset:
    rows = np.random.default_rng(seed).normal(size=(n, len(FEATURES)))
    columns = (numbers(each, rows[:, place]) for place, each in enumerate(FEATURES))
    return a_dataset(*columns, name=name)


def a_background() -> Dataset:
    return some_rows(50, seed=2, name="reference.csv")


def loaded(path: Path, task: str) -> FileModel:
    return load_model(
        path,
        format_name=None,
        allow_pickle=False,
        task=Task.REGRESSION if task == "regression" else Task.CLASSIFICATION,
        classes=tuple(map(str, range(CLASSES[task]))),
        features=FEATURES,
    )


def an_xgboost(folder: Path, task: str, **changes: Any) -> FileModel:
    import xgboost

    objectives: dict[str, dict[str, Any]] = {
        "binary": {"objective": "binary:logistic"},
        "multiclass": {"objective": "multi:softprob", "num_class": 3},
        "regression": {"objective": "reg:squarederror"},
    }
    data = xgboost.DMatrix(training()[0], target(task), nthread=1)
    settings = {**objectives[task], "nthread": 1, "max_depth": 3, "verbosity": 0, **changes}
    trained = xgboost.train(settings, data, 10)
    trained.save_model(str(folder / "m.json"))
    return loaded(folder / "m.json", task)


def an_xgboost_of_all_features(folder: Path) -> FileModel:
    """Return a model to which each feature matters a little less than the one before it."""
    import xgboost

    rows = np.random.default_rng(7).normal(size=(2000, len(FEATURES)))
    weights = np.arange(len(FEATURES), 0, -1.0)
    settings = {"nthread": 1, "max_depth": 3, "eta": 0.3}
    data = xgboost.DMatrix(rows, rows @ weights, nthread=1)
    xgboost.train(settings, data, 40).save_model(str(folder / "m.json"))
    return loaded(folder / "m.json", "regression")


def a_lightgbm(folder: Path, task: str, **changes: Any) -> FileModel:
    import lightgbm

    objectives: dict[str, dict[str, Any]] = {
        "binary": {"objective": "binary"},
        "multiclass": {"objective": "multiclass", "num_class": 3},
        "regression": {"objective": "regression"},
    }
    data = lightgbm.Dataset(training()[0], target(task))
    settings = {**objectives[task], "verbose": -1, "num_threads": 1, "num_leaves": 8, **changes}
    lightgbm.train(settings, data, 10).save_model(str(folder / "m.txt"))
    return loaded(folder / "m.txt", task)


def an_estimator(folder: Path, estimator: Any, task: str) -> FileModel:
    trained = estimator.fit(training()[0], target(task))
    (folder / "m.skops").write_bytes(skops_bytes(trained))
    return loaded(folder / "m.skops", task)


def a_forest(folder: Path, task: str) -> FileModel:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    return an_estimator(folder, kind(n_estimators=5, max_depth=4, random_state=0), task)


def a_linear_model(folder: Path, task: str) -> FileModel:
    from sklearn.linear_model import LinearRegression, LogisticRegression

    kind = LinearRegression if task == "regression" else LogisticRegression
    return an_estimator(folder, kind(), task)


def a_scaled_linear_model(folder: Path, task: str) -> FileModel:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    last = Ridge() if task == "regression" else LogisticRegression()
    return an_estimator(folder, make_pipeline(StandardScaler(), last), task)


def a_pipeline_that_mixes(folder: Path, task: str) -> FileModel:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    last = Ridge() if task == "regression" else LogisticRegression(max_iter=500)
    return an_estimator(folder, make_pipeline(PolynomialFeatures(2), last), task)


def an_onnx(folder: Path, task: str) -> FileModel:
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression, LogisticRegression

    rows = training()[0]
    regression = task == "regression"
    trained = (LinearRegression() if regression else LogisticRegression()).fit(rows, target(task))
    options = {} if regression else {"zipmap": False}
    model = to_onnx(trained, rows[:1].astype(np.float32), options=options)
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    return loaded(folder / "m.onnx", task)
