"""Pipelines whose features are those of their last step: what comes before works on each alone."""

from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.dataset import Floats

_ONE_BY_ONE: Final = frozenset(
    {"StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "PowerTransformer",
     "QuantileTransformer", "SimpleImputer"}
)  # fmt: skip


def last_step(estimator: Any, matrix: Any) -> tuple[Any, Floats | None]:
    """Return the final estimator and the (n, features) numbers that it gets of a matrix.

    None for the numbers where a step mixes features, drops or makes some.
    """
    final = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    if np.asarray(matrix).dtype == object:
        return final, None
    given = matrix
    for _, step in getattr(estimator, "steps", ())[:-1]:
        if step in (None, "passthrough"):
            continue
        if type(step).__name__ not in _ONE_BY_ONE:
            return final, None
        given = step.transform(given)
        given = given.toarray() if hasattr(given, "toarray") else np.asarray(given)
        if given.shape != matrix.shape:
            return final, None
    numbers: Floats = np.asarray(given, dtype=np.float64)
    return final, numbers


def second_or_all(values: Floats) -> Floats:
    """Return (..., 1) the second of two classes, whose mirror the first is; else all outputs."""
    return values[..., 1:] if values.shape[-1] == 2 else values  # noqa: PLR2004
