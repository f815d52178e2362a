"""The breast cancer data that comes with scikit-learn, as files that a team would have."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from headgate.jobs.validation.data.dataset import Floats, Integers
from tests.builders.artifacts import skops_bytes

FEATURES = ("mean radius", "mean texture", "mean smoothness", "worst area", "worst concavity")
TARGET = "benign"


@cache
def rows() -> tuple[Floats, Integers]:
    """Return (569, 5) features and (569,) whether it is benign, in an order drawn once."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    chosen = [list(data.feature_names).index(name) for name in FEATURES]
    order = np.random.default_rng(3).permutation(len(data.target))
    return data.data[order][:, chosen], data.target[order].astype(np.int64)


def reference() -> slice:
    return slice(0, 285)


def candidate() -> slice:
    return slice(285, 569)


def a_file(
    folder: Path, name: str, part: slice, *, shift: Mapping[str, float] | None = None, **more: Any
) -> Path:
    """Write rows as parquet; `shift` is added to columns, in their deviations."""
    features, target = rows()
    table: dict[str, Any] = {}
    for place, column in enumerate(FEATURES):
        values = features[part, place]
        table[column] = values + (shift or {}).get(column, 0.0) * values.std()
    table[TARGET] = target[part]
    path = folder / name
    parquet.write_table(pa.table({**table, **more}), path)
    return path


@cache
def _good() -> bytes:
    return _trained(slice(0, 200), list(range(len(FEATURES))))


@cache
def _poor() -> bytes:
    """Return a model that sees nothing but the texture."""
    return _trained(slice(0, 200), [1])


def _trained(part: slice, columns: list[int]) -> bytes:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, target = rows()
    seen = np.zeros_like(features)
    seen[:, columns] = features[:, columns]
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    return skops_bytes(pipeline.fit(seen[part], target[part]))


def a_good_model(folder: Path) -> Path:
    path = folder / "good.skops"
    path.write_bytes(_good())
    return path


def a_poor_model(folder: Path) -> Path:
    path = folder / "poor.skops"
    path.write_bytes(_poor())
    return path
