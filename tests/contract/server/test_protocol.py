"""Open Inference Protocol V2, asked over HTTP from a real process."""

import json

import numpy as np
import pytest

from tests.builders.artifacts import IRIS_CLASSES, IRIS_ROWS, an_iris_request
from tests.builders.model_server import ModelServer

IRIS = "/v2/models/iris"
VERSION = f"{IRIS}/versions/iris-v1"


def test_the_server_describes_itself(iris_server: ModelServer) -> None:
    answer = iris_server.get("/v2")
    assert answer.status == 200
    assert answer.json["extensions"] == ["binary_tensor_data"]
    assert answer.json.keys() == {"name", "version", "extensions"}


@pytest.mark.parametrize(
    "path", ["/v2/health/live", "/v2/health/ready", f"{IRIS}/ready", f"{VERSION}/ready"]
)
def test_a_serving_server_is_live_and_ready(iris_server: ModelServer, path: str) -> None:
    assert iris_server.get(path).status == 200
    assert iris_server.ask("HEAD", path).status == 200


@pytest.mark.parametrize("path", [IRIS, VERSION])
def test_the_model_describes_itself(iris_server: ModelServer, path: str) -> None:
    assert iris_server.get(path).json == {
        "name": "iris",
        "versions": ["iris-v1"],
        "platform": "sklearn",
        "inputs": [{"name": "input-0", "datatype": "FP64", "shape": [-1, 4]}],
        "outputs": [
            {"name": "predict", "datatype": "INT64", "shape": [-1]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 3]},
        ],
    }


@pytest.mark.parametrize("path", [f"{IRIS}/infer", f"{VERSION}/infer"])
def test_a_prediction_in_json(iris_server: ModelServer, path: str) -> None:
    request = an_iris_request(id="r-7", outputs=[{"name": "predict"}])
    assert iris_server.infer(request, path).json == {
        "model_name": "iris",
        "model_version": "iris-v1",
        "id": "r-7",
        "outputs": [
            {"name": "predict", "datatype": "INT64", "shape": [3], "data": list(IRIS_CLASSES)}
        ],
    }


@pytest.mark.parametrize(("request_body", "status"), [(an_iris_request(), 200), ({}, 400)])
def test_every_answer_names_its_version_in_a_header(
    iris_server: ModelServer, request_body: object, status: int
) -> None:
    answer = iris_server.infer(request_body)
    assert (answer.status, answer.headers["Headgate-Version"]) == (status, "iris-v1")


def test_a_prediction_in_binary_both_ways(iris_server: ModelServer) -> None:
    # given
    rows = np.array(IRIS_ROWS, dtype="<f2").tobytes()
    request = {
        "inputs": [
            {
                "name": "input-0",
                "datatype": "FP16",
                "shape": [3, 4],
                "parameters": {"binary_data_size": len(rows)},
            }
        ],
        "outputs": [
            {"name": "predict"},
            {"name": "predict_proba", "parameters": {"binary_data": True}},
        ],
    }
    header = json.dumps(request).encode()
    # when
    answer = iris_server.ask(
        "POST", f"{IRIS}/infer", header + rows, Inference_Header_Content_Length=str(len(header))
    )
    # then
    assert answer.headers["Content-Type"] == "application/octet-stream"
    length = int(answer.headers["Inference-Header-Content-Length"])
    labels, odds = json.loads(answer.body[:length])["outputs"]
    assert labels["data"] == list(IRIS_CLASSES)
    assert odds["parameters"] == {"binary_data_size": 72}
    table = np.frombuffer(answer.body[length:], dtype="<f8").reshape(odds["shape"])
    assert table.argmax(axis=1).tolist() == list(IRIS_CLASSES)


def test_counts_and_times_are_kept_by_code(iris_server: ModelServer) -> None:
    # given
    names = ("headgate_requests_total", "headgate_request_duration_seconds_count")
    good = {"model": "iris", "version": "iris-v1", "code": "200"}
    before = [iris_server.metric(names[0], **good), iris_server.metric(names[1], version="iris-v1")]
    bad_before = iris_server.metric(names[0], code="400")
    # when
    for _ in range(3):
        assert iris_server.infer(an_iris_request()).status == 200
    assert iris_server.infer({}).status == 400
    assert iris_server.infer({}, "/v2/models/tulip/infer").status == 404
    iris_server.get("/v2/health/ready")
    # then
    after = [iris_server.metric(names[0], **good), iris_server.metric(names[1], version="iris-v1")]
    assert [now - then for then, now in zip(before, after, strict=True)] == [3, 3]
    assert iris_server.metric(names[0], code="400") - bad_before == 1
    assert iris_server.metric(names[0], code="404") >= 1
    assert iris_server.metric("process_start_time_seconds") > 0
