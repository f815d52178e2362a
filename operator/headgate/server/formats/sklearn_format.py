"""scikit-learn models: skops files, and pickles where the version allows them."""

import json
import warnings
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.formats.columns import assembled, index_named_columns, single_threaded
from headgate.server.formats.matrix import DEFAULT_INPUT
from headgate.server.formats.trees import CHECKED_TYPES, PLAIN_TYPES, check_trees
from headgate.server.modelcard import METHODS, ModelCard
from headgate.server.protocol.datatypes import BYTES, Array, datatype_of
from headgate.server.protocol.rejection import ModelFailedError
from headgate.server.protocol.signature import ANY_SIZE, InputRules, TensorSpec

_PICKLES: Final = (".joblib", ".pkl", ".pickle")


class SklearnFormat:
    """Loads .skops; .joblib, .pkl and .pickle only with allowPickle, because they run any code."""

    suffixes = (".skops", *_PICKLES)

    def load(self, path: Path, card: ModelCard, *, allow_pickle: bool) -> LoadedModel:
        """Load the estimator and settle what it takes and gives."""
        if path.name.endswith(_PICKLES):
            if not allow_pickle:
                raise ModelUnloadableError(
                    f"{path.name}: is a pickle, which runs any code when it is loaded; save the "
                    "model with skops, or set spec.runtime.builtin.allowPickle to true"
                )
            estimator = _load_pickle(path)
        else:
            estimator = _load_skops(path)
        return SklearnModel(estimator, card)


def _load_skops(path: Path) -> Any:
    if not zipfile.is_zipfile(path):  # seen before the seconds that the imports take
        raise ModelUnloadableError(f"{path.name}: isn't a skops file, or only a part of one")
    import skops.io

    loadable = CHECKED_TYPES | PLAIN_TYPES
    try:
        unknown = set(skops.io.get_untrusted_types(file=path))
        if unknown <= loadable:
            estimator = skops.io.load(path, trusted=sorted(unknown))
            check_trees(estimator, _trees_in(path) if unknown else 0)
            return estimator
    except ModelUnloadableError as error:
        raise ModelUnloadableError(f"{path.name}: {error}") from None
    except Exception as error:
        raise ModelUnloadableError(
            f"{path.name}: skops can't load it: {_described(error)}"
        ) from error
    raise ModelUnloadableError(
        f"{path.name}: holds types that skops doesn't know to be safe: "
        f"{', '.join(sorted(unknown - loadable)[:20])}; "
        "save it as ONNX, or as a joblib file with spec.runtime.builtin.allowPickle"
    )


def _trees_in(path: Path) -> int:
    """Count the trees that the file says it has."""
    with zipfile.ZipFile(path) as archive:
        schema = json.loads(archive.read("schema.json"))
    found: set[object] = set()
    waiting: list[Any] = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if f"{item.get('__module__')}.{item.get('__class__')}" in CHECKED_TYPES:
                found.add(item.get("__id__"))
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return len(found)


def _load_pickle(path: Path) -> Any:
    import joblib

    try:
        return joblib.load(path)
    except Exception as error:
        raise ModelUnloadableError(
            f"{path.name}: can't be unpickled: {_described(error)}"
        ) from error


class SklearnModel:
    """An estimator or pipeline; each method that the card lists is one output."""

    def __init__(self, estimator: Any, card: ModelCard) -> None:
        methods = card.methods or ("predict",)
        for method in methods:
            if not callable(getattr(estimator, method, None)):
                offered = [name for name in METHODS if hasattr(estimator, name)] or ["none"]
                raise ModelUnloadableError(
                    f"{type(estimator).__name__} has no {method}; it has {', '.join(offered)}"
                )
        # an estimator fitted on a DataFrame warns at every array it is given
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        self._estimator = single_threaded(index_named_columns(estimator))
        self._inputs = _inputs(estimator, card)
        self._order = _column_order(estimator, self._inputs)
        self.rules = InputRules(
            inputs=self._inputs, accepts_nan=card.accepts_nan, accepts_infinity=False
        )
        self.outputs = tuple(_output(estimator, method) for method in methods)

    def predict(self, tensors: Mapping[str, Array], wanted: Collection[str]) -> Mapping[str, Array]:
        """Call the wanted methods on the rows that the inputs make up together."""
        rows = assembled(tensors, self._order)
        return {method: _plain(getattr(self._estimator, method)(rows)) for method in wanted}


def _plain(result: Any) -> Array:
    if isinstance(result, np.ndarray):
        return result
    raise ModelFailedError(
        f"the model answered with a {type(result).__name__}; only arrays are served",
        kind="UnsupportedOutput",
    )


def _inputs(estimator: Any, card: ModelCard) -> tuple[TensorSpec, ...]:
    columns = getattr(estimator, "n_features_in_", None)
    if card.inputs is None:
        if columns is None:
            raise ModelUnloadableError(
                f"{type(estimator).__name__} doesn't say how many columns it takes: it isn't "
                "fitted, or needs headgate.json with its inputs"
            )
        return (TensorSpec(DEFAULT_INPUT, "FP64", (ANY_SIZE, int(columns))),)
    for spec in card.inputs:
        if len(spec.shape) > 2:  # noqa: PLR2004  (rows and columns)
            raise ModelUnloadableError(
                f"headgate.json: input {spec.name!r}: expected shape [-1] or [-1, columns]"
            )
    declared = sum((*spec.shape, 1)[1] for spec in card.inputs)
    if columns is not None and declared != columns:
        raise ModelUnloadableError(
            f"headgate.json: inputs have {declared} columns, but the model was trained on {columns}"
        )
    return card.inputs


def _column_order(estimator: Any, inputs: tuple[TensorSpec, ...]) -> tuple[str, ...]:
    """Columns go in by name where training knew names, else in the order of the card."""
    given = tuple(spec.name for spec in inputs)
    trained = tuple(map(str, getattr(estimator, "feature_names_in_", ())))
    return trained if set(trained) == set(given) else given


def _output(estimator: Any, method: str) -> TensorSpec:
    """Guess the output's form; the first prediction corrects it."""
    classes = getattr(estimator, "classes_", None)
    if method == "predict":
        labels = datatype_of(np.asarray(classes)) if isinstance(classes, np.ndarray) else "FP64"
        return TensorSpec(method, labels or BYTES, (ANY_SIZE,))
    width = len(classes) if classes is not None else ANY_SIZE
    return TensorSpec(method, "FP64", (ANY_SIZE, width))


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"
