"""Which way a model is explained: by its format, its library's own object, and what was asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from headgate.jobs.validation.data.answers import Model, ModelError
from headgate.jobs.validation.data.dataset import DataError, Dataset, shown
from headgate.jobs.validation.explain import (
    any_model,
    lightgbm_booster,
    linear,
    sklearn_trees,
    xgboost_booster,
)
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.explain.sklearn_steps import last_step
from headgate.jobs.validation.tests.result import UntestableError
from headgate.modelversion.types import ExplainMethod

FIELD: Final = "spec.explainability.method (--explain)"
BACKGROUND_ROWS: Final = 50
"""Reference rows that stand for what is usual, where the way needs some."""
_TREE, _LINEAR, _PERMUTATION = (
    ExplainMethod.TREE,
    ExplainMethod.LINEAR,
    ExplainMethod.PERMUTATION,
)
_TAKES: Final = {
    _TREE: "takes boosters and forests whose features reach the trees one by one: no encoders, no"
    " steps that mix features, no linear leaves, and no missing values in scikit-learn's",
    _LINEAR: "takes linear models whose features reach them one by one, as through a scaler",
}


def way_of(
    model: Model, parts: Sequence[Dataset], method: ExplainMethod = ExplainMethod.AUTO
) -> ExplainMethod:
    """Return Tree, Linear or Permutation: one way for all of the parts, else they do not compare.

    Raises ModelError where `method` does not fit the model or its rows.
    """
    fitting = (_exact_way(model, parts), _PERMUTATION)
    found = [way for way in fitting if way is not None]
    if method is ExplainMethod.AUTO:
        return found[0]
    if method in found:
        return method
    raise ModelError(
        f"{FIELD}: is {method}, which {_TAKES[method]}; this model is {_described(model)}:"
        f" use Auto, or {' or '.join(found)}"
    )


def most_rows(model: Model, way: ExplainMethod) -> int | None:
    """Return how many rows of a file can be explained in reasonable time; None: any number."""
    if way is not _PERMUTATION:
        return None
    return any_model.affordable_rows(len(model.inputs), BACKGROUND_ROWS)


def attributed(
    model: Model, rows: Dataset, background: Dataset, *, way: ExplainMethod, seed: int
) -> Attributions:
    """Return what each feature adds to the model's answers to n rows.

    `way` is of `way_of`. `background` are reference rows: linear models are held against their
    mean, and models that only answer get their features from them. Raises UntestableError for no
    rows, ModelError for rows that the model cannot take or gives no finite parts to.
    """
    if not rows.rows or not background.rows:
        raise UntestableError(
            f"{rows.rows} rows of {rows.name} and {background.rows} of {background.name}: one of"
            " each is the least that can be explained"
        )
    try:
        found = _ways(model, rows, background, seed)[way, model.runtime]()
    except (DataError, MemoryError):
        raise
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0][:200]
        raise ModelError(
            f"{rows.name}: explaining the model raised {type(error).__name__}: {first}; set"
            f" {FIELD} to Permutation, which asks for answers alone"
        ) from error
    _refuse_infinite(found, rows)
    known = model.known
    if way is not _PERMUTATION and known:
        found = replace(found, classes=known if found.values.shape[2] > 1 else known[1:])
    return found


def _ways(
    model: Model, rows: Dataset, background: Dataset, seed: int
) -> Mapping[tuple[ExplainMethod, str], Callable[[], Attributions]]:
    def asked() -> Attributions:
        return any_model.attributed(model, rows, background, seed=seed)

    return {
        (_TREE, "xgboost"): lambda: xgboost_booster.attributed(model, rows),
        (_LINEAR, "xgboost"): lambda: xgboost_booster.attributed(model, rows),
        (_TREE, "lightgbm"): lambda: lightgbm_booster.attributed(model, rows),
        (_TREE, "sklearn"): lambda: sklearn_trees.attributed(model, rows),
        (_LINEAR, "sklearn"): lambda: linear.attributed(model, rows, background),
        (_PERMUTATION, model.runtime): asked,
    }


def _exact_way(model: Model, parts: Sequence[Dataset]) -> ExplainMethod | None:
    """Return the way by the model's own parameters, if there is one."""
    match model.runtime:
        case "xgboost":
            return _LINEAR if xgboost_booster.is_linear(model.native) else _TREE
        case "lightgbm":
            return None if lightgbm_booster.has_linear_leaves(model.native) else _TREE
        case "sklearn":
            return _of_sklearn(model, parts)
    return None


def _of_sklearn(model: Model, parts: Sequence[Dataset]) -> ExplainMethod | None:
    for rows in parts:
        estimator, numbers = last_step(model.native, model.matrix(rows))
        if numbers is None or not np.isfinite(numbers).all():  # missing cells go the model's way
            return None
    if linear.is_linear(estimator):
        return _LINEAR
    return _TREE if sklearn_trees.is_trees(estimator) else None


def _described(model: Model) -> str:
    if model.runtime != "sklearn":
        return f"of format {model.runtime}"
    steps = [step for _, step in getattr(model.native, "steps", ())] or [model.native]
    return f"of format sklearn: {', '.join(type(step).__name__ for step in steps)}"


def _refuse_infinite(found: Attributions, rows: Dataset) -> None:
    broken = ~np.isfinite(found.values).all(axis=2)
    if broken.any():
        row, feature = (int(place) for place in np.argwhere(broken)[0])
        raise ModelError(
            f"{rows.name}: what column {shown(found.features[feature])} adds to the model's answer"
            f" is not finite, in row {row + 1} of those explained ({found.method})"
        )
    if not (np.isfinite(found.base).all() and np.isfinite(found.output).all()):
        raise ModelError(
            f"{rows.name}: the model's output is not finite for rows that are explained"
            f" ({found.method})"
        )
