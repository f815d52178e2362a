"""The load that proves "no request lost" has to see every loss: here against real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.load.generator import Answer, Connection, Load, Target, wait_for_an_answer

type Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
type Start = Callable[[Behaviour], Awaitable[Target]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a server that does with each connection what a test says."""
    servers = []

    async def begin(behaviour: Behaviour) -> Target:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError, asyncio.IncompleteReadError):
                await behaviour(reader, writer)
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        return Target("127.0.0.1", port, "churn", "churn", [b'{"inputs":[]}'])

    yield begin
    for server in servers:
        server.close()
        await server.wait_closed()


def an_answer(status: str = "200 OK", body: str = "{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-L")),
        0,
    )
    return head + await reader.readexactly(length)


async def test_who_answered_is_told_by_the_header_also_of_a_failure(start: Start) -> None:
    async def failing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(an_answer("500 Internal Server Error", "{}", "Headgate-Version: churn-v3"))

    connection = Connection(await start(failing))
    assert await connection.ask("POST", b"{}") == Answer("churn-v3", "500", closes=False)
    connection.close()


async def test_who_answered_is_told_by_the_body_where_there_is_no_header(start: Start) -> None:
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(an_answer("200 OK", json.dumps({"model_version": "churn-v1"})))

    connection = Connection(await start(answering))
    assert (await connection.ask("POST", b"{}")).version == "churn-v1"
    connection.close()


async def test_a_connection_is_kept_until_the_server_says_close(start: Start) -> None:
    # given
    connections, requests = [], []

    async def closing_after_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        for header in ("Connection: keep-alive", "Connection: close"):
            requests.append(await read_request(reader))
            writer.write(an_answer("200 OK", "{}", header))

    connection = Connection(await start(closing_after_two))
    # when
    answers = [await connection.ask("GET", b"") for _ in range(4)]
    # then
    assert [answer.outcome for answer in answers] == ["ok"] * 4
    assert [answer.closes for answer in answers] == [False, True, False, True]
    assert len(connections) == 2


async def test_a_request_that_is_cut_off_is_lost_and_never_sent_again(start: Start) -> None:
    # given
    received = []

    async def hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await read_request(reader))
        writer.close()

    connection = Connection(await start(hanging_up))
    # then
    assert (await connection.ask("GET", b"")).outcome == "reset"
    assert len(received) == 1


async def test_an_answer_that_is_cut_off_in_the_middle_is_lost(start: Start) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(an_answer("200 OK", '{"model_version": "v1"}')[:-5])

    assert (await Connection(await start(half)).ask("POST", b"{}")).outcome == "reset"


async def test_what_is_not_http_is_garbled(start: Start) -> None:
    async def babbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"hello\r\n\r\n")

    assert (await Connection(await start(babbling)).ask("POST", b"{}")).outcome == "garbled"


async def test_a_port_where_nobody_listens_is_refused(unused_port: int) -> None:
    target = Target("127.0.0.1", unused_port, "churn", "churn", [b"{}"])
    assert (await Connection(target).ask("GET", b"")).outcome == "refused"


async def test_half_goes_over_kept_and_half_over_new_connections_get_and_post(
    start: Start,
) -> None:
    # given
    async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            writer.write(an_answer("200 OK", "{}", "Headgate-Version: v1"))

    load = Load(await start(answering), rate=400, kept=4, gets=0.25)
    # when
    with suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            await load.run()
    # then
    counts = json.loads(load.tally.line())["counts"]
    by = {(each["connection"], each["method"]): each["requests"] for each in counts}
    assert {each["outcome"] for each in counts} == {"ok"}
    assert set(by) == {(c, m) for c in ("kept", "new") for m in ("GET", "POST")}
    kept = by["kept", "GET"] + by["kept", "POST"]
    new = by["new", "GET"] + by["new", "POST"]
    assert 0.5 < kept / new < 2
    assert by["kept", "POST"] + by["new", "POST"] > by["kept", "GET"] + by["new", "GET"]


async def test_the_load_waits_for_the_address_to_lead_somewhere(start: Start) -> None:
    # given: what came too early is hung up on, then never answered, and then all is well
    looks = []

    async def ever_better(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looks.append(await read_request(reader))
        if len(looks) == 2:
            await reader.read()
        if len(looks) > 2:
            writer.write(an_answer("503 Service Unavailable"))

    # when
    await wait_for_an_answer(await start(ever_better))
    # then
    assert len(looks) == 3


async def test_a_load_that_nobody_ever_answers_does_not_begin(unused_port: int) -> None:
    target = Target("127.0.0.1", unused_port, "churn", "churn", [b"{}"])
    with pytest.raises(TimeoutError):
        await wait_for_an_answer(target, seconds=0.3)


@pytest.fixture
async def unused_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    server.close()
    await server.wait_closed()
    return port
