"""Attributions of every kind of model: they add up to its answer, and are the same each time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import ModelError
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.explain.again import AGREEMENT, ROWS
from headgate.jobs.validation.explain.any_model import numbers_of
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.explain.choose import attributed, way_of
from headgate.jobs.validation.tests.result import UntestableError
from headgate.modelversion.types import ExplainMethod
from tests.unit.jobs.validation.explain import models
from tests.unit.jobs.validation.suite.cases import words

type Make = Callable[[Path, str], FileModel]
TASKS = ("binary", "multiclass", "regression")
KINDS: dict[str, tuple[Make, str]] = {
    "xgboost": (models.an_xgboost, "pred_contribs"),
    "lightgbm": (models.a_lightgbm, "pred_contrib"),
    "forest": (models.a_forest, "TreeExplainer"),
    "linear": (models.a_linear_model, "LinearExplainer"),
    "scaled linear": (models.a_scaled_linear_model, "LinearExplainer"),
    "pipeline": (models.a_pipeline_that_mixes, "PermutationExplainer"),
    "onnx": (models.an_onnx, "PermutationExplainer"),
}
EVERY = pytest.mark.parametrize("task", TASKS)
BY_KIND = pytest.mark.parametrize("kind", KINDS)


def explained(model: FileModel, method: ExplainMethod = ExplainMethod.AUTO) -> Attributions:
    rows = models.some_rows()
    way = way_of(model, [rows], method)
    return attributed(model, rows, models.a_background(), way=way, seed=3)


@EVERY
@BY_KIND
def test_the_parts_add_up_to_the_output_and_to_the_answer(
    tmp_path: Path, kind: str, task: str
) -> None:
    make, method = KINDS[kind]
    model = make(tmp_path, task)
    found = explained(model)
    assert method in found.method
    assert found.values.shape == (60, 8, 3 if task == "multiclass" else 1)
    assert np.abs(found.summed - found.output).max() <= found.tolerance * found.size
    linked = found.linked()
    assert linked is not None
    assert linked == pytest.approx(numbers_of(model.answer(models.some_rows())), abs=1e-5)


@EVERY
@BY_KIND
def test_twice_gives_the_same_bits(tmp_path: Path, kind: str, task: str) -> None:
    model = KINDS[kind][0](tmp_path, task)
    first, second = explained(model), explained(model)
    assert first.values.tobytes() == second.values.tobytes()
    assert first.base.tobytes() == second.base.tobytes()


@EVERY
@pytest.mark.parametrize("kind", ["xgboost", "lightgbm", "linear", "scaled linear"])
def test_another_exact_way_agrees(tmp_path: Path, kind: str, task: str) -> None:
    found = explained(KINDS[kind][0](tmp_path, task))
    if (kind, task) == ("lightgbm", "multiclass"):  # shap's own walk does not know it
        assert found.again is None
        return
    assert found.again is not None
    assert len(found.again) >= ROWS
    apart = np.abs(found.values[: len(found.again)] - found.again).max()
    assert apart <= AGREEMENT * found.size


@BY_KIND
def test_the_feature_that_counts_most_is_the_first(tmp_path: Path, kind: str) -> None:
    found = explained(KINDS[kind][0](tmp_path, "regression"))
    assert np.abs(found.values).mean(axis=(0, 2)).argmax() == 0


def test_numpys_global_generator_is_left_as_it_was(tmp_path: Path) -> None:
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    explained(models.an_onnx(tmp_path, "regression"))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_no_rows_cannot_be_explained(tmp_path: Path) -> None:
    with pytest.raises(UntestableError, match=r"0 rows of candidate\.csv and 50 of reference"):
        attributed(
            models.an_xgboost(tmp_path, "binary"),
            models.some_rows(0),
            models.a_background(),
            way=ExplainMethod.TREE,
            seed=3,
        )


def test_a_column_of_another_kind_is_named(tmp_path: Path) -> None:
    model = models.an_onnx(tmp_path, "regression")
    rows = models.some_rows(2)
    rows = replace(rows, columns={**rows.columns, "c": words("c", ["x", "y"])})
    with pytest.raises(ModelError, match="column 'c' is categorical, and numeric in reference"):
        attributed(model, rows, models.a_background(), way=ExplainMethod.PERMUTATION, seed=3)
