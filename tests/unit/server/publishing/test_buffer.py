"""Predictions that wait: bounded in number and bytes, the newest kept."""

from headgate.server.protocol.replies import Reply
from headgate.server.publishing.buffer import PredictionBuffer
from headgate.server.publishing.record import OVERHEAD_BYTES, Prediction


def a_prediction(identity: str, size: int = OVERHEAD_BYTES) -> Prediction:
    reply = Reply(body=b"x" * (size - OVERHEAD_BYTES))
    return Prediction(id=identity, reply=reply, answered_at=0, seconds=0)


def a_buffer(*, most: int = 100, most_bytes: int = 1_000_000) -> PredictionBuffer:
    return PredictionBuffer(most=most, most_bytes=most_bytes)


def drained(buffer: PredictionBuffer) -> list[str]:
    taken = []
    while (prediction := buffer.take()) is not None:
        taken.append(prediction.id)
    return taken


def test_predictions_are_taken_in_the_order_of_their_answers() -> None:
    buffer = a_buffer()
    gone = [buffer.put(a_prediction(name)) for name in "abc"]
    assert (gone, len(buffer), drained(buffer), len(buffer)) == ([0, 0, 0], 3, ["a", "b", "c"], 0)


def test_the_oldest_goes_when_there_are_too_many() -> None:
    buffer = a_buffer(most=2)
    gone = [buffer.put(a_prediction(name)) for name in "abcd"]
    assert (gone, drained(buffer)) == ([0, 0, 1, 1], ["c", "d"])


def test_as_many_go_as_a_large_one_needs() -> None:
    buffer = a_buffer(most_bytes=4000)
    for name in "abcd":
        buffer.put(a_prediction(name, 1000))
    assert buffer.put(a_prediction("large", 2500)) == 3
    assert drained(buffer) == ["d", "large"]


def test_bytes_that_were_taken_are_free_again() -> None:
    buffer = a_buffer(most_bytes=1000)
    for _ in range(5):
        assert buffer.put(a_prediction("a", 1000)) == 0
        assert drained(buffer) == ["a"]


def test_what_is_put_back_is_the_next() -> None:
    buffer = a_buffer(most=2)
    buffer.put(a_prediction("b"))
    assert buffer.put_back(a_prediction("a")) == 0
    assert drained(buffer) == ["a", "b"]


def test_what_is_put_back_gives_way_to_newer_ones() -> None:
    buffer = a_buffer(most=2)
    buffer.put(a_prediction("b"))
    buffer.put(a_prediction("c"))
    assert buffer.put_back(a_prediction("a")) == 1
    assert drained(buffer) == ["b", "c"]
