"""Whatever a client does, the server's memory stays bounded and the others do not notice."""

import asyncio

import pytest
from nats.aio.msg import Msg
from nats.errors import Error, MaxPayloadError

from headgate.streamgateway.engines.nats.monitoring import read_varz
from tests.builders.nats_engine import Engine, Server, connect, eventually
from tests.builders.raw_nats import RawClient

MIB = 1024 * 1024
FLOOD = 64
"""MiB that are sent to a reader who reads nothing."""
ROOM = 40 * MIB
"""For what the runtime keeps of them for a while."""


@pytest.fixture
def edge(engine: Engine) -> Server:
    return engine.edges[0]


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00" * 100,
        b"CONNECT {\r\n",
        b"A" * 10_000,
        b"PUB predictions.a 99999999999999999999\r\n",
    ],
    ids=["http", "tls", "zeros", "half a CONNECT", "a line without end", "before login"],
)
async def test_garbage_is_cut_off(edge: Server, garbage: bytes) -> None:
    async with RawClient(port=edge.ports.client or 0) as raw:
        await raw.send(garbage + b"\r\n" * 2)
        await raw.rest()
    client = await connect(edge.url)
    await client.flush()
    await client.close()


async def test_garbage_on_the_websocket_is_cut_off(edge: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.ports.websocket)
    writer.write(b"\x00\xff garbage\r\n\r\n")
    async with asyncio.timeout(5):
        assert b"400 Bad Request" in await reader.read()
    writer.close()
    await writer.wait_closed()


async def test_a_control_line_without_end_is_cut_off_after_login(edge: Server) -> None:
    async with RawClient(port=edge.ports.client or 0) as raw:
        await raw.log_in()
        await raw.send(b"SUB " + b"a" * 5000)
        assert b"maximum control line exceeded" in await raw.rest()


async def test_an_oversized_payload_is_refused(edge: Server) -> None:
    client = await connect(edge.url)
    with pytest.raises(MaxPayloadError):
        await client.publish("predictions.a", b"x" * (MIB + 1))
    await client.close()
    async with RawClient(port=edge.ports.client or 0) as raw:
        await raw.log_in()
        await raw.send(b"PUB predictions.a 1048577\r\n")
        assert b"Maximum Payload Violation" in await raw.rest()


async def test_a_wrong_password_is_refused_in_words(edge: Server) -> None:
    for url in (edge.url, edge.websocket_url):
        with pytest.raises(Error, match="Authorization Violation"):
            await connect(url, password="wrong-one", error_cb=quiet)  # noqa: S106


async def test_a_client_cannot_have_subscriptions_without_end(edge: Server) -> None:
    async with RawClient(port=edge.ports.client or 0) as raw:
        await raw.log_in()
        await raw.send(b"".join(b"SUB s.%d %d\r\n" % (n, n) for n in range(1001)))
        assert b"maximum subscriptions exceeded" in await raw.line()


async def test_a_reader_who_is_stuck_is_let_go_with_bounded_memory_and_others_hear_all(
    edge: Server,
) -> None:
    # given
    before = edge.resident_bytes()
    slow_before = read_varz(edge.ask("/varz")[1]).slow_consumers or 0
    heard = 0

    async def count(_: Msg) -> None:
        nonlocal heard
        heard += 1

    reads = await connect(edge.url)
    await reads.subscribe("flood", cb=count)
    await reads.flush()
    publisher = await connect(edge.url)
    async with RawClient(port=edge.ports.client or 0, name="stuck", receive_buffer=4096) as stuck:
        await stuck.log_in()
        await stuck.send(b"SUB flood 1\r\n")
        assert await stuck.ping() == b"PONG"
        stuck.stop_reading()
        # when
        highest = before
        for number in range(FLOOD * 16):
            await publisher.publish("flood", b"x" * (MIB // 16))
            if number % 32 == 31:
                await publisher.flush()
                await reads.flush()
                highest = max(highest, edge.resident_bytes())

        # then
        async def is_let_go() -> bool:
            seen = read_varz(edge.ask("/varz")[1])
            return (seen.slow_consumers or 0) > slow_before  # once for each limit it passed

        await eventually(is_let_go)

        async def is_gone() -> bool:
            listed = edge.ask("/connz")[1]["connections"]
            return all(each.get("name") != "stuck" for each in listed)

        await eventually(is_gone)
    assert highest - before < ROOM

    async def all_heard() -> bool:
        return heard == FLOOD * 16

    await eventually(all_heard)
    await publisher.close()
    await reads.close()


async def quiet(_: Exception) -> None:
    """Say nothing of the error that the test expects."""
