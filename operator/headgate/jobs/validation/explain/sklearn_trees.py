"""Attributions of scikit-learn's trees and forests, by shap's TreeExplainer."""

from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.explain.again import by_output
from headgate.jobs.validation.explain.attributions import (
    FLOAT64_TOLERANCE,
    Attributions,
    Link,
    Scale,
)
from headgate.jobs.validation.explain.sklearn_steps import last_step, second_or_all

_AVERAGED: Final = frozenset(
    {"DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier",
     "ExtraTreeRegressor", "RandomForestClassifier", "RandomForestRegressor",
     "ExtraTreesClassifier", "ExtraTreesRegressor"}
)  # fmt: skip
_BOOSTED: Final = frozenset(
    {"GradientBoostingClassifier", "GradientBoostingRegressor",
     "HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
)  # fmt: skip
_TWO = 2


def is_trees(estimator: Any) -> bool:
    """Return whether shap can walk this estimator's trees."""
    name = type(estimator).__name__
    if name in _AVERAGED:
        return True
    if name not in _BOOSTED or getattr(estimator, "is_categorical_", None) is not None:
        return False
    if name.startswith("Hist"):
        return True
    # of GradientBoosting, shap knows two classes only, and its own start and loss
    usual = estimator.init is None and estimator.loss != "exponential"
    return usual and len(getattr(estimator, "classes_", ())) <= _TWO


def attributed(model: Model, rows: Dataset) -> Attributions:
    """Return the attributions of n rows: to probabilities of forests, to margins of boosters."""
    from shap.explainers import TreeExplainer

    estimator, matrix = last_step(model.native, model.matrix(rows))
    assert matrix is not None  # noqa: S101 - asked when this way was chosen
    explainer = TreeExplainer(estimator, feature_perturbation="tree_path_dependent")
    values = by_output(explainer.shap_values(matrix, check_additivity=False), rows.rows)
    base = np.atleast_1d(np.asarray(explainer.expected_value, dtype=np.float64))
    classes = len(getattr(estimator, "classes_", ()))
    averaged = type(estimator).__name__ in _AVERAGED
    if not classes:
        output, scale, link = estimator.predict(matrix), Scale.NUMBER, _of_number(estimator)
    elif averaged:
        output, scale = estimator.predict_proba(matrix), Scale.PROBABILITY
        link = Link.IDENTITY
    else:
        output, scale = estimator.decision_function(matrix), Scale.MARGIN
        link = Link.LOGISTIC if classes == _TWO else Link.SOFTMAX
    if link is Link.EXPONENTIAL:
        output, scale = np.log(output), Scale.MARGIN
    kept = second_or_all(values)
    return Attributions(
        features=model.inputs,
        values=kept,
        base=np.broadcast_to(second_or_all(base), (rows.rows, kept.shape[2])),
        output=second_or_all(np.asarray(output, dtype=np.float64).reshape(rows.rows, -1)),
        scale=scale,
        link=link,
        tolerance=FLOAT64_TOLERANCE,
        method="shap.TreeExplainer: exact Shapley values by the trees' paths",
    )


def _of_number(estimator: Any) -> Link:
    exponential = getattr(estimator, "loss", "") in {"poisson", "gamma"}
    return Link.EXPONENTIAL if exponential else Link.IDENTITY
