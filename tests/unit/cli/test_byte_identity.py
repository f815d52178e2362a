"""The same plan on the same bytes gives the same report, wherever and however it is carried out."""

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from pyarrow import parquet

from tests.builders.artifacts import skops_bytes

FEATURES = ("x", "größe", "k")
N = 240
HERE = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
ELSEWHERE = {
    "PYTHONHASHSEED": "4242",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "TZ": "Asia/Kolkata",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}
OF_CLASSES = [
    {"performance": {"metric": "roc_auc", "min": 0.6, "nonInferiorTo": "stable", "margin": 0.05}},
    {"performance": {"metric": "accuracy", "min": 0.5}},
    {"calibration": {"maxError": 0.2}},
    {"fairness": {"metric": "equalized_odds_difference", "max": 0.4}},
    {"fairness": {"metric": "four_fifths", "max": 0.4}},
]
OF_NUMBERS = [{"performance": {"metric": "r2", "min": 0.3}}, {"residuals": {}}]
OF_ALL = [
    {"drift": {"minEffect": 0.25, "multivariate": ["mmd", "energy", "classifier"]}},
    {"drift": {"minEffect": 0.25, "columns": ["x"], "test": "psi"}},
    {"quality": {}},
    {"stability": {"noise": 0.05, "maxFlip": 0.1}},
]


def a_table(seed: int) -> dict[str, Any]:
    draws = np.random.default_rng(seed)
    x, size, k = draws.normal(size=N), draws.gamma(2, size=N), draws.integers(0, 6, N)
    chance = 1 / (1 + np.exp(-(1.5 * x - size + 1 + k / 3)))
    return {
        "x": x,
        "größe": size,
        "rest": np.where(draws.random(N) < 0.1, np.nan, size + x),
        "k": k,
        "region": pa.array(draws.choice(["Süd", "Nord", "Ost"], N).tolist()),
        "seen": pa.array((1_700_000_000 + draws.integers(0, 10**6, N)).tolist(), pa.timestamp("s")),
        "note": pa.array(["m" * int(length) for length in draws.integers(1, 90, N)]),
        "wert": 2 * x - size + draws.normal(size=N) / 2,
        "ja": (draws.random(N) < chance).astype(int),
    }


@cache
def trained(runtime: str, shrunk: float, target: str = "ja") -> tuple[str, bytes]:
    """Return a model's file by its name; `shrunk` makes another one of it."""
    table = a_table(1)
    pandas: Any = importlib.import_module("pandas")  # it comes without types
    rows = pandas.DataFrame({name: np.asarray(table[name], float) for name in FEATURES})
    wanted = np.asarray(table[target])
    if runtime == "sklearn":
        return "m.skops", skops_bytes(_estimator(target, shrunk).fit(rows, wanted))
    if runtime == "onnx":
        return "m.onnx", _onnx(rows, wanted, shrunk)
    return _boosted(runtime, rows, wanted, shrunk)


def _estimator(target: str, shrunk: float) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import Ridge

    if target == "wert":
        return Ridge(alpha=shrunk)
    return RandomForestClassifier(20, max_depth=4, ccp_alpha=0.001 * shrunk, random_state=1)


def _onnx(rows: Any, wanted: Any, shrunk: float) -> bytes:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaled = ColumnTransformer([("scaled", StandardScaler(), list(FEATURES))])
    model = make_pipeline(scaled, LogisticRegression(C=1 / shrunk)).fit(rows, wanted)
    columns = [(name, FloatTensorType([None, 1])) for name in FEATURES]
    converted = to_onnx(model, initial_types=columns, options={"zipmap": False})
    return bytes(converted.SerializeToString())


def _boosted(runtime: str, rows: Any, wanted: Any, shrunk: float) -> tuple[str, bytes]:
    import tempfile

    name = {"xgboost": "m.json", "lightgbm": "m.txt"}[runtime]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        if runtime == "xgboost":
            import xgboost

            settings = {"objective": "binary:logistic", "nthread": 1, "reg_lambda": shrunk}
            xgboost.train(settings, xgboost.DMatrix(rows, wanted), 10).save_model(path)
        else:
            import lightgbm

            options = {"objective": "binary", "num_threads": 1, "verbose": -1, "reg_lambda": shrunk}
            lightgbm.train(options, lightgbm.Dataset(rows, wanted), 10).save_model(path)
        return name, path.read_bytes()


type Models = Mapping[str, tuple[str, bytes]]


def a_folder(folder: Path, spec: Mapping[str, Any], models: Models) -> Path:
    """Write the policy, both files of rows and the models; the same names in every folder."""
    folder.mkdir(parents=True)
    for seed, side in enumerate(("reference", "candidate"), 1):
        parquet.write_table(pa.table(a_table(seed)), folder / f"{side}.parquet")
    for role, (name, content) in models.items():
        (folder / role).mkdir()
        (folder / role / name).write_bytes(content)
    manifest = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "ValidationPolicy",
        "metadata": {"name": "every-check"},
        "spec": dict(spec),
    }
    (folder / "policy.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True))
    return folder


def reported(folder: Path, models: Models, env: Mapping[str, str]) -> bytes:
    """Validate in a process of its own, in another working directory; returns report.json."""
    (folder / "elsewhere").mkdir()
    given = [text for role, (name, _) in models.items()
             for text in (f"--{role}", str(folder / role / name))]  # fmt: skip
    for side in ("reference", "candidate"):
        given += [f"--{side}", str(folder / f"{side}.parquet")]
    done = subprocess.run(
        [sys.executable, "-m", "headgate.cli.offline", "validate", str(folder / "policy.yaml"),
         *given, "--out", "out"],
        cwd=folder / "elsewhere",
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **env},
        check=False,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode in {0, 1, 2}, done.stderr
    assert done.stderr == ""
    return (folder / "elsewhere/out/report.json").read_bytes()


@pytest.mark.parametrize(
    ("runtime", "target"),
    [
        ("onnx", "ja"),
        *(
            pytest.param(*case, marks=pytest.mark.simulation)  # as slow, and not of the quick part
            for case in (
                ("sklearn", "ja"),
                ("xgboost", "ja"),
                ("lightgbm", "ja"),
                ("sklearn", "wert"),
            )
        ),
    ],
)
def test_a_report_is_the_same_in_another_process_place_locale_and_zone(
    tmp_path: Path, runtime: str, target: str
) -> None:
    # given
    models = {
        "model": trained(runtime, 1.0, target),
        "stable": trained(runtime, 20.0, target),
    }
    spec = {
        "target": target,
        "predictions": {"from": "Model"},
        "segments": ["region"],
        "sensitive": ["region"],
        "checks": OF_ALL + (OF_CLASSES if target == "ja" else OF_NUMBERS),
    }
    # when
    reports = [
        reported(a_folder(tmp_path / place, spec, models), models, env)
        for place, env in (("here", HERE), ("a far/ place", ELSEWHERE))
    ]
    # then
    assert reports[0] == reports[1]
    assert reports[0].count(b'"verdict"') > 40
