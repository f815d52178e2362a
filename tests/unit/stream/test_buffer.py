"""The buffer before a slow application: bounded, and honest about what it dropped."""

from headgate.stream.buffer import OVERHEAD_BYTES, ArrivalBuffer
from headgate.stream.message import Arrival, Message


def an_arrival(sequence: int, size: int = 0) -> Arrival:
    message = Message(sequence=sequence, subject="a", data=b"x" * size)
    return Arrival(message=message, follows=sequence - 1)


def a_buffer(most_messages: int = 10, most_bytes: int = 1 << 20) -> ArrivalBuffer:
    return ArrivalBuffer(most_messages=most_messages, most_bytes=most_bytes)


async def test_arrivals_come_out_as_they_went_in() -> None:
    buffer = a_buffer()
    for sequence in (3, 1, 2):
        assert buffer.put(an_arrival(sequence))

    got = [await buffer.get(0) for _ in range(3)]

    assert [item.message.sequence for item in got if item] == [3, 1, 2]


async def test_a_full_buffer_drops_what_comes_and_leaves_a_doubt() -> None:
    buffer = a_buffer(most_messages=1)
    assert buffer.put(an_arrival(1))
    assert not buffer.put(an_arrival(2))
    assert len(buffer) == 1
    assert buffer.take_doubt()
    assert not buffer.take_doubt()


async def test_bytes_are_bounded_too() -> None:
    buffer = a_buffer(most_bytes=2 * (OVERHEAD_BYTES + 100))
    assert buffer.put(an_arrival(1, size=100))
    assert buffer.put(an_arrival(2, size=100))
    assert not buffer.put(an_arrival(3, size=1))


async def test_a_message_larger_than_the_bound_fits_an_empty_buffer() -> None:
    assert a_buffer(most_bytes=10).put(an_arrival(1, size=100))


async def test_nothing_in_time_is_none() -> None:
    assert await a_buffer().get(0.01) is None


async def test_a_doubt_wakes_the_reader_after_what_is_waiting() -> None:
    buffer = a_buffer()
    buffer.put(an_arrival(1))
    buffer.doubt()
    assert await buffer.get(60) is not None
    assert await buffer.get(60) is None
