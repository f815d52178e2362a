"""Train the versions of the validation example, and cut its data, from a set scikit-learn ships.

    python examples/02-validation/train/train.py --out build/validation

Real handwriting: 1,797 digits of 8 x 8 pixels (Alpaydin and Kaynak 1998, UCI). What goes in is the
ink in each of 4 x 4 fields; the answer is the digit.

- v1 is a plain linear model: the first version, it passes.
- v2 knows pairs of fields too: better, it passes held against v1.
- v3 was trained on 60 digits by accident: worse than v1.
- v4 is v2, but what it is going to meet comes from a scanner whose lamp has faded: drift.
- v5 is v2 too, with 40 rows to prove it: too few to tell.
"""

import argparse
import hashlib
import io
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "01-quickstart" / "train"))
sys.path.insert(0, str(HERE))

from artifact import Artifact, packed, skops_bytes  # noqa: E402 - of the first example
from resources import Data, Version, config_maps, model_versions  # noqa: E402

ROWS = 600
FADED = 0.85
FEW = 40
SHUFFLE_SEED = 2026
FIELDS = [f"ink_{row}{column}" for row in range(4) for column in range(4)]


def digits() -> pd.DataFrame:
    """Return the ink in each field and the digit, in an order of no meaning."""
    raw = load_digits()
    ink = raw.images.reshape(-1, 4, 2, 4, 2).sum(axis=(2, 4)).reshape(-1, 16)
    rows = pd.DataFrame(ink, columns=FIELDS)
    rows["digit"] = raw.target
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(rows))
    return rows.iloc[order].reset_index(drop=True)


def linear() -> Pipeline:
    """Return the plain model."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def with_pairs() -> Pipeline:
    """Return the better one."""
    return make_pipeline(
        StandardScaler(), PolynomialFeatures(2), LogisticRegression(C=0.1, max_iter=4000)
    )


def trained(model: Pipeline, rows: pd.DataFrame) -> Artifact:
    """Return a model trained on some rows, packed with its methods."""
    model.fit(rows[FIELDS], rows["digit"])
    card = b'{"methods": ["predict", "predict_proba"]}'
    return packed({"model.skops": skops_bytes(model), "headgate.json": card})


def parquet(rows: pd.DataFrame) -> Data:
    """Return rows as a parquet file with its digest."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file, compression="zstd")
    return Data(file.getvalue(), hashlib.sha256(file.getvalue()).hexdigest())


def main() -> None:
    """Write artifacts.yaml, first.yaml and next.yaml."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    rows = digits()
    training, reference, candidate = rows[: -2 * ROWS], rows[-2 * ROWS : -ROWS], rows[-ROWS:]
    faded = candidate.assign(**{name: candidate[name] * FADED for name in FIELDS})
    models = {
        "digits-v1": trained(linear(), training),
        "digits-v2": trained(with_pairs(), training),
        "digits-v3": trained(linear(), training[:60]),
    }
    data = {
        "digits-reference": parquet(reference),
        "digits-candidate": parquet(candidate),
        "digits-faded": parquet(faded),
        "digits-few": parquet(candidate[:FEW]),
    }
    versions = (
        Version("digits-v1", "1.0.0", "digits-v1", "digits-candidate"),
        Version("digits-v2", "2.0.0", "digits-v2", "digits-candidate"),
        Version("digits-v3", "3.0.0", "digits-v3", "digits-candidate"),
        Version("digits-v4", "4.0.0", "digits-v2", "digits-faded"),
        Version("digits-v5", "5.0.0", "digits-v2", "digits-few"),
    )
    (out / "artifacts.yaml").write_text(config_maps(models, data))
    (out / "first.yaml").write_text(model_versions(versions[:1], models, data))
    (out / "next.yaml").write_text(model_versions(versions[1:], models, data))
    for name, file in data.items():
        print(f"{name}: {len(file.content)} bytes")


if __name__ == "__main__":
    main()
