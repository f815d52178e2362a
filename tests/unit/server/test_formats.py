import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.formats.registry import FORMATS
from headgate.server.inference import Inference
from headgate.server.modelcard import ModelCard
from headgate.server.protocol.rejection import ModelFailedError
from headgate.server.protocol.signature import TensorSpec
from tests.builders.artifacts import (
    IRIS_CLASSES,
    IRIS_ROWS,
    an_iris_estimator,
    an_iris_joblib,
    an_iris_onnx,
    an_iris_xgboost,
    iris,
    iris_files,
    skops_bytes,
)

ROWS = np.array(IRIS_ROWS)


def loaded(
    tmp_path: Path,
    model_format: str,
    files: Mapping[str, bytes],
    card: ModelCard | None = None,
    *,
    allow_pickle: bool = False,
) -> LoadedModel:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / next(iter(files))
    return FORMATS[model_format].load(path, card or ModelCard(), allow_pickle=allow_pickle)


def predicted(model: LoadedModel, rows: Any = ROWS) -> Any:
    spec = model.rules.inputs[0]
    dtype = {"FP32": np.float32, "FP64": np.float64}[spec.datatype]
    names = [output.name for output in model.outputs]
    return model.predict({spec.name: rows.astype(dtype)}, names)


@pytest.mark.parametrize("model_format", FORMATS)
def test_every_format_tells_its_columns_and_predicts(tmp_path: Path, model_format: str) -> None:
    model = loaded(tmp_path, model_format, iris_files(model_format))
    assert model.rules.inputs[0].shape == (-1, 4)
    first = next(iter(predicted(model).values()))
    classes = first.argmax(axis=1) if first.ndim > 1 else first
    assert tuple(classes) == IRIS_CLASSES


@pytest.mark.parametrize(("suffix", "booster"), [(".json", "dart"), (".ubj", "gbtree")])
def test_boosters_of_trees_predict_in_place(tmp_path: Path, suffix: str, booster: str) -> None:
    model = loaded(tmp_path, "xgboost", {f"m{suffix}": an_iris_xgboost(suffix, booster)})
    assert tuple(predicted(model)["predict"].argmax(axis=1)) == IRIS_CLASSES


def test_a_linear_booster_predicts(tmp_path: Path) -> None:
    model = loaded(tmp_path, "xgboost", {"m.json": an_iris_xgboost(".json", "gblinear")})
    assert predicted(model)["predict"].shape == (3, 3)


def test_a_pickle_is_loaded_only_where_the_version_says_so(tmp_path: Path) -> None:
    files = {"model.joblib": an_iris_joblib()}
    with pytest.raises(ModelUnloadableError, match="is a pickle, which runs any code"):
        loaded(tmp_path, "sklearn", files)
    model = loaded(tmp_path, "sklearn", files, allow_pickle=True)
    assert tuple(predicted(model)["predict"]) == IRIS_CLASSES


class _RunsACommand:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


def test_a_pickle_in_disguise_is_not_loaded(tmp_path: Path) -> None:
    joblib.dump(_RunsACommand(), tmp_path / "evil")
    files = {"model.skops": (tmp_path / "evil").read_bytes()}
    with pytest.raises(ModelUnloadableError, match="isn't a skops file"):
        loaded(tmp_path, "sklearn", files)


def test_a_pipeline_that_fills_in_missing_values_is_loaded(tmp_path: Path) -> None:
    # given: an imputer keeps the dtype that it was fitted on, which skops does not know
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    rows, classes = iris()
    pipeline = make_pipeline(SimpleImputer(), LogisticRegression(max_iter=500)).fit(rows, classes)
    # when
    model = loaded(tmp_path, "sklearn", {"model.skops": skops_bytes(pipeline)})
    # then
    assert tuple(next(iter(predicted(model).values()))) == tuple(pipeline.predict(ROWS))


def test_types_that_skops_does_not_know_are_refused_by_name(tmp_path: Path) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    pipeline = make_pipeline(FunctionTransformer(os.path.join), an_iris_estimator())
    with pytest.raises(ModelUnloadableError, match=r"doesn't know to be safe: .*posixpath.join"):
        loaded(tmp_path, "sklearn", {"model.skops": skops_bytes(pipeline)}, allow_pickle=True)


@pytest.mark.parametrize(
    ("model_format", "name", "content"),
    [
        ("sklearn", "m.skops", b""),
        ("sklearn", "m.skops", iris_files("sklearn")["model.skops"][:500]),
        ("xgboost", "m.json", b"{}"),
        ("xgboost", "m.json", b"garbage"),
        ("xgboost", "m.ubj", b""),
        ("lightgbm", "m.txt", b"garbage"),
        ("lightgbm", "m.txt", b""),
        ("onnx", "m.onnx", b"garbage"),
        ("onnx", "m.onnx", b""),
    ],
)
def test_a_broken_model_is_refused_by_its_file(
    tmp_path: Path, model_format: str, name: str, content: bytes
) -> None:
    with pytest.raises(ModelUnloadableError, match=f"^{name}: "):
        loaded(tmp_path, model_format, {name: content})


@pytest.mark.parametrize(
    ("model_format", "card", "message"),
    [
        ("sklearn", ModelCard(methods=("transform",)), ("LogisticRegression has no transform; it "
         "has predict, predict_proba, decision_function")),
        ("sklearn", ModelCard(inputs=(TensorSpec("x", "FP64", (-1, 5)),)),
         "inputs have 5 columns, but the model was trained on 4"),
        ("sklearn", ModelCard(inputs=(TensorSpec("x", "FP64", (-1, 2, 2)),)),
         r"input 'x': expected shape \[-1\] or \[-1, columns\]"),
        ("xgboost", ModelCard(inputs=(TensorSpec("x", "FP32", (-1, 5)),)),
         r"expected one input of shape \[-1, 4\]"),
        ("lightgbm", ModelCard(methods=("predict",)), "methods is for sklearn models only"),
        ("onnx", ModelCard(methods=("predict",)), "inputs and methods are not for onnx"),
    ],
)  # fmt: skip
def test_a_card_that_does_not_fit_its_model_is_refused(
    tmp_path: Path, model_format: str, card: ModelCard, message: str
) -> None:
    with pytest.raises(ModelUnloadableError, match=message):
        loaded(tmp_path, model_format, iris_files(model_format), card)


def test_an_estimator_that_was_never_trained_is_refused(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    with pytest.raises(ModelUnloadableError, match="it isn't fitted"):
        loaded(tmp_path, "sklearn", {"model.skops": skops_bytes(LogisticRegression())})


def test_only_the_tensors_among_an_onnx_models_outputs_are_served(tmp_path: Path) -> None:
    model = loaded(tmp_path, "onnx", {"model.onnx": an_iris_onnx(zipmap=True)})
    assert [output.name for output in model.outputs] == ["output_label"]


def test_an_estimator_of_many_jobs_predicts_with_one() -> None:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline

    from headgate.server.formats.columns import single_threaded

    pipeline = make_pipeline(RandomForestClassifier(n_jobs=-1))
    assert single_threaded(pipeline).get_params()["randomforestclassifier__n_jobs"] == 1


def a_pipeline_fitted_on_names() -> Any:
    """What fitting on a DataFrame leaves: names in the place of positions."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    rows = np.array([[1.0, 10.0, 0.0], [2.0, 20.0, 0.0], [3.0, 10.0, 0.0], [4.0, 30.0, 0.0]])
    columns = ColumnTransformer([("one", "passthrough", [0]), ("many", "passthrough", [1])])
    pipeline = make_pipeline(columns, LinearRegression()).fit(rows, rows[:, 0] - rows[:, 1])
    names = np.array(["apples", "pears", "plums"], dtype=object)
    fitted = pipeline.steps[0][1]
    fitted.feature_names_in_ = names
    fitted.transformers_ = [
        (name, part, ["apples", "pears"][index : index + 1] if index < 2 else columns_)
        for index, (name, part, columns_) in enumerate(fitted.transformers_)
    ]
    return pipeline


def test_a_pipeline_that_knows_columns_by_name_takes_them_by_name(tmp_path: Path) -> None:
    # given
    inputs = tuple(TensorSpec(name, "FP64", (-1, 1)) for name in ("plums", "pears", "apples"))
    files = {"model.skops": skops_bytes(a_pipeline_fitted_on_names())}
    model = loaded(tmp_path, "sklearn", files, ModelCard(inputs=inputs))
    # when
    rows = {"plums": [[9.0]], "pears": [[5.0]], "apples": [[7.0]]}
    tensors = {name: np.array(value) for name, value in rows.items()}
    # then
    assert model.predict(tensors, ("predict",))["predict"] == pytest.approx([2.0])


def test_early_stopping_is_honoured_as_xgboosts_own_wrappers_do(tmp_path: Path) -> None:
    import xgboost

    rows, classes = iris()
    data = xgboost.DMatrix(rows, classes)
    trained = xgboost.train({"objective": "multi:softprob", "num_class": 3}, data, 5)
    trained.set_attr(best_iteration="1")
    trained.save_model(str(tmp_path / "m.ubj"))
    model = FORMATS["xgboost"].load(tmp_path / "m.ubj", ModelCard(), allow_pickle=False)
    wanted = trained.predict(xgboost.DMatrix(ROWS), iteration_range=(0, 2))
    assert predicted(model)["predict"] == pytest.approx(wanted)


def test_warming_up_learns_what_the_model_answers_with(tmp_path: Path) -> None:
    model = loaded(tmp_path, "xgboost", iris_files("xgboost"))
    inference = Inference(model, name="m", version="v")
    assert inference.warm_up(None) is None
    assert inference.outputs == (TensorSpec("predict", "FP32", (-1, 3)),)


def test_an_example_that_the_model_does_not_answer_keeps_it_from_serving(tmp_path: Path) -> None:
    inference = Inference(loaded(tmp_path, "onnx", iris_files("onnx")), name="m", version="v")
    with pytest.raises(ModelUnloadableError, match="warmup: inputs: expected a list of tensors"):
        inference.warm_up({})


def test_what_a_model_says_when_it_fails_stays_in_the_log(tmp_path: Path) -> None:
    # given
    model = loaded(tmp_path, "sklearn", iris_files("sklearn"))
    inference = Inference(model, name="m", version="v")
    request = b'{"inputs": [{"name": "input-0", "shape": [1, 4], "datatype": "FP64", '
    header = request + b'"parameters": {"binary_data_size": 32}}]}'
    # when
    with pytest.raises(ModelFailedError) as failure:
        inference.answer(header + np.full(4, np.nan).tobytes(), str(len(header)))
    # then
    assert failure.value.message == "the model failed with ValueError"
    assert "contains NaN" in str(failure.value.__cause__)
