import json
from typing import Any

import pytest

from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.requests import parse_infer_request

TENSOR = {"name": "x", "datatype": "FP64", "shape": [1, 2], "data": [1.0, 2.0]}


def parsed(request: object, binary: bytes = b"", *, header_length: str | None = None) -> Any:
    document = request if isinstance(request, bytes) else json.dumps(request).encode()
    if binary and header_length is None:
        header_length = str(len(document))
    return parse_infer_request(document + binary, header_length)


def tensor(**changes: object) -> dict[str, Any]:
    return {"inputs": [{**TENSOR, **changes}]}


def without(field: str) -> dict[str, Any]:
    return {"inputs": [{name: value for name, value in TENSOR.items() if name != field}]}


@pytest.mark.parametrize(
    ("request_body", "message"),
    [
        (b"", "the body is not valid JSON: Expecting value at line 1, column 1"),
        (b"{", ("the body is not valid JSON: Expecting property name enclosed in double quotes "
         "at line 1, column 2")),
        (b'{"a": NaN}', "the body is not valid JSON: JSON has no NaN; send it as binary data"),
        (b'{"a": -Infinity}', ("the body is not valid JSON: JSON has no -Infinity; send it as "
         "binary data")),
        (b"\xff\xfe\xfd", "the body is not valid JSON: it is not UTF-8"),
        (b"[" * 100_000, "the body is not valid JSON: it nests too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "the body holds a number that is too long to read"),
        (b"[]", "the body: expected a JSON object, got a list"),
        ({}, "inputs: expected a list of tensors, got nothing"),
        ({"inputs": []}, "inputs: expected a list of tensors, got a list"),
        ({"inputs": {"name": "x"}}, "inputs: expected a list of tensors, got an object"),
        ({"inputs": [1]}, "inputs[0]: expected a JSON object, got 1"),
        ({"inputs": [TENSOR] * 5000}, "inputs: expected at most 4096 tensors, got 5000"),
        ({"id": 7, "inputs": [TENSOR]}, "id: expected a string, got 7"),
        ({"parameters": [1], "inputs": [TENSOR]}, "parameters: expected a JSON object, got a list"),
        (without("name"), "inputs[0].name: expected a string, got nothing"),
        (tensor(name=3), "inputs[0].name: expected a string, got 3"),
        (without("datatype"), "inputs[0].datatype: expected a string, got nothing"),
        (tensor(datatype="FLOAT"), ("inputs[0].datatype: expected one of BOOL, INT8, INT16, INT32, "
         'INT64, UINT8, UINT16, UINT32, UINT64, FP16, FP32, FP64, BYTES, got "FLOAT"')),
        (without("shape"), "inputs[0].shape: expected a list of 1 to 16 sizes, got nothing"),
        (tensor(shape=[]), "inputs[0].shape: expected a list of 1 to 16 sizes, got a list"),
        (tensor(shape=[1] * 17), "inputs[0].shape: expected a list of 1 to 16 sizes, got a list"),
        (tensor(shape=[1, -2]), "inputs[0].shape[1]: expected a size, got -2"),
        (tensor(shape=[1, 2.0]), "inputs[0].shape[1]: expected a size, got 2.0"),
        (tensor(shape=[1, True]), "inputs[0].shape[1]: expected a size, got true"),
        (without("data"), "inputs[0].data: is missing, and there is no binary_data_size"),
        (tensor(parameters=3), "inputs[0].parameters: expected a JSON object, got 3"),
        ({"inputs": [TENSOR], "outputs": {}}, "outputs: expected a list of outputs, got an object"),
        ({"inputs": [TENSOR], "outputs": [{}]}, "outputs[0].name: expected a string, got nothing"),
        ({"inputs": [TENSOR], "outputs": [{"name": "y", "parameters": {"binary_data": 1}}]},
         "outputs[0].parameters.binary_data: expected true or false, got 1"),
        ({"inputs": [TENSOR], "parameters": {"binary_data_output": "yes"}},
         'parameters.binary_data_output: expected true or false, got "yes"'),
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused_with_its_field(request_body: object, message: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        parsed(request_body)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (17, ("inputs[0].parameters.binary_data_size: expected a number of bytes from 0 to 16 "
         "(what is left behind the JSON), got 17")),
        (-1, ("inputs[0].parameters.binary_data_size: expected a number of bytes from 0 to 16 "
         "(what is left behind the JSON), got -1")),
        ("16", ("inputs[0].parameters.binary_data_size: expected a number of bytes from 0 to 16 "
         '(what is left behind the JSON), got "16"')),
        (8, "inputs: binary_data_size adds up to 8 bytes, but 16 follow the JSON"),
    ],
)  # fmt: skip
def test_a_binary_size_that_does_not_fit_the_body_is_refused(size: object, message: str) -> None:
    request = without("data")
    request["inputs"][0]["parameters"] = {"binary_data_size": size}
    with pytest.raises(RejectedError) as refusal:
        parsed(request, bytes(16))
    assert refusal.value.message == message


def test_data_and_binary_data_together_are_refused() -> None:
    with pytest.raises(RejectedError, match=r"inputs\[0\].data: must be absent when"):
        parsed(tensor(parameters={"binary_data_size": 16}), bytes(16))


@pytest.mark.parametrize("length", ["-1", "1e3", "", "99999", "٣", "0x10"])
def test_a_header_length_that_is_not_a_part_of_the_body_is_refused(length: str) -> None:
    with pytest.raises(RejectedError, match="Inference-Header-Content-Length: expected a number"):
        parsed(tensor(), header_length=length)


def test_sections_are_handed_out_in_the_order_of_the_inputs() -> None:
    # given
    request = {
        "inputs": [
            {"name": "a", "datatype": "INT16", "shape": [2], "parameters": {"binary_data_size": 4}},
            {"name": "b", "datatype": "INT8", "shape": [3], "data": [7, 8, 9]},
            {"name": "c", "datatype": "UINT8", "shape": [2], "parameters": {"binary_data_size": 2}},
        ]
    }
    # when
    inputs = parsed(request, b"\x01\x00\xff\xff\x05\x06").inputs
    # then
    assert [given.contents().tolist() for given in inputs] == [[1, -1], [7, 8, 9], [5, 6]]


def test_outputs_take_the_form_that_the_whole_request_asks_for_unless_they_say_otherwise() -> None:
    request = parsed(
        {
            "id": "a-7",
            "inputs": [TENSOR],
            "parameters": {"binary_data_output": True},
            "outputs": [{"name": "y"}, {"name": "z", "parameters": {"binary_data": False}}],
        }
    )
    assert request.id == "a-7"
    assert [(output.name, output.binary) for output in request.outputs] == [
        ("y", True),
        ("z", False),
    ]
