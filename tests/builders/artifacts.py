"""Real models, trained in a blink, as the files that each format has, and packed as artifacts."""

import gzip
import hashlib
import io
import json
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

IRIS_ROWS = ((5.1, 3.5, 1.4, 0.2), (6.7, 3.1, 4.7, 1.5), (7.2, 3.6, 6.1, 2.5))
IRIS_CLASSES = (0, 1, 2)


@dataclass(frozen=True)
class Artifact:
    """What stands at an artifact's URI, and the digest that a ModelVersion names."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def a_tar_gz(files: dict[str, bytes], name: str = "model.tar.gz") -> Artifact:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return Artifact(name, gzip.compress(plain.getvalue(), mtime=0))


def a_zip(files: dict[str, bytes], name: str = "model.zip") -> Artifact:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return Artifact(name, content.getvalue())


def an_iris_artifact(model_format: str = "sklearn") -> Artifact:
    """The iris classifier in one of the formats, packed."""
    return a_tar_gz(iris_files(model_format))


def iris_files(model_format: str) -> dict[str, bytes]:
    """The files of an iris classifier, by name."""
    makers = {
        "sklearn": ("model.skops", an_iris_skops),
        "xgboost": ("model.json", an_iris_xgboost),
        "lightgbm": ("model.txt", an_iris_lightgbm),
        "onnx": ("model.onnx", an_iris_onnx),
    }
    name, make = makers[model_format]
    return {name: make()}


def iris() -> tuple[Any, Any]:
    from sklearn.datasets import load_iris

    data = load_iris()
    return data.data, data.target


def skops_bytes(estimator: Any) -> bytes:
    import skops.io

    content: bytes = skops.io.dumps(estimator)
    return content


@cache
def an_iris_estimator() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000).fit(*iris())


@cache
def an_iris_skops() -> bytes:
    return skops_bytes(an_iris_estimator())


@cache
def an_iris_joblib() -> bytes:
    import joblib

    content = io.BytesIO()
    joblib.dump(an_iris_estimator(), content)
    return content.getvalue()


@cache
def an_iris_xgboost(suffix: str = ".json", booster: str = "gbtree") -> bytes:
    import xgboost

    rows, classes = iris()
    settings = {"objective": "multi:softprob", "num_class": 3, "booster": booster}
    settings |= {"nthread": 1, "verbosity": 0}
    trained = xgboost.train(settings, xgboost.DMatrix(rows, classes), num_boost_round=3)
    return _saved(trained.save_model, suffix)


@cache
def an_iris_lightgbm() -> bytes:
    import lightgbm

    rows, classes = iris()
    settings = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1}
    trained = lightgbm.train(settings, lightgbm.Dataset(rows, classes), num_boost_round=3)
    return _saved(trained.save_model, ".txt")


@cache
def an_iris_onnx(*, zipmap: bool = False) -> bytes:
    from skl2onnx import to_onnx

    rows, _ = iris()
    model = to_onnx(an_iris_estimator(), rows[:1].astype(np.float32), options={"zipmap": zipmap})
    return bytes(model.SerializeToString())


def _saved(save: Any, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model{suffix}"
        save(str(path))
        return path.read_bytes()


COLOURS = ("blue", "green", "red")


def mixed_files(*, unknown_colours: str = "ignore", **card: Any) -> dict[str, bytes]:
    """A pipeline over two numbers and a colour, with the card that names its inputs."""
    return {
        "model.skops": skops_bytes(a_mixed_pipeline(unknown_colours)),
        "headgate.json": json.dumps(
            {
                "inputs": [
                    {"name": "width", "datatype": "FP64", "shape": [-1, 1]},
                    {"name": "height", "datatype": "FP64", "shape": [-1]},
                    {"name": "colour", "datatype": "BYTES", "shape": [-1, 1]},
                ],
                **card,
            }
        ).encode(),
    }


@cache
def a_mixed_pipeline(unknown_colours: str = "ignore") -> Any:
    """Answers 1 for what is red and wide, else 0."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    random = np.random.default_rng(7)
    rows = np.empty((200, 3), dtype=object)
    rows[:, 0] = random.uniform(0, 10, 200)
    rows[:, 1] = random.uniform(0, 10, 200)
    rows[:, 2] = random.choice(COLOURS, 200)
    wanted = ((rows[:, 2] == "red") & (rows[:, 0] > 5)).astype(int)
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), [0, 1]),
            ("colour", OneHotEncoder(handle_unknown=unknown_colours), [2]),
        ]
    )
    return make_pipeline(columns, LogisticRegression(C=100)).fit(rows, wanted)


def a_mixed_request(*rows: tuple[float, float, str]) -> dict[str, Any]:
    """The infer request for rows of width, height and colour."""
    width, height, colour = zip(*rows, strict=True)
    return {
        "inputs": [
            {"name": "colour", "datatype": "BYTES", "shape": [len(rows), 1], "data": list(colour)},
            {"name": "width", "datatype": "FP64", "shape": [len(rows)], "data": list(width)},
            {"name": "height", "datatype": "FP64", "shape": [len(rows), 1], "data": list(height)},
        ]
    }


def an_iris_request(
    *rows: tuple[float, ...], name: str = "input-0", datatype: str = "FP32", **more: Any
) -> dict[str, Any]:
    """The infer request for rows of four measures; without rows, one of each class."""
    given = rows or IRIS_ROWS
    tensor = {
        "name": name,
        "datatype": datatype,
        "shape": [len(given), len(given[0])],
        "data": [value for row in given for value in row],
    }
    return {"inputs": [tensor], **more}
