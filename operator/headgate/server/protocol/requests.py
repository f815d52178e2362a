"""Parse the body of an infer request: JSON, with or without binary sections behind it."""

import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from headgate.server.protocol.datatypes import DATATYPES, Array
from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.tensors import array_from_bytes, array_from_json, quoted

_MAX_RANK: Final = 16
_MAX_INPUTS: Final = 4096


@dataclass(frozen=True, kw_only=True)
class GivenTensor:
    """One input as the client described it; its contents are decoded once its shape is accepted."""

    where: str
    name: str
    datatype: str
    shape: tuple[int, ...]
    data: object = None
    raw: memoryview | None = None

    def contents(self) -> Array:
        """Decode the values; raises RejectedError naming the element that is wrong."""
        if self.raw is not None:
            return array_from_bytes(self.raw, self.datatype, self.shape, self.where)
        return array_from_json(self.data, self.datatype, self.shape, self.where)


@dataclass(frozen=True, kw_only=True)
class WantedOutput:
    """One output that the client asked for by name."""

    where: str
    name: str
    binary: bool


@dataclass(frozen=True, kw_only=True)
class InferRequest:
    """A well-formed infer request; whether it fits the model is for the signature to say."""

    id: str | None
    inputs: tuple[GivenTensor, ...]
    outputs: tuple[WantedOutput, ...] | None
    binary_by_default: bool


def parse_infer_request(body: bytes, header_length: str | None) -> InferRequest:
    """Parse a body; `header_length` is the Inference-Header-Content-Length header, if any."""
    document, binary = _split(body, header_length)
    request = _object(_parse_json(document), "the body")
    identity = request.get("id")
    if identity is not None and not isinstance(identity, str):
        raise RejectedError(f"id: expected a string, got {quoted(identity)}")
    binary_by_default = _flag(request, "", "binary_data_output", default=False)
    return InferRequest(
        id=identity,
        inputs=_inputs(request, binary),
        outputs=_outputs(request, binary_by_default),
        binary_by_default=binary_by_default,
    )


def _split(body: bytes, header_length: str | None) -> tuple[bytes, memoryview]:
    if header_length is None:
        return body, memoryview(b"")
    if not (header_length.isascii() and header_length.isdigit()) or int(header_length) > len(body):
        raise RejectedError(
            "Inference-Header-Content-Length: expected a number of bytes from 0 to "
            f"{len(body)} (the body), got {quoted(header_length)}"
        )
    length = int(header_length)
    return body[:length], memoryview(body)[length:]


def _parse_json(document: bytes) -> object:
    try:
        return _DECODER.decode(document.decode())
    except UnicodeDecodeError:
        raise RejectedError("the body is not valid JSON: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise RejectedError(
            f"the body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise RejectedError("the body is not valid JSON: it nests too deeply") from None
    except ValueError:  # a number of thousands of digits
        raise RejectedError("the body holds a number that is too long to read") from None


def _refuse_constant(name: str) -> NoReturn:
    raise RejectedError(f"the body is not valid JSON: JSON has no {name}; send it as binary data")


# kept: making one costs as much as reading a small request
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _inputs(request: dict[str, Any], binary: memoryview) -> tuple[GivenTensor, ...]:
    given = request.get("inputs")
    if not isinstance(given, list) or not given:
        raise RejectedError(f"inputs: expected a list of tensors, got {_missing_or_quoted(given)}")
    if len(given) > _MAX_INPUTS:
        raise RejectedError(f"inputs: expected at most {_MAX_INPUTS} tensors, got {len(given)}")
    tensors: list[GivenTensor] = []
    position = 0
    for index, item in enumerate(given):
        tensor, position = _input(item, f"inputs[{index}]", binary, position)
        tensors.append(tensor)
    if position != len(binary):
        raise RejectedError(
            f"inputs: binary_data_size adds up to {position} bytes, "
            f"but {len(binary)} follow the JSON"
        )
    return tuple(tensors)


def _input(item: object, where: str, binary: memoryview, position: int) -> tuple[GivenTensor, int]:
    tensor = _object(item, where)
    name, datatype = _text(tensor, "name", where), _text(tensor, "datatype", where)
    if datatype not in DATATYPES:
        raise RejectedError(
            f"{where}.datatype: expected one of {', '.join(DATATYPES)}, got {quoted(datatype)}"
        )
    shape = _shape(tensor.get("shape"), where)
    size = _parameters(tensor, where).get("binary_data_size")
    if size is None:
        if "data" not in tensor:
            raise RejectedError(f"{where}.data: is missing, and there is no binary_data_size")
        given = GivenTensor(
            where=where, name=name, datatype=datatype, shape=shape, data=tensor["data"]
        )
        return given, position
    end = position + _binary_size(size, where, len(binary) - position)
    if "data" in tensor:
        raise RejectedError(f"{where}.data: must be absent when binary_data_size is given")
    raw = binary[position:end]
    return GivenTensor(where=where, name=name, datatype=datatype, shape=shape, raw=raw), end


def _binary_size(size: object, where: str, left: int) -> int:
    if type(size) is not int or not 0 <= size <= left:
        raise RejectedError(
            f"{where}.parameters.binary_data_size: expected a number of bytes from 0 to {left} "
            f"(what is left behind the JSON), got {quoted(size)}"
        )
    return size


def _shape(given: object, where: str) -> tuple[int, ...]:
    if not isinstance(given, list) or not given or len(given) > _MAX_RANK:
        raise RejectedError(
            f"{where}.shape: expected a list of 1 to {_MAX_RANK} sizes, "
            f"got {_missing_or_quoted(given)}"
        )
    for axis, size in enumerate(given):
        if type(size) is not int or size < 0:
            raise RejectedError(f"{where}.shape[{axis}]: expected a size, got {quoted(size)}")
    return tuple(given)


def _outputs(request: dict[str, Any], binary_by_default: bool) -> tuple[WantedOutput, ...] | None:
    given = request.get("outputs")
    if given is None:
        return None
    if not isinstance(given, list) or len(given) > _MAX_INPUTS:
        raise RejectedError(f"outputs: expected a list of outputs, got {quoted(given)}")
    wanted: list[WantedOutput] = []
    for index, item in enumerate(given):
        where = f"outputs[{index}]"
        output = _object(item, where)
        binary = _flag(output, where, "binary_data", default=binary_by_default)
        wanted.append(WantedOutput(where=where, name=_text(output, "name", where), binary=binary))
    return tuple(wanted) or None


def _parameters(item: dict[str, Any], where: str) -> dict[str, Any]:
    return _object(item.get("parameters") or {}, _below(where, "parameters"))


def _flag(item: dict[str, Any], where: str, name: str, *, default: bool) -> bool:
    value = _parameters(item, where).get(name, default)
    if not isinstance(value, bool):
        field = _below(where, f"parameters.{name}")
        raise RejectedError(f"{field}: expected true or false, got {quoted(value)}")
    return value


def _below(where: str, field: str) -> str:
    return f"{where}.{field}" if where else field


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RejectedError(f"{where}: expected a JSON object, got {quoted(value)}")
    return value


def _text(item: dict[str, Any], field: str, where: str) -> str:
    value = item.get(field)
    if not isinstance(value, str):
        raise RejectedError(f"{where}.{field}: expected a string, got {_missing_or_quoted(value)}")
    return value


def _missing_or_quoted(value: object) -> str:
    return "nothing" if value is None else quoted(value)
