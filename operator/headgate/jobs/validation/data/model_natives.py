"""What each library tells of its model: names of columns, classes, and what its numbers mean."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.labels import label_text
from headgate.jobs.validation.data.model_outputs import Form
from headgate.server.formats.base import LoadedModel
from headgate.server.formats.matrix import DEFAULT_OUTPUT

_PROBABILITIES: Final = frozenset(
    {"binary:logistic", "reg:logistic", "multi:softprob", "binary", "multiclass", "multiclassova",
     "cross_entropy", "xentropy", "softmax"}
)  # fmt: skip
_LABELS: Final = frozenset({"multi:softmax", "binary:hinge"})
_MARGINS: Final = frozenset({"binary:logitraw"})
_FEWEST_CLASSES: Final = 2
_UNNAMED: Final = re.compile(r"Column_\d+")


@dataclass(frozen=True, kw_only=True)
class Native:
    """A library's own object, and what it says of itself."""

    model: Any
    trained: tuple[str, ...] = ()
    """The columns that it was trained on; empty where it knows no names."""
    labels: str | None = None
    scores: str | None = None
    form: Form = Form.NUMBER
    """Of the output `scores`."""
    known: tuple[str, ...] | None = None
    """Its classes, in its order; None where it knows no names of any."""
    places: int | None = None
    """How many classes it has that it knows by number alone, from 0."""


def native_of(runtime: str, loaded: LoadedModel, path: Path, features: Sequence[str]) -> Native:
    """Return what is behind a loaded model; `features` are the data's columns."""
    match runtime:
        case "sklearn":
            return _sklearn(loaded)
        case "xgboost":
            return _xgboost(path)
        case "lightgbm":
            return _lightgbm(path, features)
        case _:
            return _onnx(loaded)


def _sklearn(loaded: Any) -> Native:
    estimator = loaded._estimator  # noqa: SLF001  (the server has no use for it; SHAP has)
    trained = tuple(map(str, getattr(estimator, "feature_names_in_", ())))
    classes = getattr(estimator, "classes_", None)
    if not isinstance(classes, np.ndarray):
        return Native(model=estimator, trained=trained, scores="predict")
    scores = "predict_proba" if callable(getattr(estimator, "predict_proba", None)) else None
    return Native(
        model=estimator,
        trained=trained,
        labels="predict",
        scores=scores,
        form=Form.PROBABILITY,
        known=tuple(label_text(value) for value in classes.tolist()),
    )


def _xgboost(path: Path) -> Native:
    import xgboost

    booster = xgboost.Booster(model_file=str(path))
    booster.set_param({"nthread": 1})
    learner = json.loads(booster.save_config())["learner"]
    classes = int(learner["learner_model_param"].get("num_class", "0"))
    trained = tuple(map(str, booster.feature_names or ()))
    return _booster(booster, trained, str(learner["objective"]["name"]), classes)


def _lightgbm(path: Path, features: Sequence[str]) -> Native:
    import lightgbm

    booster: Any = lightgbm.Booster(model_file=str(path))
    lines = booster.model_to_string(num_iteration=1).splitlines()
    header = dict(line.split("=", 1) for line in lines if "=" in line)
    names = tuple(map(str, booster.feature_name()))
    if all(_UNNAMED.fullmatch(name) for name in names):
        names = ()
    # it writes underscores for the spaces in names
    written = {name.replace(" ", "_"): name for name in features}
    trained = tuple(name if name in features else written.get(name, name) for name in names)
    objective = (header.get("objective", "").split() or [""])[0]
    return _booster(booster, trained, objective, int(header.get("num_class", "1")))


def _booster(booster: Any, trained: tuple[str, ...], objective: str, classes: int) -> Native:
    places = max(classes, _FEWEST_CLASSES)
    if objective in _LABELS:
        return Native(model=booster, trained=trained, labels=DEFAULT_OUTPUT, places=places)
    if objective in _PROBABILITIES | _MARGINS:
        form = Form.MARGIN if objective in _MARGINS else Form.PROBABILITY
        return Native(
            model=booster, trained=trained, scores=DEFAULT_OUTPUT, form=form, places=places
        )
    return Native(model=booster, trained=trained, scores=DEFAULT_OUTPUT)


def _onnx(loaded: LoadedModel) -> Native:
    floats = [spec.name for spec in loaded.outputs if spec.datatype.startswith("FP")]
    others = [spec.name for spec in loaded.outputs if not spec.datatype.startswith("FP")]
    labels = others[0] if others else None
    # a graph does not say what a lone floating output is: the case's task does
    return Native(
        model=None,
        labels=labels,
        scores=floats[0] if floats else None,
        form=Form.PROBABILITY if labels else Form.NUMBER,
    )
