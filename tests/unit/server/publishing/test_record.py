"""What is published of an answer."""

import json
from typing import Any

import numpy as np

from headgate.server.protocol.replies import Reply, build_reply
from headgate.server.publishing.record import (
    MOST_BINARY_VALUES,
    MOST_BYTES,
    OVERHEAD_BYTES,
    Prediction,
    payload_of,
    prediction_of,
)


def a_reply(*, binary: bool = False, request_id: str | None = None, **results: Any) -> Reply:
    return build_reply(
        model="m",
        version="v1",
        request_id=request_id,
        results=results or {"y": np.array([1, 2])},
        wanted=dict.fromkeys(results or {"y": 0}, binary),
    )


def kept_of(reply: Reply) -> Prediction:
    return prediction_of(reply, identity="a-1", answered_at=1.5, seconds=0.1)


def published(reply: Reply) -> Any:
    kept = prediction_of(reply, identity="a-1", answered_at=1.5, seconds=0.0123456)
    payload = payload_of(kept, model="m", version="v1")
    return None if payload is None else json.loads(payload)


def test_an_answer_is_published_as_it_was_given_with_when_and_how_long() -> None:
    reply = a_reply(request_id="r-1", y=np.array([0.5, 0.25]), label=np.array(["a", "b"]))
    assert published(reply) == {
        "prediction_id": "a-1",
        "at": "1970-01-01T00:00:01.500Z",
        "latency_ms": 12.346,
        **json.loads(reply.body),
    }


def test_an_answer_in_binary_is_published_in_json() -> None:
    results: dict[str, Any] = {
        "y": np.array([[0.5, 1.5]], dtype="<f4"),
        "label": np.array(["ä", ""], dtype=object),
        "is_new": np.array([True, False]),
    }
    binary = published(a_reply(binary=True, **results))
    assert binary == published(a_reply(**results))


def test_an_answer_that_is_in_binary_in_part_is_published_whole() -> None:
    results = {"a": np.array([1]), "b": np.array([2]), "c": np.array([3])}
    wanted = {"a": True, "b": False, "c": True}
    reply = build_reply(model="m", version="v1", request_id=None, results=results, wanted=wanted)
    assert [output["data"] for output in published(reply)["outputs"]] == [[1], [2], [3]]


def test_what_json_cannot_carry_is_null() -> None:
    reply = a_reply(binary=True, y=np.array([np.nan, np.inf, 1.0]))
    assert published(reply)["outputs"][0]["data"] == [None, None, 1.0]


def test_a_long_answer_is_kept_and_published_without_its_values() -> None:
    reply = a_reply(request_id="r", y=np.arange(MOST_BYTES))
    kept = prediction_of(reply, identity="a-1", answered_at=0, seconds=0)
    assert kept.size < 1000
    found = published(reply)
    assert found["truncated"] is True
    assert (found["id"], found["model_name"], found["model_version"]) == ("r", "m", "v1")
    assert found["outputs"] == [{"name": "y", "datatype": "INT64", "shape": [MOST_BYTES]}]


def test_binary_of_more_values_than_may_be_written_is_published_without_them() -> None:
    most = published(a_reply(binary=True, y=np.zeros(MOST_BINARY_VALUES, dtype=np.int8)))
    more = published(a_reply(binary=True, y=np.zeros(MOST_BINARY_VALUES + 1, dtype=np.int8)))
    assert len(most["outputs"][0]["data"]) == MOST_BINARY_VALUES
    assert more["truncated"] is True


def test_binary_that_grows_too_long_as_json_is_published_without_values() -> None:
    escaped = np.full(1000, "\x01" * 40, dtype=object)
    reply = a_reply(binary=True, y=escaped)
    assert len(reply.body) < MOST_BYTES
    assert published(reply)["truncated"] is True


def test_an_answer_whose_names_alone_are_too_long_is_not_published() -> None:
    results: dict[str, Any] = {"y" * (MOST_BYTES + 1): np.array([1])}
    assert published(a_reply(**results)) is None


def test_an_id_of_megabytes_is_not_kept_beyond_what_is_counted() -> None:
    # given
    kept = kept_of(a_reply(request_id="x" * 5_000_000))
    # then
    assert kept.size == OVERHEAD_BYTES
    assert kept.reply.request_id is None
    payload = payload_of(kept, model="m", version="v1")
    assert payload is not None
    assert len(payload) < 1000
