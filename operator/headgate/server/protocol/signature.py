"""What a model takes and gives, and whether a request fits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from headgate.server.protocol.datatypes import BYTES, DATATYPES, Array
from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.requests import GivenTensor
from headgate.server.protocol.tensors import quoted

ANY_SIZE: Final = -1


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model; -1 in the shape stands for any size."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    def as_metadata(self) -> dict[str, object]:
        """Return the form that V2 metadata has."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


@dataclass(frozen=True, kw_only=True)
class InputRules:
    """What a model accepts; JSON can't say NaN, but binary data can."""

    inputs: tuple[TensorSpec, ...]
    accepts_nan: bool
    accepts_infinity: bool


def tensors_for(rules: InputRules, given: tuple[GivenTensor, ...]) -> Mapping[str, Array]:
    """Return the model's inputs by name, in its datatypes and shapes, or raise RejectedError."""
    specs = {spec.name: spec for spec in rules.inputs}
    tensors: dict[str, Array] = {}
    for tensor in given:
        if tensor.name not in specs:
            raise RejectedError(
                f"{tensor.where}.name: the model has no input {quoted(tensor.name)}; "
                f"its inputs are {_listed(specs)}"
            )
        if tensor.name in tensors:
            raise RejectedError(f"{tensor.where}.name: {quoted(tensor.name)} is given twice")
        tensors[tensor.name] = _conformed(specs[tensor.name], tensor, rules)
    if missing := specs.keys() - tensors.keys():
        raise RejectedError(
            f"inputs: {_listed(sorted(missing))} missing; all inputs are {_listed(specs)}"
        )
    return tensors


def _conformed(spec: TensorSpec, given: GivenTensor, rules: InputRules) -> Array:
    target = DATATYPES[spec.datatype]
    source = DATATYPES[given.datatype]
    if (spec.datatype == BYTES) != (given.datatype == BYTES) or not _convertible(source, target):
        raise RejectedError(
            f"{given.where}.datatype: expected {spec.datatype}, got {given.datatype}"
        )
    shape = _accepted_shape(spec, given)
    array = given.contents()
    if array.dtype.kind == "f":
        _refuse_not_finite(array, given, rules)
    if array.dtype != target:
        array = _converted(array, target, spec, given)
    return array.reshape(shape)


def _convertible(source: np.dtype[Any], target: np.dtype[Any]) -> bool:
    """Numbers convert to wider or to floating numbers; integers to integers where values fit."""
    if source.kind in "iu" and target.kind in "iu":
        return True  # each value is checked: clients often send INT64 for everything
    if source.kind == "b" and target.kind != "b":
        return False
    return np.can_cast(source, target, casting="same_kind")


def _accepted_shape(spec: TensorSpec, given: GivenTensor) -> tuple[int, ...]:
    shape = given.shape
    if shape[1:] == (1,) and len(spec.shape) == 1:
        shape = shape[:1]  # a column, where the model takes it flat
    elif len(shape) == 1 and spec.shape[1:] == (1,):
        shape = (*shape, 1)
    fits = len(shape) == len(spec.shape) and all(
        wanted in {ANY_SIZE, size} for wanted, size in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise RejectedError(
            f"{given.where}.shape: expected {list(spec.shape)}, got {list(given.shape)}"
        )
    if 0 in shape:
        raise RejectedError(f"{given.where}.shape: {list(given.shape)} holds no values")
    return shape


def _refuse_not_finite(array: Array, given: GivenTensor, rules: InputRules) -> None:
    if np.isfinite(array).all():
        return
    for name, accepted, found in (
        ("NaN", rules.accepts_nan, np.isnan(array)),
        ("infinity", rules.accepts_infinity, np.isinf(array)),
    ):
        if not accepted and found.any():
            position = int(np.argmax(found.ravel()))
            raise RejectedError(
                f"{given.where}.data[{position}]: is {name}, which this model refuses"
            )


def _converted(array: Array, target: np.dtype[Any], spec: TensorSpec, given: GivenTensor) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        converted: Array = array.astype(target)
    if target.kind in "iu":
        changed = converted != array
    elif array.dtype.kind == "f" and target.itemsize < array.dtype.itemsize:
        changed = np.isinf(converted) & ~np.isinf(array)
    else:
        return converted
    if changed.any():
        position = int(np.argmax(changed.ravel()))
        value = array.ravel()[position].item()
        raise RejectedError(
            f"{given.where}.data[{position}]: {quoted(value)} does not fit {spec.datatype}"
        )
    return converted


def _listed(names: object) -> str:
    return ", ".join(quoted(name) for name in names)  # type: ignore[attr-defined]
