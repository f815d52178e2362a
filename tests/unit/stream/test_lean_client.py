"""Where our client does otherwise than the library, and where it must not."""

import asyncio

import pytest
from nats.aio.client import Client
from nats.errors import SecureConnRequiredError

from headgate.stream.lean_client import LeanClient

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


async def _ignore(_message: object) -> None:
    pass
