import struct
from typing import Any

import numpy as np
import pytest

from headgate.server.protocol.datatypes import DATATYPES
from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.tensors import (
    array_from_bytes,
    array_from_json,
    array_to_bytes,
    array_to_json,
)

NUMBERS = [name for name in DATATYPES if name not in {"BOOL", "BYTES"}]


def from_json(data: object, datatype: str = "FP64", shape: tuple[int, ...] = (2, 2)) -> Any:
    return array_from_json(data, datatype, shape, "inputs[0]")


def from_bytes(raw: bytes, datatype: str, shape: tuple[int, ...]) -> Any:
    return array_from_bytes(memoryview(raw), datatype, shape, "inputs[0]")


@pytest.mark.parametrize("data", [[1, 2.5, 3, 4], [[1, 2.5], [3, 4]]])
def test_flat_and_nested_data_are_the_same_tensor(data: object) -> None:
    assert from_json(data).tolist() == [[1.0, 2.5], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1, 2, 3], "inputs[0].data: shape [2, 2] needs 4 values, got 3"),
        ([1, 2, 3, 4, 5], "inputs[0].data: shape [2, 2] needs 4 values, got 5"),
        ([], "inputs[0].data: shape [2, 2] needs 4 values, got 0"),
        ([[1, 2], [3]], ("inputs[0].data: does not nest as shape [2, 2] says: at depth 1 expected "
         "2 items, got 1 items")),
        ([[1, 2], 3], ("inputs[0].data: does not nest as shape [2, 2] says: at depth 1 expected "
         "2 items, got 3")),
        ([[1, 2]], ("inputs[0].data: does not nest as shape [2, 2] says: at depth 0 expected "
         "2 items, got 1 items")),
        ([[[1], [2]], [[3], [4]]], "inputs[0].data[0]: expected FP64, got a list"),
        (5, "inputs[0].data: expected a list, got 5"),
        ("1234", 'inputs[0].data: expected a list, got "1234"'),
        ([1, 2, 3, "4"], 'inputs[0].data[3]: expected FP64, got "4"'),
        ([1, None, 3, 4], "inputs[0].data[1]: expected FP64, got null"),
        ([1, 2, True, 4], "inputs[0].data[2]: expected FP64, got true"),
        ([1, 2, 3, {}], "inputs[0].data[3]: expected FP64, got an object"),
        ([1, 2, 3, 10**400], "inputs[0].data[3]: a huge number does not fit FP64"),
    ],
)  # fmt: skip
def test_wrong_data_is_refused_with_its_position(data: object, message: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        from_json(data)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("datatype", "value", "message"),
    [
        ("INT8", 128, "inputs[0].data[0]: 128 does not fit INT8"),
        ("UINT8", -1, "inputs[0].data[0]: -1 does not fit UINT8"),
        ("UINT64", 2**64, "inputs[0].data[0]: 18446744073709551616 does not fit UINT64"),
        ("INT64", 1.0, "inputs[0].data[0]: expected INT64, got 1.0"),
        ("BOOL", 1, "inputs[0].data[0]: expected BOOL, got 1"),
        ("BYTES", 1, "inputs[0].data[0]: expected BYTES, got 1"),
        ("BYTES", "\ud800", "inputs[0].data: holds a lone surrogate, which isn't UTF-8"),
        ("FP16", 1.0, "inputs[0].datatype: FP16 has no JSON form; send it as binary data"),
    ],
)  # fmt: skip
def test_a_value_that_its_datatype_cannot_hold_is_refused(
    datatype: str, value: object, message: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        from_json([value], datatype, (1,))
    assert refusal.value.message == message


@pytest.mark.parametrize("datatype", NUMBERS)
def test_numbers_survive_the_binary_form(datatype: str) -> None:
    dtype = DATATYPES[datatype]
    bounds = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    original = np.array([[bounds.min, 0, bounds.max]], dtype=dtype)
    assert np.array_equal(
        from_bytes(array_to_bytes(original, datatype), datatype, (1, 3)), original
    )


def test_text_survives_the_binary_form() -> None:
    original = np.array(["", "grün", "a\0b", "🚦"], dtype=object)
    raw = array_to_bytes(original, "BYTES")
    assert from_bytes(raw, "BYTES", (4,)).tolist() == original.tolist()


def test_truth_values_survive_the_binary_form_and_odd_bytes_are_true() -> None:
    assert array_to_bytes(np.array([True, False]), "BOOL") == b"\x01\x00"
    assert from_bytes(b"\x00\x01\xff", "BOOL", (3,)).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("raw", "datatype", "shape", "message"),
    [
        (bytes(15), "FP64", (2,), ("inputs[0].parameters.binary_data_size: shape [2] of FP64 needs "
         "16 bytes, got 15")),
        (struct.pack("<I", 9) + b"abc", "BYTES", (1,),
         "inputs[0].data[0]: runs over the end of its binary data"),
        (b"\x01\x00", "BYTES", (1,), "inputs[0].data[0]: runs over the end of its binary data"),
        (struct.pack("<I", 1) + b"\xff", "BYTES", (1,), "inputs[0].data[0]: is not UTF-8"),
        (struct.pack("<I", 1) + b"a", "BYTES", (2,), ("inputs[0].data: shape needs 2 values, got 1 "
         "and 0 further bytes")),
        ((struct.pack("<I", 1) + b"a") * 2, "BYTES", (1,), ("inputs[0].data: shape needs 1 values, "
         "got 1 and 5 further bytes")),
        (struct.pack("<I", 1) + b"a", "BYTES", (2**40,), ("inputs[0].data: shape needs "
         "1099511627776 values, got 1 and 0 further bytes")),
    ],
)  # fmt: skip
def test_binary_data_that_does_not_fit_its_shape_is_refused(
    raw: bytes, datatype: str, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        from_bytes(raw, datatype, shape)
    assert refusal.value.message == message


def test_results_are_flat_and_row_major_in_json() -> None:
    assert array_to_json(np.array([[1, 2], [3, 4]]).T) == [1, 3, 2, 4]
    assert (
        array_to_bytes(np.array([[1, 2], [3, 4]], dtype=np.int8).T, "INT8") == b"\x01\x03\x02\x04"
    )
