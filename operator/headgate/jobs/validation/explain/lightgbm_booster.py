"""Attributions by LightGBM's own pred_contrib: exact, by the paths of its trees."""

from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.explain.again import trees_again
from headgate.jobs.validation.explain.attributions import (
    FLOAT64_TOLERANCE,
    Attributions,
    Link,
    Scale,
)

_LINKS: Final = {
    "binary sigmoid:1": Link.LOGISTIC,
    "cross_entropy": Link.LOGISTIC,
    "multiclass": Link.SOFTMAX,
    "poisson": Link.EXPONENTIAL,
    "gamma": Link.EXPONENTIAL,
    "tweedie": Link.EXPONENTIAL,
    "regression": Link.IDENTITY,
    "regression_l1": Link.IDENTITY,
    "huber": Link.IDENTITY,
    "fair": Link.IDENTITY,
    "quantile": Link.IDENTITY,
}


def has_linear_leaves(booster: Any) -> bool:
    """Return whether leaves are linear models, of which LightGBM knows no contributions."""
    return "is_linear=1" in _text_of(booster)


def attributed(model: Model, rows: Dataset) -> Attributions:
    """Return the attributions to the raw score of n rows; of forests to its mean over the trees."""
    booster, matrix = model.native, model.matrix(rows)
    settings: dict[str, Any] = {"num_threads": 1}
    parts = np.asarray(booster.predict(matrix, pred_contrib=True, **settings), dtype=np.float64)
    parts = parts.reshape(rows.rows, -1, len(model.inputs) + 1)
    output = np.asarray(booster.predict(matrix, raw_score=True, **settings), dtype=np.float64)
    text = _text_of(booster)
    link = _link_of(text)
    shares = booster.current_iteration() if "average_output" in text.splitlines() else 1
    # shap's own walk knows neither LightGBM's categories nor its trees of several classes
    walkable = "num_cat=0" in text and parts.shape[1] == 1
    again = trees_again(booster, matrix, 1) if walkable else None
    return Attributions(
        features=model.inputs,
        values=parts[:, :, :-1].transpose(0, 2, 1) / shares,
        base=parts[:, :, -1] / shares,
        output=output.reshape(rows.rows, -1) / shares,
        scale=Scale.NUMBER if link is Link.IDENTITY else Scale.MARGIN,
        link=link,
        tolerance=FLOAT64_TOLERANCE,
        method="LightGBM's pred_contrib: exact Shapley values by the trees' paths",
        again=None if again is None else again / shares,
    )


def _text_of(booster: Any) -> str:
    return str(booster.model_to_string(num_iteration=1))


def _link_of(text: str) -> Link:
    """Return the link by the line `objective=binary sigmoid:1` of a model's text."""
    line = next((line for line in text.splitlines() if line.startswith("objective=")), "")
    objective = line.removeprefix("objective=").strip()
    name = objective.split(" ")[0]
    if "sqrt" in objective:  # answers are squares of the score
        return Link.UNKNOWN
    return _LINKS.get(objective, _LINKS.get(name, Link.UNKNOWN))
