"""Rows, policies and models as the sweep of bad input has them: good until a test spoils one thing.

A table has a feature `x`, whole numbers `k`, groups `g`, classes `y` with a model's answer and its
probabilities, and numbers `t` with another model's answer `guess`.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from pyarrow import csv, parquet

from headgate.cli.offline import main

type Table = dict[str, Any]
type Spoil = Callable[[Table], Table]

COLUMN = {"column": "answer", "scores": ["p0", "p1"]}
CLASSES = {"target": "y", "predictions": COLUMN, "sensitive": ["g"]}
NUMBERS = {"target": "t", "task": "Regression", "predictions": {"column": "guess"}}
CHECKS: Mapping[str, Mapping[str, Any]] = {
    "drift": {**CLASSES, "checks": [{"drift": {"columns": ["x", "k", "g"], "minEffect": 0.3}}]},
    "together": {
        **CLASSES,
        "checks": [
            {
                "drift": {
                    "columns": ["x", "t"],
                    "minEffect": 0.3,
                    "multivariate": ["mmd", "energy", "classifier"],
                }
            }
        ],
    },
    "roc_auc": {**CLASSES, "checks": [{"performance": {"metric": "roc_auc", "min": 0.5}}]},
    "f1": {**CLASSES, "checks": [{"performance": {"metric": "f1", "min": 0.3}}]},
    "log_loss": {**CLASSES, "checks": [{"performance": {"metric": "neg_log_loss", "min": -2}}]},
    "r2": {**NUMBERS, "checks": [{"performance": {"metric": "r2", "min": 0.1}}]},
    "calibration": {**CLASSES, "checks": [{"calibration": {"maxError": 0.3}}]},
    "fairness": {**CLASSES, "checks": [{"fairness": {"max": 0.6}}]},
    "odds": {
        **CLASSES,
        "checks": [{"fairness": {"metric": "equalized_odds_difference", "max": 0.7}}],
    },
    "residuals": {
        **NUMBERS,
        "checks": [{"residuals": {"maxAutocorrelation": 0.5, "maxBias": 0.5}}],
    },
    "quality": {**CLASSES, "checks": [{"quality": {"maxOutOfRange": 0.2}}]},
}


def a_table(seed: int = 1, n: int = 200) -> Table:
    draws = np.random.default_rng(seed)
    x = draws.normal(size=n)
    chance = 1 / (1 + np.exp(-2 * x))
    return {
        "x": x,
        "k": draws.integers(0, 8, n),
        "g": pa.array(draws.choice(["f", "m"], n).tolist()),
        "y": (draws.random(n) < chance).astype(int),
        "t": x + 0.3 * draws.normal(size=n),
        "guess": x,
        "answer": (chance > 0.5).astype(int),
        "p0": 1 - chance,
        "p1": chance,
    }


def put(**columns: Any) -> Spoil:
    """Return what puts columns in the place of a table's; a function gets the number of rows."""

    def spoil(table: Table) -> Table:
        n = len(table["x"])
        put_in = {key: value(n) if callable(value) else value for key, value in columns.items()}
        return {**table, **put_in}

    return spoil


def first(name: str, value: Any) -> Spoil:
    """Return what puts a value into the first row of a column."""
    return lambda table: {**table, name: [value, *np.asarray(table[name])[1:].tolist()]}


def without(*names: str) -> Spoil:
    return lambda table: {key: value for key, value in table.items() if key not in names}


def rows(n: int) -> Spoil:
    return lambda table: {key: value[:n] for key, value in table.items()}


def a_file(folder: Path, name: str, table: Table, form: str) -> Path:
    path = folder / f"{name}.{form}"
    if form == "csv":
        csv.write_csv(pa.table(table), path)
    else:
        parquet.write_table(pa.table(table), path)
    return path


def a_policy_file(folder: Path, spec: Mapping[str, Any]) -> Path:
    path = folder / "policy.yaml"
    manifest = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ValidationPolicy",
        "metadata": {"name": "sweep"},
        "spec": dict(spec),
    }
    path.write_text(yaml.safe_dump(manifest))
    return path


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How `headgate validate` ended."""

    code: int
    told: list[str]
    """Lines on stderr."""
    findings: list[Mapping[str, Any]]
    """Of the report; none where there is no report."""

    def refusal(self) -> str:
        """The one line that says why there is no verdict."""
        assert (self.code, self.findings) == (3, []), (self.told, self.findings)
        assert len(self.told) == 1, self.told
        assert self.told[0].startswith("error: ")
        return self.told[0].removeprefix("error: ")

    def undecided(self) -> str:
        """What is said of all that could not be decided; nothing else may be on stderr."""
        assert self.code in {1, 2}, (self.code, self.told, self.findings)
        assert self.told == []
        return "\n".join(
            f"{each['subject']}: {each['message']} {each['reason']}"
            for each in self.findings
            if each["verdict"] == "Inconclusive"
        )


@dataclass(frozen=True, kw_only=True)
class Validate:
    """`headgate validate`, in this process, with a folder of its own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, spec: Mapping[str, Any], *more: str, **files: Path) -> Ended:
        """Run a policy's spec on files, good ones where none is given."""
        policy = a_policy_file(self.folder, spec)
        for seed, side in enumerate(("reference", "candidate"), 1):
            if side not in files:
                files[side] = a_file(self.folder, side, a_table(seed), "parquet")
        out = self.folder / "out"
        given = [text for name, path in files.items() for text in (f"--{name}", str(path))]
        code = main(["validate", str(policy), *given, "--out", str(out), *more])
        report = out / "report.json"
        return Ended(
            code=code,
            told=self.capsys.readouterr().err.splitlines(),
            findings=json.loads(report.read_bytes())["findings"] if report.exists() else [],
        )


def pickled(model: Any) -> bytes:
    import joblib

    content = io.BytesIO()
    joblib.dump(model, content)
    return content.getvalue()
