"""How long a version waits for its verdict on a real cluster: from `kubectl apply` on.

50,000 rows of 30 columns on each side, a real model that is run on them, and a policy with drift,
quality, performance and calibration. The files come over HTTP from a pod; all images are on the
node. The slowest of three versions counts.

Run: `python tests/load/validation_cluster.py`, after `make cluster-up images`; about two minutes.
"""

import hashlib
import io
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import xgboost

from tests.builders.resources import Manifest
from tests.builders.validation import a_policy
from tests.e2e.space import Space
from tests.e2e.store import Store
from tests.load.arena import a_space
from tests.load.lines import Line, arguments, report, say

SEED = 20261127
ROWS, COLUMNS = 50_000, 30
ROUNDS = 3
LIMIT_SECONDS = 25.0
LONGEST_SECONDS = 180.0
POLICY = "tabular"
TARGET = "y"
CHECKS: list[Manifest] = [
    {"drift": {"minEffect": 0.05}},
    {"quality": {}},
    {"performance": {"metric": "roc_auc", "min": 0.7}},
    {"performance": {"metric": "f1", "min": 0.5}},
    {"calibration": {"maxError": 0.1}},
]


@dataclass(frozen=True)
class Files:
    """What a version is validated on, by the path at which it is served."""

    contents: dict[str, bytes]

    def named(self, store: Store, path: str) -> Manifest:
        sha256 = hashlib.sha256(self.contents[path]).hexdigest()
        return {"uri": store.http(path), "sha256": sha256, "secretRef": {"name": "reader"}}


def made() -> Files:
    """Return two files of one distribution, parquet and CSV, and a model that was trained on it."""
    draws = np.random.default_rng(SEED)
    names = [f"x{index:02}" for index in range(COLUMNS - 1)]
    weights = draws.normal(size=len(names)) / np.sqrt(len(names))

    def table() -> pa.Table:
        values = draws.normal(size=(ROWS, len(names)))
        chance = 1 / (1 + np.exp(-2 * values @ weights))
        target = (draws.random(ROWS) < chance).astype(np.int64)
        columns: dict[str, Any] = dict(zip(names, values.T, strict=True))
        return pa.table({**columns, TARGET: target})

    training, reference, candidate = table(), table(), table()
    parquet, text = io.BytesIO(), io.BytesIO()
    pa.parquet.write_table(reference, parquet)
    pa.csv.write_csv(candidate, text)
    matrix = np.column_stack([training[name].to_numpy() for name in names])
    data = xgboost.DMatrix(matrix, training[TARGET].to_numpy(), feature_names=names)
    settings = {"objective": "binary:logistic", "max_depth": 4, "seed": SEED, "nthread": 2}
    booster = xgboost.train(settings, data, num_boost_round=100)
    return Files(
        {
            "data/reference.parquet": parquet.getvalue(),
            "data/candidate.csv": text.getvalue(),
            "data/model.ubj": bytes(booster.save_raw("ubj")),
        }
    )


def a_version(space: Space, store: Store, files: Files, name: str) -> Manifest:
    """Return a version that is validated on the files."""
    data = {
        "reference": files.named(store, "data/reference.parquet"),
        "candidate": files.named(store, "data/candidate.csv"),
    }
    spec = {
        "model": "churn",
        "version": f"1.0.0-{name}",
        "artifact": files.named(store, "data/model.ubj"),
        "runtime": {"builtin": {"format": "xgboost"}},
        "validation": {"policyRef": {"name": POLICY}, "data": data},
    }
    metadata = {"name": name, "namespace": space.name}
    kind = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ModelVersion"}
    return {**kind, "metadata": metadata, "spec": spec}


def time_verdict(space: Space, store: Store, files: Files, name: str) -> float:
    """Return the seconds from the apply of a version to its verdict in its own status."""
    manifest = a_version(space, store, files, name)
    begun = time.monotonic()
    space.kubectl.apply(manifest)

    def decided() -> Manifest | None:
        status: Manifest = (space.get("ModelVersion", name) or {}).get("status") or {}
        return status if status.get("phase") in {"Validated", "Rejected"} else None

    status = space.wait(f"the verdict on {name}", decided, LONGEST_SECONDS)
    seconds = time.monotonic() - begun
    if status["phase"] != "Validated":
        raise RuntimeError(f"{name} is {status['phase']}: {status['message']}")
    say(f"{name}: {seconds:.1f} s; {'; '.join(steps(space, name))}")
    return seconds


def steps(space: Space, version: str) -> list[str]:
    """Return how long each container of the version's pod ran, and waited for its start."""
    run = space.all("ValidationRun", {"headgate.dev/version": version})[0]["metadata"]["name"]
    pod = space.all("Pod", {"headgate.dev/validation-run": run})[0]
    status, told = pod["status"], []
    before = datetime.fromisoformat(pod["metadata"]["creationTimestamp"])
    for entry in [*status["initContainerStatuses"], *status["containerStatuses"]]:
        ended = entry["state"]["terminated"]
        start, end = (datetime.fromisoformat(ended[key]) for key in ("startedAt", "finishedAt"))
        told.append(f"{entry['name']} {(end - start).seconds} s after {(start - before).seconds} s")
        before = end
    return told


def measure() -> list[Line]:
    files = made()
    with a_space("verdict") as space:
        store = Store(space.kubectl, space.name)
        store.start(files.contents)
        policy = {"target": TARGET, "predictions": {"from": "Model"}, "checks": CHECKS}
        space.kubectl.apply(store.secret("reader"), a_policy(POLICY, space.name, **policy))
        times = [time_verdict(space, store, files, f"v{number}") for number in range(1, ROUNDS + 1)]
    return [
        Line(
            name="apply of a version to its verdict, 50k x 30",
            value=max(times),
            unit="s",
            limit=LIMIT_SECONDS,
            detail=f"slowest of {ROUNDS}, {', '.join(f'{each:.1f}' for each in times)};"
            " drift, quality, 2 metrics, calibration; parquet and CSV over HTTP, xgboost",
        )
    ]


def main() -> int:
    options = arguments(__doc__).parse_args()
    return report(measure(), options.json)


if __name__ == "__main__":
    sys.exit(main())
