"""Made-up customers with columns of every kind, as one table, one file or a folder of parts."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests.builders.artifacts import skops_bytes

TARGET = "churned"
INPUTS = ("spend", "age", "tenure")
DAY = 86_400


def customers(seed: int, rows: int, *, shift: float = 0.0) -> Any:
    """Return a table; `shift` moves what they spend, in deviations."""
    random = np.random.default_rng(seed)
    spend = random.normal(shift, 1, rows)
    age = random.integers(18, 90, rows)
    tenure = random.exponential(2, rows)
    score = 1 / (1 + np.exp(-(spend - (age - 50) / 20 + random.normal(size=rows) / 2)))
    lost = random.random(rows) < 0.1
    texts = [f"{word} {place % 97}" for place, word in enumerate(random.choice(("a", "bb"), rows))]
    return pa.table(
        {
            "spend": pa.array(spend),
            "age": pa.array(age),
            "tenure": pa.array(tenure),
            "visits": pa.array(random.integers(0, 6, rows)),
            "income": pa.array(np.round(random.lognormal(0, 1, rows), 3), mask=lost),
            "region": pa.array(random.choice(("north", "south", "west"), rows)),
            "gender": pa.array(random.choice(("f", "m"), rows)),
            "active": pa.array(random.random(rows) < 0.7, mask=lost),
            "note": pa.array(texts),
            "joined": pa.array(random.integers(0, 900, rows) * DAY, pa.timestamp("s")),
            "nothing": pa.array([None] * rows, pa.float64()),
            TARGET: pa.array(np.where(score > 0.5, "yes", "no")),
        }
    )


def a_file(folder: Path, name: str, table: Any, *, row_group_size: int | None = None) -> Path:
    path = folder / f"{name}.parquet"
    parquet.write_table(table, path, row_group_size=row_group_size)
    return path


def a_folder(folder: Path, name: str, table: Any, cuts: Sequence[int]) -> Path:
    """Write the rows up to each cut as a part of their own, and what is left as the last."""
    path = folder / name
    path.mkdir()
    starts, ends = [0, *cuts], [*cuts, table.num_rows]
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        parquet.write_table(table.slice(start, end - start), path / f"part-{place:03}.parquet")
    return path


@cache
def _model(seed: int) -> bytes:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    seen = customers(seed, 400).to_pandas()
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    return skops_bytes(pipeline.fit(seen[list(INPUTS)], seen[TARGET]))


def a_model(folder: Path, *, seed: int = 7) -> Path:
    path = folder / f"model-{seed}.skops"
    path.write_bytes(_model(seed))
    return path
