"""How many rows a second of CPU explains, by runtime, beside shap's TreeExplainer in the same run.

Run: `python tests/load/validation_explain.py`; about three minutes.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.jobs.validation.arithmetic import fix_arithmetic

fix_arithmetic()  # as the command line does, before anything imports numpy

import numpy as np

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Floats
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.model_file import load_model
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.explain.choose import BACKGROUND_ROWS, attributed, way_of
from tests.load.lines import Line, arguments, report, say

SEED = 20261127
FEATURES = tuple(f"f{place}" for place in range(30))
TREES, DEPTH = 100, 6
TRAINED = 20_000
ROWS = 8_000
ROWS_OF_TREE_EXPLAINER = 1_000
ROWS_ASKED = 200
ROUNDS = 3
HOW = f"{len(FEATURES)} features, {TREES} trees of depth {DEPTH}"


def data(seed: int, n: int) -> tuple[Floats, Floats]:
    """Return (n, 30) features, and (n,) classes of 0 and 1 that hang on ten of them."""
    random = np.random.default_rng([SEED, seed])
    rows = random.normal(size=(n, len(FEATURES)))
    margin = rows[:, :8].sum(axis=1) + 2 * rows[:, 8] * rows[:, 9] + random.normal(size=n)
    return rows, (margin > 0).astype(np.float64)


def dataset(rows: Floats) -> Dataset:
    present = np.zeros(len(rows), dtype=np.bool_)
    columns = {
        name: Column(name=name, kind=ColumnKind.NUMERIC, values=rows[:, place], missing=present)
        for place, name in enumerate(FEATURES)
    }
    return Dataset(name="rows", columns=columns, rows=len(rows))


def an_xgboost(folder: Path) -> Path:
    import xgboost

    rows, target = data(0, TRAINED)
    settings = {"objective": "binary:logistic", "max_depth": DEPTH}
    trained = xgboost.train(settings, xgboost.DMatrix(rows, target), TREES)
    trained.save_model(str(folder / "m.json"))
    return folder / "m.json"


def a_lightgbm(folder: Path) -> Path:
    import lightgbm

    rows, target = data(0, TRAINED)
    settings = {"objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "verbose": -1}
    trained = lightgbm.train(settings, lightgbm.Dataset(rows, target), TREES)
    trained.save_model(str(folder / "m.txt"))
    return folder / "m.txt"


def a_forest(folder: Path) -> Path:
    from sklearn.ensemble import RandomForestClassifier

    rows, target = data(0, TRAINED)
    return _skops(folder, RandomForestClassifier(TREES, max_depth=DEPTH).fit(rows, target))


def a_linear_model(folder: Path) -> Path:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, target = data(0, TRAINED)
    return _skops(folder, make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, target))


def an_onnx(folder: Path) -> Path:
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier

    rows, target = data(0, TRAINED)
    trained = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=0).fit(rows, target)
    model = to_onnx(trained, rows[:1].astype(np.float32), options={"zipmap": False})
    (folder / "m.onnx").write_bytes(model.SerializeToString())
    return folder / "m.onnx"


def _skops(folder: Path, estimator: object) -> Path:
    import skops.io

    skops.io.dump(estimator, folder / "m.skops")
    return folder / "m.skops"


def loaded(make: Callable[[Path], Path]) -> FileModel:
    with tempfile.TemporaryDirectory() as folder:
        return load_model(
            make(Path(folder)),
            format_name=None,
            allow_pickle=False,
            task=Task.CLASSIFICATION,
            classes=("0", "1"),
            features=FEATURES,
        )


def rows_a_second(run: Callable[[], object], rows: int) -> float:
    """Return rows per CPU second, of the best of some rounds: other work only adds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return rows / min(times)


def explained(model: FileModel, rows: int) -> tuple[float, Attributions]:
    """Return rows per CPU second of what a check does for a file's rows, and what it finds."""
    part, background = dataset(data(1, rows)[0]), dataset(data(2, BACKGROUND_ROWS)[0])
    way = way_of(model, [part])

    def run() -> Attributions:
        return attributed(model, part, background, way=way, seed=SEED)

    return rows_a_second(run, rows), run()


def by_tree_explainer(model: FileModel) -> tuple[float, Floats]:
    """Return rows per CPU second of shap's own walk of the same trees, and its attributions."""
    from shap.explainers import TreeExplainer

    rows = data(1, ROWS_OF_TREE_EXPLAINER)[0]
    explainer = TreeExplainer(model.native, feature_perturbation="tree_path_dependent")
    explainer.model.model_type = "internal"  # else it asks xgboost and LightGBM themselves

    def run() -> Floats:
        found = np.asarray(explainer.shap_values(rows, check_additivity=False), dtype=np.float64)
        return found[:, :, 1] if found.ndim == 3 else found

    return rows_a_second(run, len(rows)), run()


def beside_tree_explainer(name: str, make: Callable[[Path], Path], limit: float) -> Line:
    model = loaded(make)
    ours, found = explained(model, ROWS)
    theirs, expected = by_tree_explainer(model)
    apart = float(np.abs(found.values[: len(expected), :, 0] - expected).max()) / found.size
    if apart > 1e-4:
        raise AssertionError(f"{name}: attributions are {apart:g} of their size apart")
    say(f"{name}: {ours:.0f} rows a CPU second, {theirs:.0f} by TreeExplainer's walk")
    return Line(
        name=f"SHAP by {name}",
        value=ours / theirs,
        unit="x TreeExplainer",
        limit=limit,
        at_least=True,
        detail=f"{ours:,.0f} rows a CPU s against {theirs:,.0f}; {HOW}; equal to 1e-4",
    )


def by_itself(name: str, make: Callable[[Path], Path], rows: int, limit: float, how: str) -> Line:
    rate, _ = explained(loaded(make), rows)
    say(f"{name}: {rate:.0f} rows a CPU second")
    return Line(
        name=f"SHAP by {name}",
        value=rate,
        unit="rows a CPU s",
        limit=limit,
        at_least=True,
        detail=how,
    )


def main() -> int:
    options = arguments(__doc__).parse_args()
    # LightGBM's own contributions are slower than shap's walk, but know its categories and forests
    lines = [
        beside_tree_explainer("xgboost", an_xgboost, 1.5),
        beside_tree_explainer("LightGBM", a_lightgbm, 0.5),
        beside_tree_explainer("scikit-learn's forest", a_forest, 0.7),
        by_itself("a linear model", a_linear_model, 100_000, 50_000, "scaled, 30 features"),
        by_itself(
            "answers alone",
            an_onnx,
            ROWS_ASKED,
            5,
            f"onnx, {HOW}; 61 x {BACKGROUND_ROWS} questions a row; no limit was promised",
        ),
    ]
    return report(lines, options.json)


if __name__ == "__main__":
    sys.exit(main())
