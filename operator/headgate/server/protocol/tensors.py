"""Tensor contents: JSON values or raw bytes to numpy arrays and back."""

from collections.abc import Callable, Sequence
from itertools import chain
from math import prod
from typing import Any, Final

import numpy as np

from headgate.server.protocol.datatypes import BYTES, DATATYPES, Array
from headgate.server.protocol.rejection import RejectedError

_JSON_TYPES: Final[dict[str, frozenset[type]]] = {
    "b": frozenset({bool}),
    "i": frozenset({int}),
    "u": frozenset({int}),
    "f": frozenset({int, float}),
    "O": frozenset({str}),
}
_LENGTH_PREFIX: Final = 4
_QUOTED_CHARACTERS: Final = 40


def array_from_json(data: object, datatype: str, shape: Sequence[int], where: str) -> Array:
    """Return the array that a JSON `data` list holds, flat or nested as the shape says."""
    dtype = DATATYPES[datatype]
    if datatype == "FP16":
        raise RejectedError(f"{where}.datatype: FP16 has no JSON form; send it as binary data")
    if not isinstance(data, list):
        raise RejectedError(f"{where}.data: expected a list, got {quoted(data)}")
    values = _flattened(data, shape, where)
    if unexpected := frozenset(map(type, values)) - _JSON_TYPES[dtype.kind]:
        position = next(i for i, value in enumerate(values) if type(value) in unexpected)
        raise RejectedError(
            f"{where}.data[{position}]: expected {datatype}, got {quoted(values[position])}"
        )
    if datatype == BYTES:
        return text_array(values, where).reshape(shape)
    try:
        with np.errstate(
            over="ignore"
        ):  # an overflow to infinity is found with the other infinities
            return np.array(values, dtype=dtype).reshape(shape)
    except OverflowError:
        position = _first_refused(values, dtype.type)
        raise RejectedError(
            f"{where}.data[{position}]: {quoted(values[position])} does not fit {datatype}"
        ) from None


def _flattened(data: list[Any], shape: Sequence[int], where: str) -> list[Any]:
    if list in set(map(type, data)):
        level: list[Any] = [data]
        for depth, size in enumerate(shape):
            for item in level:
                if type(item) is not list or len(item) != size:
                    found = f"{len(item)} items" if type(item) is list else quoted(item)
                    raise RejectedError(
                        f"{where}.data: does not nest as shape {list(shape)} says: "
                        f"at depth {depth} expected {size} items, got {found}"
                    )
            level = list(chain.from_iterable(level))
        return level
    if len(data) != prod(shape):
        raise RejectedError(
            f"{where}.data: shape {list(shape)} needs {prod(shape)} values, got {len(data)}"
        )
    return data


def _first_refused(values: list[Any], convert: Callable[[Any], object]) -> int:
    for position, value in enumerate(values):
        try:
            convert(value)
        except OverflowError:
            return position
    return 0


def text_array(values: Sequence[str], where: str) -> Array:
    """Return an array of str objects; text that has no UTF-8 form is refused."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        raise RejectedError(f"{where}.data: holds a lone surrogate, which isn't UTF-8") from None
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def array_from_bytes(raw: memoryview, datatype: str, shape: Sequence[int], where: str) -> Array:
    """Return the array that a binary section holds (little endian, row-major)."""
    dtype = DATATYPES[datatype]
    if datatype == BYTES:
        return _texts_from_bytes(raw, prod(shape), where).reshape(shape)
    if len(raw) != prod(shape) * dtype.itemsize:
        raise RejectedError(
            f"{where}.parameters.binary_data_size: shape {list(shape)} of {datatype} needs "
            f"{prod(shape) * dtype.itemsize} bytes, got {len(raw)}"
        )
    if datatype == "BOOL":
        # any byte but 0 is true; a bool array with other bit patterns would misbehave in C code
        truths: Array = np.frombuffer(raw, dtype=np.uint8).reshape(shape) != 0
        return truths
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _texts_from_bytes(raw: memoryview, count: int, where: str) -> Array:
    values: list[str] = []
    position = 0
    while position < len(raw) and len(values) < count:
        start = position + _LENGTH_PREFIX
        end = start + int.from_bytes(raw[position:start], "little")
        if start > len(raw) or end > len(raw):
            raise RejectedError(
                f"{where}.data[{len(values)}]: runs over the end of its binary data"
            )
        try:
            values.append(str(raw[start:end], "utf-8"))
        except UnicodeDecodeError:
            raise RejectedError(f"{where}.data[{len(values)}]: is not UTF-8") from None
        position = end
    if len(values) != count or position != len(raw):
        rest = len(raw) - position
        raise RejectedError(
            f"{where}.data: shape needs {count} values, got {len(values)} and {rest} further bytes"
        )
    return text_array(values, where)


def array_to_json(array: Array) -> list[Any]:
    """Return the values, flat and row-major, as JSON carries them."""
    return array.ravel().tolist()


def array_to_bytes(array: Array, datatype: str) -> bytes:
    """Return the values in the protocol's binary form."""
    if datatype != BYTES:
        return np.ascontiguousarray(array, dtype=DATATYPES[datatype]).tobytes()
    parts: list[bytes] = []
    for value in array.ravel().tolist():
        encoded = value.encode()
        parts += (len(encoded).to_bytes(_LENGTH_PREFIX, "little"), encoded)
    return b"".join(parts)


def quoted(value: object) -> str:
    """Return the value as JSON would spell it, shortened: for messages."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and value.bit_length() > 200:  # noqa: PLR2004  (no one reads more)
        return "a huge number"
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= _QUOTED_CHARACTERS else text[:_QUOTED_CHARACTERS] + '..."'
