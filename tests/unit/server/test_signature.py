from typing import Any

import numpy as np
import pytest

from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.requests import GivenTensor
from headgate.server.protocol.signature import InputRules, TensorSpec, tensors_for

MATRIX = TensorSpec("x", "FP64", (-1, 4))
COLUMN = TensorSpec("width", "FP32", (-1, 1))
FLAT = TensorSpec("height", "INT32", (-1,))
TEXT = TensorSpec("colour", "BYTES", (-1, 1))


def given(
    name: str = "x", datatype: str = "FP64", shape: tuple[int, ...] = (1, 4), data: Any = None
) -> GivenTensor:
    values = [0.0] * int(np.prod(shape)) if data is None else data
    return GivenTensor(where="inputs[0]", name=name, datatype=datatype, shape=shape, data=values)


def given_raw(array: Any, datatype: str) -> GivenTensor:
    return GivenTensor(
        where="inputs[0]",
        name="x",
        datatype=datatype,
        shape=array.shape,
        raw=memoryview(array.tobytes()),
    )


def conformed(
    specs: tuple[TensorSpec, ...], *tensors: GivenTensor, nan: bool = True, infinity: bool = False
) -> Any:
    rules = InputRules(inputs=specs, accepts_nan=nan, accepts_infinity=infinity)
    return tensors_for(rules, tensors)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ([given(name="y")], 'inputs[0].name: the model has no input "y"; its inputs are "x"'),
        ([given(), given()], 'inputs[0].name: "x" is given twice'),
        ([given(shape=(2, 3))], "inputs[0].shape: expected [-1, 4], got [2, 3]"),
        ([given(shape=(4,))], "inputs[0].shape: expected [-1, 4], got [4]"),
        ([given(shape=(1, 4, 1))], "inputs[0].shape: expected [-1, 4], got [1, 4, 1]"),
        ([given(shape=(0, 4))], "inputs[0].shape: [0, 4] holds no values"),
        ([given(datatype="BYTES")], "inputs[0].datatype: expected FP64, got BYTES"),
        ([given(datatype="BOOL")], "inputs[0].datatype: expected FP64, got BOOL"),
        (
            [given(data=[1, 2, 1e999, 4])],
            "inputs[0].data[2]: is infinity, which this model refuses",
        ),
    ],
)
def test_a_tensor_that_does_not_fit_the_model_is_refused_with_its_field(
    tensors: list[GivenTensor], message: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        conformed((MATRIX,), *tensors)
    assert refusal.value.message == message


def test_missing_inputs_are_named() -> None:
    with pytest.raises(RejectedError) as refusal:
        conformed((COLUMN, FLAT, TEXT), given("height", "INT32", (1,), [1]))
    assert refusal.value.message == (
        'inputs: "colour", "width" missing; all inputs are "width", "height", "colour"'
    )


def test_text_for_numbers_and_numbers_for_text_are_refused() -> None:
    with pytest.raises(RejectedError, match=r"inputs\[0\].datatype: expected BYTES, got FP64"):
        conformed((TEXT,), given("colour", "FP64", (1, 1)))


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_a_column_may_come_flat_or_as_a_matrix(shape: tuple[int, ...]) -> None:
    tensors = conformed(
        (COLUMN, FLAT), given("width", "FP32", shape), given("height", "INT32", shape, [1, 2, 3])
    )
    assert tensors["width"].shape == (3, 1)
    assert tensors["height"].shape == (3,)


@pytest.mark.parametrize(
    ("datatype", "wanted"),
    [("FP32", "FP64"), ("INT64", "FP32"), ("UINT8", "INT32"), ("FP64", "FP32")],
)
def test_numbers_convert_where_their_values_fit(datatype: str, wanted: str) -> None:
    tensors = conformed((TensorSpec("x", wanted, (-1,)),), given("x", datatype, (3,), [1, 2, 3]))
    assert tensors["x"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("datatype", "wanted", "value"),
    [
        ("INT64", "INT8", 128),
        ("INT64", "UINT64", -1),
        ("UINT64", "INT64", 2**63),
        ("FP64", "FP32", 1e300),
    ],
)
def test_numbers_that_do_not_fit_are_refused_with_their_position(
    datatype: str, wanted: str, value: float
) -> None:
    with pytest.raises(RejectedError, match=rf"inputs\[0\].data\[1\]: .* does not fit {wanted}"):
        conformed((TensorSpec("x", wanted, (-1,)),), given("x", datatype, (2,), [0, value]))


@pytest.mark.parametrize("wanted", ["INT64", "BOOL"])
def test_fractions_are_never_cut_off(wanted: str) -> None:
    with pytest.raises(RejectedError, match=f"expected {wanted}, got FP64"):
        conformed((TensorSpec("x", wanted, (-1,)),), given("x", "FP64", (1,), [1.5]))


def test_nan_reaches_a_model_unless_its_card_says_no() -> None:
    raw = given_raw(np.array([[0.0, np.nan, 0.0, 0.0]]), "FP64")
    assert np.isnan(conformed((MATRIX,), raw)["x"][0, 1])
    with pytest.raises(RejectedError, match=r"inputs\[0\].data\[1\]: is NaN, which this model"):
        conformed((MATRIX,), raw, nan=False)


def test_infinity_reaches_a_model_that_takes_it() -> None:
    raw = given_raw(np.array([[0.0, np.inf, 0.0, 0.0]], dtype=np.float32), "FP32")
    assert np.isinf(conformed((MATRIX,), raw, infinity=True)["x"][0, 1])
