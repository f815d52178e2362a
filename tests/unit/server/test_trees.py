"""Trees from skops files: real ones are served, crafted ones never reach a prediction."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headgate.server.formats.base import ModelUnloadableError
from headgate.server.formats.sklearn_format import SklearnFormat
from headgate.server.modelcard import ModelCard
from tests.builders.artifacts import a_zip, iris, skops_bytes


def loaded(tmp_path: Path, content: bytes) -> Any:
    path = tmp_path / "m.skops"
    path.write_bytes(content)
    return SklearnFormat().load(path, ModelCard(), allow_pickle=False)


def ensembles() -> dict[str, Any]:
    from sklearn import ensemble, linear_model, pipeline, preprocessing, tree

    forest = ensemble.RandomForestClassifier(3, random_state=0)
    parts = [("a", forest), ("b", linear_model.LogisticRegression(max_iter=1000))]
    return {
        "tree": tree.DecisionTreeClassifier(random_state=0),
        "forest": forest,
        "extra trees": ensemble.ExtraTreesClassifier(3, random_state=0),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=3, random_state=0),
        "histogram boosting": ensemble.HistGradientBoostingClassifier(max_iter=3),
        "bagging": ensemble.BaggingClassifier(n_estimators=3, max_features=0.5, random_state=0),
        "ada boost": ensemble.AdaBoostClassifier(n_estimators=3, random_state=0),
        "isolation forest": ensemble.IsolationForest(n_estimators=3, random_state=0),
        "voting": ensemble.VotingClassifier(parts),
        "pipeline": pipeline.make_pipeline(preprocessing.PolynomialFeatures(), forest),
    }


@pytest.mark.parametrize("name", ensembles())
def test_trained_trees_are_served(tmp_path: Path, name: str) -> None:
    rows, classes = iris()
    estimator = ensembles()[name].fit(rows, classes)
    model = loaded(tmp_path, skops_bytes(estimator))
    result = model.predict({"input-0": rows}, ("predict",))["predict"]
    assert np.array_equal(result, estimator.predict(rows))


def with_nodes(content: bytes, change: Callable[[Any], None]) -> bytes:
    """The same file after a change to its first table of nodes."""
    with zipfile.ZipFile(io.BytesIO(content)) as original:
        files = {name: original.read(name) for name in original.namelist()}
    for name, data in files.items():
        table = np.load(io.BytesIO(data)) if name.endswith(".npy") else np.empty(0)
        if table.dtype.names and len(table) > 1:
            change(table)
            rewritten = io.BytesIO()
            np.save(rewritten, table)
            return zipped(files | {name: rewritten.getvalue()})
    raise AssertionError("the file has no table of nodes")


def setting(field: str, value: int) -> Callable[[Any], None]:
    def change(table: Any) -> None:
        table[field][0] = value

    return change


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        ("tree", "left_child", 10**6, "a child that doesn't come after its parent"),
        ("tree", "right_child", -5, "a child that doesn't come after its parent"),
        ("tree", "right_child", 0, "a child that doesn't come after its parent"),
        ("tree", "feature", 4, "splits on a column that the model doesn't have"),
        ("tree", "feature", -3, "splits on a column that the model doesn't have"),
        ("forest", "feature", 10**9, "splits on a column that the model doesn't have"),
        ("boosting", "left_child", 10**9, "a child that doesn't come after its parent"),
        ("histogram boosting", "left", 10**6, "a child that doesn't come after its parent"),
        ("histogram boosting", "feature_idx", 10**6, "splits on a column that the model doesn't"),
        ("histogram boosting", "is_categorical", 1, "can't be checked; save it as ONNX"),
    ],
)
def test_a_tree_that_leads_out_of_itself_is_refused(
    tmp_path: Path, name: str, field: str, value: int, message: str
) -> None:
    content = skops_bytes(ensembles()[name].fit(*iris()))
    with pytest.raises(ModelUnloadableError, match=message):
        loaded(tmp_path, with_nodes(content, setting(field, value)))


def test_a_forest_whose_trees_know_other_columns_is_refused(tmp_path: Path) -> None:
    rows, classes = iris()
    forest = ensembles()["forest"].fit(rows, classes)
    wider = ensembles()["forest"].fit(np.hstack([rows, rows]), classes)
    forest.estimators_[1] = wider.estimators_[1]
    with pytest.raises(ModelUnloadableError, match="doesn't have the columns of its ensemble"):
        loaded(tmp_path, skops_bytes(forest))


def test_a_tree_that_claims_more_nodes_than_it_has_is_refused(tmp_path: Path) -> None:
    content = skops_bytes(ensembles()["tree"].fit(*iris()))
    with zipfile.ZipFile(io.BytesIO(content)) as original:
        files = {name: original.read(name) for name in original.namelist()}
    schema = json.loads(files["schema.json"])
    set_content(schema, "node_count", "0")
    files["schema.json"] = json.dumps(schema).encode()
    with pytest.raises(ModelUnloadableError, match="has no nodes, or more than are there"):
        loaded(tmp_path, zipped(files))


def set_content(item: Any, field: str, content: str) -> None:
    """Change a number wherever the schema has it."""
    if isinstance(item, dict):
        if isinstance(item.get(field), dict):
            item[field]["content"] = content
        for value in item.values():
            set_content(value, field, content)
    elif isinstance(item, list):
        for value in item:
            set_content(value, field, content)


def zipped(files: dict[str, bytes]) -> bytes:
    return a_zip(files).content
