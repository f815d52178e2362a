"""Build the answer to an infer request: JSON, with binary sections where they were asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from headgate.server.protocol.datatypes import BYTES, Array, datatype_of
from headgate.server.protocol.rejection import ModelFailedError, RejectedError
from headgate.server.protocol.requests import InferRequest
from headgate.server.protocol.tensors import array_to_bytes, array_to_json, quoted

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class OutputOutline(NamedTuple):
    """One output without its values."""

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The body of an answer; `header_length` is set when binary data follows the JSON."""

    body: bytes
    header_length: int | None = None
    request_id: str | None = None
    outputs: tuple[OutputOutline, ...] = ()


def wanted_outputs(request: InferRequest, available: tuple[str, ...]) -> dict[str, bool]:
    """Return the outputs to compute, in order, and whether each goes out as binary data."""
    if request.outputs is None:
        return dict.fromkeys(available, request.binary_by_default)
    wanted: dict[str, bool] = {}
    for output in request.outputs:
        if output.name not in available:
            names = ", ".join(map(quoted, available))
            raise RejectedError(
                f"{output.where}.name: the model has no output {quoted(output.name)}; "
                f"its outputs are {names}"
            )
        if output.name in wanted:
            raise RejectedError(f"{output.where}.name: {quoted(output.name)} is given twice")
        wanted[output.name] = output.binary
    return wanted


def build_reply(
    *,
    model: str,
    version: str,
    request_id: str | None,
    results: Mapping[str, Array],
    wanted: Mapping[str, bool],
) -> Reply:
    """Return the answer; a result that can't be carried is the model's failure."""
    sections: list[bytes] = []
    outputs: list[dict[str, Any]] = []
    outlines: list[OutputOutline] = []
    for name, binary in wanted.items():
        array, datatype = _carried(results[name], name)
        output: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(array.shape)}
        if binary:
            section = array_to_bytes(array, datatype)
            output["parameters"] = {"binary_data_size": len(section)}
            sections.append(section)
        else:
            _require_json_form(array, name)
            output["data"] = array_to_json(array)
        outputs.append(output)
        outlines.append(OutputOutline(name, datatype, array.shape))
    document: dict[str, Any] = {"model_name": model, "model_version": version, "outputs": outputs}
    if request_id is not None:
        document["id"] = request_id
    header = _ENCODER.encode(document).encode()
    return Reply(
        body=b"".join((header, *sections)),
        header_length=len(header) if sections else None,
        request_id=request_id,
        outputs=tuple(outlines),
    )


def _carried(result: Array, name: str) -> tuple[Array, str]:
    datatype = datatype_of(result)
    if datatype == BYTES and result.dtype != object:
        result = result.astype(str).astype(object)
    if datatype == BYTES and not all(isinstance(value, str) for value in result.flat):
        # labels that were mixed or boxed when the model was trained
        plain = np.array(result.tolist())
        if plain.dtype.kind in "OUS" or plain.shape != result.shape:
            plain = np.array([str(value) for value in result.flat], dtype=object)
        return _carried(plain.reshape(result.shape), name)
    if datatype is None:
        raise ModelFailedError(
            f"output {quoted(name)} has type {result.dtype}, which the protocol can't carry",
            kind="UnsupportedOutput",
        )
    return result, datatype


def _require_json_form(array: Array, name: str) -> None:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ModelFailedError(
            f"output {quoted(name)} holds NaN or infinity, which JSON can't carry; "
            "ask for it as binary data",
            kind="NotFinite",
        )
