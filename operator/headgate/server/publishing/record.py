"""What is published of a prediction: a line of JSON that says what was answered. Pure.

It is the answer's own JSON with three fields before it, so that publishing one costs no second
encoding. The inputs are never in it.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isfinite, prod
from typing import Any, Final

from headgate.server.protocol.replies import Reply
from headgate.server.protocol.tensors import array_from_bytes, array_to_json

MOST_BYTES: Final = 64 * 1024
"""A longer answer is told without its values."""
MOST_BINARY_VALUES: Final = 1024
"""Values of an answer in binary have to be written as JSON: more would hold up requests."""
MOST_ID: Final = 1024
"""Letters of a request's id, which may be megabytes: a longer one is told in the answer only."""
OVERHEAD_BYTES: Final = 512
"""About what a prediction costs in memory beside its answer."""

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """One answer of the model, kept until it is published."""

    id: str
    reply: Reply
    answered_at: float
    """Seconds since 1970."""
    seconds: float
    """From the whole request to its answer."""

    @property
    def size(self) -> int:
        """Return about the bytes that it takes in memory."""
        return len(self.reply.body) + OVERHEAD_BYTES


def prediction_of(reply: Reply, *, identity: str, answered_at: float, seconds: float) -> Prediction:
    """Return what is kept of an answer: of a long one not its values, nor a long id."""
    kept = reply if len(reply.body) <= MOST_BYTES else replace(reply, body=b"", header_length=None)
    if len(reply.request_id or "") > MOST_ID:
        kept = replace(kept, request_id=None)
    return Prediction(id=identity, reply=kept, answered_at=answered_at, seconds=seconds)


def payload_of(prediction: Prediction, *, model: str, version: str) -> bytes | None:
    """Return the message of a prediction; None if even its names and shapes are too long."""
    head = {
        "prediction_id": prediction.id,
        "at": _written(prediction.answered_at),
        "latency_ms": round(prediction.seconds * 1000, 3),
    }
    whole = _whole_answer(prediction.reply)
    if whole is not None:
        payload = _joined(head, whole)
        if len(payload) <= MOST_BYTES + OVERHEAD_BYTES:
            return payload
    outline = _ENCODER.encode(_outline(prediction.reply, model, version)).encode()
    return _joined(head, outline) if len(outline) <= MOST_BYTES else None


def _joined(head: dict[str, Any], answer: bytes) -> bytes:
    return _ENCODER.encode(head).encode()[:-1] + b"," + answer[1:]


def _whole_answer(reply: Reply) -> bytes | None:
    """Return the answer as JSON with all of its values; None where that would be too much."""
    if not reply.body:
        return None
    if reply.header_length is None:
        return reply.body
    if sum(prod(output.shape) for output in reply.outputs) > MOST_BINARY_VALUES:
        return None
    document = json.loads(reply.body[: reply.header_length])
    position = reply.header_length
    for output in document["outputs"]:
        size = output.pop("parameters", {}).get("binary_data_size")
        if size is None:
            continue
        section = memoryview(reply.body)[position : position + size]
        array = array_from_bytes(section, output["datatype"], output["shape"], output["name"])
        output["data"] = [_in_json(value) for value in array_to_json(array)]
        position += size
    return _ENCODER.encode(document).encode()


def _outline(reply: Reply, model: str, version: str) -> dict[str, Any]:
    outline: dict[str, Any] = {
        "model_name": model,
        "model_version": version,
        "outputs": [output._asdict() for output in reply.outputs],
        "truncated": True,
    }
    if reply.request_id is not None:
        outline["id"] = reply.request_id
    return outline


def _in_json(value: Any) -> Any:
    """Return a value as JSON has it: it knows neither NaN nor infinity."""
    return None if isinstance(value, float) and not isfinite(value) else value


def _written(moment: float) -> str:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
