"""Each format in a process of its own, as a pod would run it."""

import json
from pathlib import Path

import pytest

from tests.builders.artifacts import (
    IRIS_CLASSES,
    a_mixed_request,
    an_iris_request,
    iris_files,
    mixed_files,
)
from tests.builders.model_server import ModelServer


@pytest.mark.parametrize("model_format", ["xgboost", "lightgbm", "onnx"])
def test_a_format_is_served_with_its_own_library_only(tmp_path: Path, model_format: str) -> None:
    with ModelServer(tmp_path / model_format, iris_files(model_format), model_format) as server:
        # when
        (given,) = server.get("/v2/models/iris").json["inputs"]
        answer = server.infer(an_iris_request(name=given["name"]))
        mapped = Path(f"/proc/{server.process.pid}/maps").read_text()
    # then
    first, *others = answer.json["outputs"]
    odds = others[0] if others else first
    rows = [odds["data"][start : start + 3] for start in (0, 3, 6)]
    assert tuple(row.index(max(row)) for row in rows) == IRIS_CLASSES
    assert "/sklearn/" not in mapped


def test_a_pipeline_over_numbers_and_text_is_served_without_pandas(tmp_path: Path) -> None:
    with ModelServer(tmp_path / "m", mixed_files()) as server:
        wide_red, narrow_red, wide_blue = (9.0, 1.0, "red"), (1.0, 1.0, "red"), (9.0, 1.0, "blue")
        answer = server.infer(a_mixed_request(wide_red, narrow_red, wide_blue, (9, 1, "pink")))
        assert answer.json["outputs"][0]["data"][:3] == [1, 0, 0]
        # rows that don't belong together
        torn = a_mixed_request(wide_red, narrow_red)
        torn["inputs"][0] |= {"shape": [1, 1], "data": ["red"]}
        refusal = server.infer(torn)
        assert (refusal.status, refusal.error) == (
            400,
            'inputs: "colour" has 1 rows, but "width" has 2',
        )


def test_a_category_that_training_never_saw_is_the_versions_error(tmp_path: Path) -> None:
    example = a_mixed_request((1.0, 2.0, "red"))
    with ModelServer(
        tmp_path / "m", mixed_files(unknown_colours="error", warmup=example)
    ) as server:
        assert server.infer(a_mixed_request((1.0, 2.0, "green"))).status == 200
        failure = server.infer(a_mixed_request((1.0, 2.0, "pink")))
        assert (failure.status, failure.error) == (500, "the model failed with ValueError")
        assert server.metric("headgate_requests_total", code="500") == 1
        (logged,) = [line for line in server.log() if line["event"] == "prediction failed"]
        assert "unknown categories ['pink']" in logged["exception"]


def test_a_number_that_json_cannot_carry_is_the_versions_error_unless_asked_for_in_binary(
    tmp_path: Path,
) -> None:
    from sklearn.linear_model import LinearRegression

    from tests.builders.artifacts import iris, skops_bytes

    rows, classes = iris()
    model = LinearRegression().fit(rows, classes)
    model.coef_ = model.coef_ * float("inf")
    with ModelServer(tmp_path / "m", {"model.skops": skops_bytes(model)}) as server:
        failure = server.infer(an_iris_request())
        assert failure.status == 500
        assert "holds NaN or infinity, which JSON can't carry" in failure.error
        request = an_iris_request(parameters={"binary_data_output": True})
        assert server.infer(request).status == 200


def test_the_log_is_json_and_names_model_and_version(iris_server: ModelServer) -> None:
    for line in iris_server.log():
        assert (line["model"], line["version"]) == ("iris", "iris-v1"), json.dumps(line)
