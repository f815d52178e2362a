"""Attributions by xgboost's own pred_contribs: exact, by the paths of its trees.

Lundberg, Erion, Lee 2018, arXiv 1802.03888.
"""

import json
from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Model
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.explain.again import trees_again
from headgate.jobs.validation.explain.attributions import (
    FLOAT32_TOLERANCE,
    Attributions,
    Link,
    Scale,
)

_LINKS: Final = {
    "binary:logistic": Link.LOGISTIC,
    "binary:logitraw": Link.LOGISTIC,  # the outlet turns its log odds into probabilities
    "reg:logistic": Link.LOGISTIC,
    "multi:softprob": Link.SOFTMAX,
    "count:poisson": Link.EXPONENTIAL,
    "reg:gamma": Link.EXPONENTIAL,
    "reg:tweedie": Link.EXPONENTIAL,
    "reg:squarederror": Link.IDENTITY,
    "reg:absoluteerror": Link.IDENTITY,
    "reg:pseudohubererror": Link.IDENTITY,
    "reg:quantileerror": Link.IDENTITY,
}
_METHODS: Final = {
    False: "xgboost's pred_contribs: exact Shapley values by the trees' paths",
    True: "xgboost's pred_contribs of a linear booster: coefficient times value",
}


def is_linear(booster: Any) -> bool:
    """Return whether a booster's margin is a sum over features, as gblinear's is."""
    learner = json.loads(booster.save_config())["learner"]
    return str(learner["gradient_booster"]["name"]) == "gblinear"


def attributed(model: Model, rows: Dataset) -> Attributions:
    """Return the attributions to the margin of n rows."""
    import xgboost

    booster, matrix = model.native, model.matrix(rows)
    types = booster.feature_types
    categorical = bool(types) and "c" in types
    data = xgboost.DMatrix(
        matrix,
        nthread=1,
        feature_types=types if categorical else None,
        enable_categorical=categorical,
    )
    best = booster.attr("best_iteration")  # the server's rule: after early stopping, the best
    settings: dict[str, Any] = {
        "iteration_range": (0, int(best) + 1) if best is not None else (0, 0),
        "validate_features": False,
    }
    parts = np.asarray(booster.predict(data, pred_contribs=True, **settings), dtype=np.float64)
    if parts.ndim == 2:  # noqa: PLR2004  (one output)
        parts = parts[:, None, :]
    output = np.asarray(booster.predict(data, output_margin=True, **settings), dtype=np.float64)
    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    values = parts[:, :, :-1].transpose(0, 2, 1)
    link = _LINKS.get(objective, Link.UNKNOWN)
    walkable = not categorical and best is None and _is_plain(booster, learner["gradient_booster"])
    return Attributions(
        features=model.inputs,
        values=values,
        base=parts[:, :, -1],
        output=output.reshape(rows.rows, -1),
        scale=Scale.NUMBER if link is Link.IDENTITY else Scale.MARGIN,
        link=link,
        tolerance=FLOAT32_TOLERANCE,
        method=_METHODS[is_linear(booster)],
        again=trees_again(booster, matrix, values.shape[2]) if walkable else None,
    )


def _is_plain(booster: Any, trained: Any) -> bool:
    """Return whether shap's own walk knows the trees: not where they are weighted or several."""
    if trained["name"] != "gbtree" or int(trained["gbtree_model_param"]["num_parallel_tree"]) > 1:
        return False
    return b'"weight_drop"' not in booster.save_raw("json")
