"""Train the four versions of the quickstart on a real data set that scikit-learn ships.

    python examples/01-quickstart/train/train.py --out build/quickstart

A model tells malignant from benign tumours (the Wisconsin data, 569 cases). Four measures go in
as numbers and the band of the largest radius as text, which is where a real pipeline has trouble:

- v1 looks at two measures only: it works, and is the baseline.
- v2 looks at everything: it works better.
- v3 was trained after somebody had "cleaned" the largest tumours away. Its encoder refuses a band
  that it never saw, and one case in five has it. On what was left it looked as good as v2.
- v4 is a file that a full disk cut off.

Written to --out: an artifact for each version, digests.json, artifacts.yaml (a ConfigMap for each),
versions.yaml (a ModelVersion for each), and samples.json: a list of infer requests, one case
each, 1 in 5 with the band that v3 never saw. The same library versions on the same kind of
machine give the same bytes.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artifact import packed, skops_bytes
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from manifests import config_maps, model_versions

MEASURES = ("mean radius", "mean texture", "mean smoothness", "mean concavity")
BANDED = "worst radius"
BANDS = ("small", "medium", "large", "very large")
BAND_QUANTILES = (0.3, 0.55, 0.8)
NEVER_SEEN = BANDS[-1]
BAND_COLUMN = len(MEASURES)
SAMPLES = 100
SEED = 20261123


@dataclass(frozen=True)
class Cases:
    """Rows of four numbers and a text, and what each tumour was (1: benign)."""

    rows: Any
    benign: Any

    def where(self, chosen: Any) -> "Cases":
        """Return the chosen cases."""
        return Cases(self.rows[chosen], self.benign[chosen])


def load_cases() -> Cases:
    """Return all cases, with the largest radius cut into bands."""
    data = load_breast_cancer()
    names = list(data.feature_names)
    radius = data.data[:, names.index(BANDED)]
    bands = np.digitize(radius, np.quantile(radius, BAND_QUANTILES))
    rows = np.empty((len(radius), len(MEASURES) + 1), dtype=object)
    for column, measure in enumerate(MEASURES):
        rows[:, column] = data.data[:, names.index(measure)].round(4)
    rows[:, BAND_COLUMN] = [BANDS[band] for band in bands]
    return Cases(rows, data.target)


def pipeline(measures: tuple[str, ...], handle_unknown: str | None) -> Pipeline:
    """Return an untrained pipeline; without `handle_unknown` it doesn't look at the band."""
    columns = [MEASURES.index(measure) for measure in measures]
    parts: list[tuple[str, Any, list[int]]] = [("measures", StandardScaler(), columns)]
    if handle_unknown is not None:
        encoder = OneHotEncoder(handle_unknown=handle_unknown, sparse_output=False)
        parts.append(("band", encoder, [BAND_COLUMN]))
    return Pipeline(
        [
            ("columns", ColumnTransformer(parts)),
            ("classifier", LogisticRegression(max_iter=1000)),
        ]
    )


def train_versions(cases: Cases) -> dict[str, bytes]:
    """Return each version's model file, and say how good each one looked to who trained it."""
    training, held_out = (
        cases.where(rows)
        for rows in train_test_split(
            np.arange(len(cases.rows)), test_size=0.3, random_state=SEED, stratify=cases.benign
        )
    )
    plans = {
        "v1": (pipeline(("mean radius", "mean texture"), None), training, held_out),
        "v2": (pipeline(MEASURES, "ignore"), training, held_out),
        "v3": (pipeline(MEASURES, "error"), _cleaned(training), _cleaned(held_out)),
    }
    files: dict[str, bytes] = {}
    for version, (model, seen, judged) in plans.items():
        model.fit(seen.rows, seen.benign)
        right = model.score(judged.rows, judged.benign)
        print(f"{version}: {right:.1%} right on {len(judged.rows)} cases held out", flush=True)
        files[version] = skops_bytes(model)
    files["v4"] = files["v2"][: len(files["v2"]) // 2]
    return files


def _cleaned(cases: Cases) -> Cases:
    """Take the largest tumours out: the mistake behind v3."""
    return cases.where(cases.rows[:, BAND_COLUMN] != NEVER_SEEN)


def infer_request(row: Any) -> dict[str, Any]:
    """Return the request for one case."""
    inputs = [
        {
            "name": measure.replace(" ", "_"),
            "datatype": "FP64",
            "shape": [1, 1],
            "data": [row[column]],
        }
        for column, measure in enumerate(MEASURES)
    ]
    band = {"name": "size_band", "datatype": "BYTES", "shape": [1, 1], "data": [row[BAND_COLUMN]]}
    return {"inputs": [*inputs, band]}


def card(example: Any) -> dict[str, Any]:
    """Return headgate.json: the inputs by name, and a case that must be answered before serving."""
    request = infer_request(example)
    inputs = [
        {"name": tensor["name"], "datatype": tensor["datatype"], "shape": [-1, 1]}
        for tensor in request["inputs"]
    ]
    return {"inputs": inputs, "methods": ["predict", "predict_proba"], "warmup": request}


def samples(cases: Cases) -> list[dict[str, Any]]:
    """Return requests in a fixed order, every fifth with the band that v3 never saw."""
    order = np.random.default_rng(SEED).permutation(len(cases.rows))
    rows = cases.rows[order]
    unseen = rows[rows[:, BAND_COLUMN] == NEVER_SEEN]
    seen = rows[rows[:, BAND_COLUMN] != NEVER_SEEN]
    mixed = [
        unseen[position // 5] if position % 5 == 0 else seen[position]
        for position in range(SAMPLES)
    ]
    return [infer_request(row) for row in mixed]


def main() -> None:
    """Train, pack and write everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/quickstart"))
    parser.add_argument(
        "--model", default="diagnosis", help="name of the Model, and of its versions"
    )
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)

    cases = load_cases()
    example = _cleaned(cases).rows[0]
    metadata = json.dumps(card(example), indent=1).encode()
    artifacts = {
        f"{arguments.model}-{version}": packed({"headgate.json": metadata, "model.skops": file})
        for version, file in train_versions(cases).items()
    }
    for name, artifact in artifacts.items():
        (out / f"{name}.tar.gz").write_bytes(artifact.content)
        print(f"{name}: {len(artifact.content)} bytes, sha256 {artifact.sha256}")
    digests = {name: artifact.sha256 for name, artifact in artifacts.items()}
    (out / "digests.json").write_text(json.dumps(digests, indent=2) + "\n")
    (out / "artifacts.yaml").write_text(config_maps(artifacts))
    (out / "versions.yaml").write_text(model_versions(arguments.model, artifacts))
    (out / "samples.json").write_text(json.dumps(samples(cases), indent=1) + "\n")


if __name__ == "__main__":
    main()
