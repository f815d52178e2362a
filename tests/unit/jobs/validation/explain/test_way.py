"""Which way a model is explained, and what is refused."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import ModelError
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.explain.additivity import (
    gap_to_answers,
    gap_to_output,
    gap_to_second_way,
)
from headgate.jobs.validation.explain.any_model import MOST_ASKED, affordable_rows
from headgate.jobs.validation.explain.choose import attributed, most_rows, way_of
from headgate.modelversion.types import ExplainMethod
from tests.unit.jobs.validation.explain import models
from tests.unit.jobs.validation.suite.cases import numbers

type Make = Callable[[Path], FileModel]
TREE, LINEAR, PERMUTATION = (
    ExplainMethod.TREE,
    ExplainMethod.LINEAR,
    ExplainMethod.PERMUTATION,
)


def a_boosted(task: str, **changes: Any) -> Make:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    kind = GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier
    return lambda folder: models.an_estimator(folder, kind(n_estimators=5, **changes), task)


def an_xgboost(task: str, **changes: Any) -> Make:
    return lambda folder: models.an_xgboost(folder, task, **changes)


def a_lightgbm(task: str, **changes: Any) -> Make:
    return lambda folder: models.a_lightgbm(folder, task, **changes)


BAGGED = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
VECTORS = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
ODD: dict[str, tuple[Make, ExplainMethod]] = {
    "xgboost, dropped trees": (an_xgboost("binary", booster="dart", rate_drop=0.3), TREE),
    "xgboost, several trees a round": (an_xgboost("multiclass", num_parallel_tree=3), TREE),
    "xgboost, a vector a leaf": (an_xgboost("multiclass", **VECTORS), TREE),
    "xgboost, a linear booster": (an_xgboost("binary", booster="gblinear"), LINEAR),
    "xgboost, counts": (an_xgboost("regression", objective="reg:absoluteerror"), TREE),
    "LightGBM, a forest": (a_lightgbm("regression", **BAGGED), TREE),
    "LightGBM, a forest of two classes": (a_lightgbm("binary", **BAGGED), TREE),
    "LightGBM, linear leaves": (a_lightgbm("regression", linear_tree=True), PERMUTATION),
    "boosting of an exponential loss": (a_boosted("binary", loss="exponential"), PERMUTATION),
    "boosting from zero": (a_boosted("regression", init="zero"), PERMUTATION),
    "boosting of three classes": (a_boosted("multiclass"), PERMUTATION),
    "boosting": (a_boosted("binary"), TREE),
}


@pytest.mark.parametrize("kind", ODD)
def test_models_out_of_the_ordinary_add_up_too(tmp_path: Path, kind: str) -> None:
    # given
    make, expected = ODD[kind]
    model, rows = make(tmp_path), models.some_rows(30)
    # when
    way = way_of(model, [rows])
    found = attributed(model, rows, models.a_background(), way=way, seed=1)
    # then
    second, answers = gap_to_second_way(found), gap_to_answers(found, model.answer(rows))
    assert way is expected
    assert gap_to_output(found).excess <= 1
    assert answers is not None
    assert answers.excess <= 1
    assert second is None or second.excess <= 1


def test_any_model_can_be_asked_for_its_answers_alone(tmp_path: Path) -> None:
    model = models.an_xgboost(tmp_path, "binary")
    assert way_of(model, [models.some_rows()], PERMUTATION) is PERMUTATION


@pytest.mark.parametrize(
    ("make", "method", "instead"),
    [
        (models.an_xgboost, LINEAR, "of format xgboost: use Auto, or Tree or Permutation"),
        (models.an_onnx, TREE, "of format onnx: use Auto, or Permutation"),
        (
            models.a_scaled_linear_model,
            TREE,
            "StandardScaler, LogisticRegression: use Auto, or Linear or Permutation",
        ),
        (models.a_forest, LINEAR, "RandomForestClassifier: use Auto, or Tree or Permutation"),
        (
            models.a_pipeline_that_mixes,
            LINEAR,
            "PolynomialFeatures, LogisticRegression: use Auto, or Permutation",
        ),
    ],
)
def test_a_way_that_does_not_fit_is_refused_with_those_that_do(
    tmp_path: Path,
    make: Callable[[Path, str], FileModel],
    method: ExplainMethod,
    instead: str,
) -> None:
    with pytest.raises(ModelError) as refused:
        way_of(make(tmp_path, "binary"), [models.some_rows()], method)
    message = str(refused.value)
    assert message.startswith(f"spec.explainability.method (--explain): is {method}, which takes ")
    assert message.endswith(instead)


def test_both_files_are_explained_alike_where_one_has_missing_values(tmp_path: Path) -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    estimator = HistGradientBoostingRegressor(max_iter=3)
    model = models.an_estimator(tmp_path, estimator, "regression")
    whole, broken = models.some_rows(), models.some_rows()
    values = broken.columns["a"].values.copy()
    values[0] = np.nan
    broken = replace(broken, columns={**broken.columns, "a": numbers("a", values)})
    assert way_of(model, [whole, whole]) is TREE
    assert way_of(model, [whole, broken]) is PERMUTATION


@pytest.mark.parametrize(("features", "questions"), [(3, 8), (6, 64), (7, 15), (100, 201)])
def test_rows_are_as_many_as_the_questions_allow(features: int, questions: int) -> None:
    rows = affordable_rows(features, background=50)
    assert rows * questions * 50 <= MOST_ASKED < (rows + 1) * questions * 50


def test_a_thousand_features_still_get_fifty_rows() -> None:
    assert affordable_rows(10_000, background=50) == 50


def test_only_what_is_asked_for_answers_has_a_most_of_rows(tmp_path: Path) -> None:
    model = models.an_xgboost(tmp_path, "binary")
    assert most_rows(model, TREE) is None
    assert most_rows(model, PERMUTATION) == affordable_rows(8, 50)


@dataclass(frozen=True)
class Foreign:
    """A booster that its library cannot explain."""

    booster: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.booster, name)

    def predict(self, *_args: Any, **_settings: Any) -> Any:
        raise RuntimeError("no contributions\nof such trees")


@dataclass(frozen=True)
class Broken:
    """A booster one of whose contributions is not finite."""

    booster: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.booster, name)

    def predict(self, *args: Any, **settings: Any) -> Any:
        found = self.booster.predict(*args, **settings)
        if settings.get("pred_contrib"):
            found[3, 2] = np.nan
        return found


def test_a_library_that_refuses_is_told_with_the_way_out(tmp_path: Path) -> None:
    model = models.a_lightgbm(tmp_path, "binary")
    foreign = models.Changed(model=model, behind=Foreign(model.native))
    with pytest.raises(ModelError, match=r"raised RuntimeError: no contributions; .*Permutation"):
        attributed(foreign, models.some_rows(), models.a_background(), way=TREE, seed=1)


def test_parts_that_are_not_finite_are_never_a_pass(tmp_path: Path) -> None:
    model = models.a_lightgbm(tmp_path, "binary")
    broken = models.Changed(model=model, behind=Broken(model.native))
    with pytest.raises(ModelError, match=r"column 'c' adds to .* is not finite, in row 4"):
        attributed(broken, models.some_rows(), models.a_background(), way=TREE, seed=1)
