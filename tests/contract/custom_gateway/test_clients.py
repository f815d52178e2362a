"""The example's clients go from one server to another without missing a tick."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from headgate.streamgateway.decide.plan import Moves
from tests.builders.door import lead_to
from tests.builders.fanout import EXAMPLE, Fanout
from tests.builders.gateways import NOW
from tests.builders.nats_engine import eventually
from tests.contract.custom_gateway.asking import Asking, leaving

CLIENTS = 8
LISTEN = EXAMPLE / "clients" / "listen.py"


class Door:
    """What a Service is to clients: an address that leads to the server of now."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await lead_to("127.0.0.1", self.port, reader, writer)


class Listeners:
    """The process, and what it said last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def said(self) -> dict[str, Any]:
        """Return the next line."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 30)
        told: dict[str, Any] = json.loads(line)
        return told

    async def until_heard(self, ticks: int) -> dict[str, Any]:
        while (told := await self.said())["heard"] < ticks:
            pass
        return told


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[Listeners]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(LISTEN),
        "--url",
        url,
        "--clients",
        str(CLIENTS),
        stdout=asyncio.subprocess.PIPE,
    )
    yield Listeners(process)
    process.terminate()
    await process.wait()


async def test_they_miss_nothing_when_their_server_drains(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    # given: two servers that tick alike, and clients on the first
    ticking = {"TICK_SECONDS": "0.1"}
    async with (
        Fanout(tmp_path, env=ticking) as first,
        Fanout(tmp_path, env=ticking, name="feed-edge-1") as second,
    ):
        door = Door(first.ports[0])
        service = await asyncio.start_server(door.lead, "127.0.0.1", 0)
        port = service.sockets[0].getsockname()[1]
        async with listening(f"ws://127.0.0.1:{port}/ws") as clients:
            before = await clients.until_heard(20)
            # when
            door.port = second.ports[0]
            asking, pod = Asking(http, first.control), first.pod()
            await asking.servers.move(leaving(pod), [Moves(pod=pod.name, count=1)], NOW)
            while (told := await clients.said())["moved"] < CLIENTS:
                pass
            after = await clients.until_heard(told["heard"] + 20)

            async def nobody_left() -> bool:
                return (await asking.look(pod)).connections == 0

            await eventually(nobody_left)
        service.close()
    # then
    assert (before["moved"], after["moved"]) == (0, CLIENTS)
    assert (after["missing"], after["cut"], after["connected"]) == (0, 0, CLIENTS)
