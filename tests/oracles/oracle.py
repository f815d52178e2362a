"""One reference value: what a test is called with, and where in its answer the value stands."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.result import TestResult

HERE = Path(__file__).parent
DATA = HERE / "data"


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """An entry of values.json (made by R) or of published.json (printed)."""

    name: str
    test: str
    """As in the registry."""
    x: Mapping[str, Any]
    """`numbers` themselves, or a `file` of data/ with `column` or `columns`, and `rows` kept."""
    y: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    what: str
    """statistic, pvalue, effect, interval.low, interval.high or details.NAME."""
    value: float
    relative: float = 0.0
    absolute: float = 0.0
    """For printed values: half a unit of the last digit."""
    source: str

    def arrays(self) -> list[NDArray[Any]]:
        """Return what the test is called with, by position."""
        return [_values_of(given) for given in (self.x, self.y) if given is not None]

    def found_in(self, result: TestResult) -> float | None:
        """Return the value that the result has in this oracle's place."""
        part, _, name = self.what.partition(".")
        match part:
            case "effect":
                return result.effect.value
            case "interval":
                interval = result.effect.interval
                return None if interval is None else float(getattr(interval, name))
            case "details":
                return float(result.details[name])
        return float(getattr(result, part))


def oracles_of(file: str) -> list[Oracle]:
    """Return the entries of values.json or published.json."""
    return [Oracle(**entry) for entry in json.loads((HERE / file).read_text())]


def _values_of(given: Mapping[str, Any]) -> NDArray[Any]:
    if "numbers" in given:
        return np.array(given["numbers"], dtype=np.float64)
    with (DATA / given["file"]).open(newline="") as lines:
        kept = [row for row in csv.DictReader(lines) if _is_wanted(row, given.get("rows", {}))]
    if "column" in given:
        return _column(kept, given["column"])
    return np.column_stack([_column(kept, name) for name in given["columns"]])


def _is_wanted(row: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    return all(row[name] == str(value) for name, value in wanted.items())


def _column(rows: list[dict[str, str]], name: str) -> NDArray[Any]:
    texts = [row[name] for row in rows]
    try:
        return np.array(texts, dtype=np.float64)
    except ValueError:
        return np.array(texts)
