"""Which way a model is explained, by its format and its library's own object."""

import numpy as np

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
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

BACKGROUND_ROWS = 100
"""Reference rows that stand for what is usual, where the way needs some."""


def attributed(model: Model, rows: Dataset, background: Dataset, *, seed: int) -> Attributions:
    """Return what each feature adds to the model's answers to n rows.

    `background` are reference rows: linear models are held against their mean, and models that
    only answer get their features from them. Raises UntestableError for no rows, ModelError for
    rows that the model cannot take.
    """
    if not rows.rows or not background.rows:
        raise UntestableError(
            f"{rows.rows} rows of {rows.name} and {background.rows} of {background.name}: one of"
            " each is the least that can be explained"
        )
    match model.runtime:
        case "xgboost":
            return xgboost_booster.attributed(model, rows)
        case "lightgbm":
            return lightgbm_booster.attributed(model, rows)
        case "sklearn":
            return _of_sklearn(model, rows, background, seed=seed)
    return any_model.attributed(model, rows, background, seed=seed)


def _of_sklearn(model: Model, rows: Dataset, background: Dataset, *, seed: int) -> Attributions:
    estimator, numbers = last_step(model.native, model.matrix(rows))
    if numbers is not None and np.isfinite(numbers).all():  # missing cells go the model's own way
        if linear.is_linear(estimator) and _all_known(model, background):
            return linear.attributed(model, rows, background)
        if sklearn_trees.is_trees(estimator):
            return sklearn_trees.attributed(model, rows)
    return any_model.attributed(model, rows, background, seed=seed)


def _all_known(model: Model, background: Dataset) -> bool:
    _, usual = last_step(model.native, model.matrix(background))
    return usual is not None and bool(np.isfinite(usual).all())
