"""Where our client does otherwise than the library, and where it must not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiohttp import web
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import SecureConnRequiredError

from headgate.stream.lean_client import LeanClient, SameServerError
from tests.builders.waiting import until

INFO = b'INFO {"server_id":"A","version":"2.15.0","max_payload":1048576,"headers":true}\r\n'


def test_headers_are_read_as_the_library_reads_them() -> None:
    lines = ["A: b", "Empty:", "Unicode:  \u00e4: c ", "with space: x", "\u00e4: y", "none", "", ""]
    raw = "\r\n".join(lines).encode()
    expected = Client._parse_header_lines(raw)
    assert expected == {"A": "b", "Empty": "", "Unicode": "\u00e4: c"}
    assert LeanClient._parse_header_lines(raw) == expected


async def test_a_ping_does_not_overtake_what_was_asked_before_it() -> None:
    # given a server that notes what it is told once the greeting is over
    told: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        while line := await reader.readline():
            told.extend(line.split()[:1])  # a message without a body is an empty line
            if line == b"PING\r\n":
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = LeanClient()
    await client.connect(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    told.clear()
    # when
    await client.subscribe("predictions.a", cb=_ignore)
    await client.publish("predictions.a")
    await client.flush()
    # then
    assert told == [b"SUB", b"PUB", b"PING"]
    await client.close()
    server.close()


async def test_a_server_that_offers_no_tls_where_it_was_asked_for_is_told_nothing() -> None:
    # given
    told: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        told.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = LeanClient()
    # when
    with pytest.raises(SecureConnRequiredError):
        await client.connect(
            f"tls://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            user="amy",
            password="amys-password",  # noqa: S106
            allow_reconnect=False,
            error_cb=_ignore,
        )
    await client.close()
    # then
    server.close()
    await server.wait_closed()
    assert b"amy" not in b"".join(told)


async def test_a_server_that_is_to_be_left_is_told_nothing() -> None:
    # given
    told: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        told.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = LeanClient(but_not="A")
    # when
    with pytest.raises(SameServerError):
        await client.connect(
            f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            allow_reconnect=False,
            error_cb=_ignore,
        )
    await client.close()
    # then
    server.close()
    await server.wait_closed()
    assert told == [b""]


async def test_messages_are_handed_on_in_order_also_after_one_that_could_not_be_read() -> None:
    # given
    got: list[bytes] = []

    def hand_on(message: Msg) -> None:
        if message.data == b"2":
            raise ValueError
        got.append(message.data)

    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.writelines(b"MSG a 1 1\r\n%d\r\n" % number for number in range(1, 5))

    # when
    async with _connected(talk) as (client, _):
        await client.subscribe_straight("a", hand_on)
        await client.flush()
    # then
    assert got == [b"1", b"3", b"4"]


async def test_a_server_that_has_said_nothing_for_a_while_is_pinged() -> None:
    async def be_silent(_writer: asyncio.StreamWriter) -> None:
        pass

    async with _connected(be_silent, ping_every=0.1) as (_, told):
        await until(lambda: told.count(b"PING") >= 3)


async def test_a_server_that_sends_messages_is_not_pinged() -> None:
    # given
    ping_every, often = 0.25, 100
    loop = asyncio.get_running_loop()
    heard: list[float] = []
    is_over = asyncio.Event()

    async def talk(writer: asyncio.StreamWriter) -> None:
        for _ in range(often):
            writer.write(b"MSG a 1 1\r\nx\r\n")
            await asyncio.sleep(0.01)
        is_over.set()

    # when
    async with _connected(talk, ping_every=ping_every) as (client, told):
        told.clear()
        heard.append(loop.time())
        await client.subscribe_straight("a", lambda _: heard.append(loop.time()))
        await is_over.wait()
        pings = told.count(b"PING")
        await client.flush()
    # then: none, but for what a busy machine held up for so long
    held_up = [
        after - before for before, after in pairwise(heard) if after - before >= ping_every / 2
    ]
    assert len(heard) == often + 1
    assert pings <= len(held_up)


async def test_what_is_asked_at_once_is_one_websocket_frame() -> None:
    # given
    frames: list[list[bytes]] = []

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(INFO)
        async for frame in socket:
            commands = [line.split()[0] for line in frame.data.splitlines()]
            frames.append(commands)
            await socket.send_bytes(b"PONG\r\n" * commands.count(b"PING"))
        return socket

    application = web.Application()
    application.router.add_get("/", serve)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = LeanClient()
    # when
    await client.connect(f"ws://127.0.0.1:{runner.addresses[0][1]}")
    await client.subscribe("predictions.a", cb=_ignore)
    await client.flush()
    # then
    assert frames == [[b"CONNECT", b"PING"], [b"SUB", b"PING"]]
    await client.close()
    await runner.cleanup()


@asynccontextmanager
async def _connected(
    talk: Callable[[asyncio.StreamWriter], Awaitable[None]], *, ping_every: float = 60
) -> AsyncIterator[tuple[LeanClient, list[bytes]]]:
    """Connect to a server that talks once it is subscribed to; also yield what it was told."""
    told: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(INFO)
        while line := await reader.readline():
            command = line.split()[0]
            told.append(command)
            if command == b"SUB":
                talking.append(asyncio.ensure_future(talk(writer)))
                await asyncio.sleep(0)
            elif command == b"PING":
                writer.write(b"PONG\r\n")
        writer.close()

    talking: list[asyncio.Future[None]] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = LeanClient()
    await client.connect(
        f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        ping_interval=ping_every,  # type: ignore[arg-type]  # it is only slept on
    )
    yield client, told
    await asyncio.gather(*talking)
    await client.close()
    server.close()


async def _ignore(_message: object) -> None:
    pass
