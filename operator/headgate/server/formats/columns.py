"""Rows for scikit-learn out of named inputs, without pandas."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from headgate.server.protocol.datatypes import Array
from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.tensors import quoted


def assembled(tensors: Mapping[str, Array], order: tuple[str, ...]) -> Array:
    """Put the inputs side by side; text among them makes an array of objects."""
    if len(order) == 1:
        only = tensors[order[0]]
        return only if only.ndim > 1 else only.reshape(-1, 1)
    rows = len(tensors[order[0]])
    for name in order:
        if len(tensors[name]) != rows:
            raise RejectedError(
                f"inputs: {quoted(name)} has {len(tensors[name])} rows, "
                f"but {quoted(order[0])} has {rows}"
            )
    blocks = [tensors[name].reshape(rows, -1) for name in order]
    if any(block.dtype == object for block in blocks):
        blocks = [block.astype(object) for block in blocks]
    return np.concatenate(blocks, axis=1)


def index_named_columns(estimator: Any) -> Any:
    """Turn column names in fitted ColumnTransformers into positions, in place.

    One that was fitted on a DataFrame selects by name, which an array can't answer; the order of
    the names at training is known, so positions say the same.
    """
    for step in _steps(estimator):
        names = getattr(step, "feature_names_in_", None)
        fitted = getattr(step, "transformers_", None)
        if names is None or not isinstance(fitted, list):
            continue
        positions = {str(name): position for position, name in enumerate(names)}
        step.transformers_ = [
            (name, transformer, _positions(columns, positions))
            for name, transformer, columns in fitted
        ]
    return estimator


def _positions(columns: Any, positions: Mapping[str, int]) -> Any:
    if isinstance(columns, str):
        return positions[columns]
    if isinstance(columns, list | tuple | np.ndarray) and all(
        isinstance(column, str) for column in columns
    ):
        return [positions[str(column)] for column in columns]
    return columns


def _steps(estimator: Any) -> Iterator[Any]:
    yield estimator
    for _, step in getattr(estimator, "steps", ()):
        yield from _steps(step)


def single_threaded(estimator: Any) -> Any:
    """Take n_jobs back to one, in place.

    The server runs predictions side by side; starting a pool for each costs more than the work.
    """
    params = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {}
    jobs = [name for name, value in params.items() if name.split("__")[-1] == "n_jobs" and value]
    if jobs:
        estimator.set_params(**dict.fromkeys(jobs, 1))
    return estimator
