import json
from typing import Any

import numpy as np
import pytest

from headgate.server.protocol.rejection import ModelFailedError, RejectedError
from headgate.server.protocol.replies import Reply, build_reply, wanted_outputs
from headgate.server.protocol.requests import InferRequest, WantedOutput


def a_reply(
    results: dict[str, Any], *, binary: bool = False, request_id: str | None = None
) -> Reply:
    return build_reply(
        model="m",
        version="v1",
        request_id=request_id,
        results=results,
        wanted=dict.fromkeys(results, binary),
    )


def outputs(reply: Reply) -> Any:
    return json.loads(reply.body)["outputs"]


def asking_for(*names: str) -> InferRequest:
    wanted = tuple(
        WantedOutput(where=f"outputs[{index}]", name=name, binary=False)
        for index, name in enumerate(names)
    )
    return InferRequest(id=None, inputs=(), outputs=wanted, binary_by_default=False)


def test_an_answer_names_model_version_and_request() -> None:
    reply = a_reply({"y": np.array([1, 2])}, request_id="r-1")
    assert json.loads(reply.body) == {
        "model_name": "m",
        "model_version": "v1",
        "id": "r-1",
        "outputs": [{"name": "y", "datatype": "INT64", "shape": [2], "data": [1, 2]}],
    }


def test_binary_sections_follow_the_json_in_order() -> None:
    reply = a_reply(
        {"a": np.array([1], dtype=np.int16), "b": np.array(["x"], dtype=object)}, binary=True
    )
    assert reply.header_length is not None
    header = json.loads(reply.body[: reply.header_length])
    sizes = [output["parameters"]["binary_data_size"] for output in header["outputs"]]
    assert sizes == [2, 5]
    assert reply.body[reply.header_length :] == b"\x01\x00\x01\x00\x00\x00x"


@pytest.mark.parametrize(
    ("labels", "datatype", "data"),
    [
        (np.array(["a", "bc"]), "BYTES", ["a", "bc"]),
        (np.array([b"a"]), "BYTES", ["a"]),
        (np.array(["a", "bc"], dtype=object), "BYTES", ["a", "bc"]),
        (np.array([1, 2], dtype=object), "INT64", [1, 2]),
        (np.array([1, "b"], dtype=object), "BYTES", ["1", "b"]),
        (np.array([None, "b"], dtype=object), "BYTES", ["None", "b"]),
        (np.array([True, False]), "BOOL", [True, False]),
        (np.array([1.5], dtype=">f8"), "FP64", [1.5]),
    ],
)
def test_labels_of_every_kind_are_carried(labels: Any, datatype: str, data: list[object]) -> None:
    (output,) = outputs(a_reply({"y": labels}))
    assert (output["datatype"], output["data"]) == (datatype, data)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_json_cannot_carry_is_the_models_failure_and_goes_as_binary(value: float) -> None:
    result = {"y": np.array([0.5, value])}
    with pytest.raises(ModelFailedError, match='output "y" holds NaN or infinity, which JSON'):
        a_reply(result)
    assert a_reply(result, binary=True).header_length is not None


def test_a_result_without_a_datatype_is_the_models_failure() -> None:
    with pytest.raises(ModelFailedError, match='output "y" has type datetime64'):
        a_reply({"y": np.array(["2026-01-01"], dtype="datetime64[D]")})


def test_a_request_may_choose_among_outputs() -> None:
    assert wanted_outputs(asking_for("b"), ("a", "b")) == {"b": False}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("c",), 'outputs[0].name: the model has no output "c"; its outputs are "a", "b"'),
        (("a", "a"), 'outputs[1].name: "a" is given twice'),
    ],
)
def test_outputs_that_are_not_there_are_refused(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        wanted_outputs(asking_for(*names), ("a", "b"))
    assert refusal.value.message == message
