"""A server that can't serve says why and leaves; one that is loading is live but not ready."""

import pickle
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from tests.builders.artifacts import an_iris_joblib, iris_files, mixed_files
from tests.builders.model_server import ModelServer


@pytest.mark.parametrize(
    ("files", "settings", "code", "reason", "message"),
    [
        ({}, {}, 6, "ModelUnloadable", "no .skops or .joblib or .pkl or .pickle file in the"),
        ({"model.skops": iris_files("sklearn")["model.skops"][:99]}, {}, 6, "ModelUnloadable",
         "model.skops: isn't a skops file, or only a part of one"),
        ({"model.joblib": an_iris_joblib()}, {}, 6, "ModelUnloadable",
         "set spec.runtime.builtin.allowPickle to true"),
        ({"headgate.json": b"{", **iris_files("sklearn")}, {}, 6, "ModelUnloadable",
         "headgate.json: is not valid JSON"),
        (mixed_files(warmup={"inputs": []}), {}, 6, "ModelUnloadable", "headgate.json: warmup: "),
        (iris_files("onnx"), {"HEADGATE_FORMAT": "tensorflow"}, 2, "SettingsInvalid",
         "HEADGATE_FORMAT: expected one of sklearn, xgboost, lightgbm, onnx, got 'tensorflow'"),
    ],
    ids=["nothing", "cut off", "pickle", "card", "warm-up", "format"],
)  # fmt: skip
def test_a_model_that_cannot_be_served_ends_the_server_with_the_reason(
    tmp_path: Path, files: dict[str, bytes], settings: dict[str, str], code: int, reason: str,
    message: str,
) -> None:  # fmt: skip
    server = ModelServer(tmp_path / "s", files, **settings)
    assert server.exit_code() == code
    left = server.termination()
    assert left["reason"] == reason
    assert message in left["message"]
    assert "\n" not in server.termination_log.read_text()


def test_a_port_that_is_taken_ends_the_server_with_the_reason(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = ModelServer(tmp_path / "s", iris_files("sklearn"), HEADGATE_PORT=port)
        assert server.exit_code() == 2
    assert "Address already in use" in server.termination()["message"]


def test_a_pickle_is_served_where_the_version_says_so(tmp_path: Path) -> None:
    files = {"model.joblib": an_iris_joblib()}
    with ModelServer(tmp_path / "s", files, HEADGATE_ALLOW_PICKLE="true") as server:
        assert server.get("/v2/health/ready").status == 200


def test_while_it_loads_a_server_is_live_but_not_ready_and_leaves_when_told(tmp_path: Path) -> None:
    # given
    slow = {"model.joblib": a_pickle_that_sleeps()}
    server = ModelServer(tmp_path / "s", slow, HEADGATE_ALLOW_PICKLE="true")
    server.await_log("listening")
    # then
    assert server.get("/v2/health/live").status == 200
    assert server.get("/v2/health/ready").json["error"] == "loading"
    assert server.infer({}).status == 503
    assert server.get("/v2/models/iris").status == 503
    # when
    server.stop()
    assert server.exit_code(5) == 0


class _Sleeps:
    def __reduce__(self) -> Any:
        return time.sleep, (60,)


def a_pickle_that_sleeps() -> bytes:
    return pickle.dumps(_Sleeps())
