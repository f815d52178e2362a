"""A few rows once more, by an implementation that shares nothing with the first one."""

from typing import Any

import numpy as np

from headgate.jobs.validation.data.dataset import Floats

ROWS = 20
AGREEMENT = 1e-4
"""Of the parts' size: both add up single precision in their own order."""


def trees_again(booster: Any, matrix: Any, outputs: int) -> Floats | None:
    """Return (rows, features, outputs) of the first 20 rows by shap's own tree walk.

    None where shap cannot read the model, which is no fault of the model.
    """
    from shap.explainers import TreeExplainer

    sample = matrix[:ROWS]
    try:
        explainer = TreeExplainer(booster, feature_perturbation="tree_path_dependent")
        # else shap asks the library itself: no second opinion
        explainer.model.model_type = "internal"
        found = by_output(explainer.shap_values(sample, check_additivity=False), len(sample))
    except Exception:  # noqa: BLE001  (it has no error of its own for trees of another kind)
        return None
    return found if found.shape == (len(sample), sample.shape[1], outputs) else None


def by_output(values: Any, n: int) -> Floats:
    """Return (n, features, k) of what shap gives: without the last axis for a single output."""
    array = np.asarray(values, dtype=np.float64)
    return array.reshape(n, -1, 1) if array.ndim == 2 else array  # noqa: PLR2004
