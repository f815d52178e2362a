"""Columns, datasets and files with what matters stated and the rest made up."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.dataset import Column, Dataset
from headgate.validation.policy_types import ValidationPolicySpec

MISSING = None


def a_column(values: Sequence[Any], name: str = "x") -> Column:
    """A column of what Arrow makes of the values."""
    return column_of(name, pa.chunked_array([pa.array(values)]), "made.parquet")


def a_dataset(name: str = "made.parquet", **columns: Sequence[Any]) -> Dataset:
    read = {key: a_column(values, key) for key, values in columns.items()}
    return Dataset(name=name, columns=read, rows=len(next(iter(read.values()))))


def a_csv(folder: Path, text: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def a_parquet(folder: Path, columns: Mapping[str, Any], name: str = "rows.parquet") -> Path:
    path = folder / name
    parquet.write_table(pa.table(dict(columns)), path)
    return path


def a_policy(**fields: Any) -> ValidationPolicySpec:
    return ValidationPolicySpec.model_validate({"checks": [{"drift": {}}], **fields})


def listed(array: Any) -> list[Any]:
    """The values, with None for NaN, so that they compare."""
    return [None if np.isnan(value) else value for value in np.asarray(array, float).tolist()]
