"""A client over bare sockets that never sends a request twice: what is lost shows."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.builders.artifacts import an_iris_request

BODY = json.dumps(an_iris_request((5.1, 3.5, 1.4, 0.2))).encode()


def post(body: bytes = BODY, *headers: str) -> bytes:
    """An infer request as it goes over the wire."""
    lines = (
        "POST /v2/models/iris/infer HTTP/1.1",
        "Host: iris",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Heard:
    """One answer, read to its end."""

    status: int
    closes: bool
    body: bytes


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes | None = None) -> Heard:
        self.send(post() if request is None else request)
        return await self.hear()

    def send(self, part: bytes) -> None:
        self._writer.write(part)

    async def hear(self) -> Heard:
        """Read one answer; raises when the connection ends before the answer does."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await self._reader.readexactly(int(headers["content-length"]))
        return Heard(int(head.split()[1]), headers.get("connection") == "close", body)

    async def closed_by_server(self) -> bool:
        """Wait for the end that the server makes."""
        return await self._reader.read(1) == b""

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


@asynccontextmanager
async def lines(port: int, count: int) -> AsyncIterator[list[Line]]:
    """Open connections that are closed whatever becomes of the test."""
    opened = [await Line.open(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for line in opened:
            await line.close()


@dataclass
class Tally:
    """What became of the requests of many clients."""

    answered: int = 0
    connections: int = 0
    lost: list[str] = field(default_factory=list)


class SteadyClient:
    """Sends until it is told to stop; counts everything that isn't a 200 as lost."""

    def __init__(self, port: int, tally: Tally, *, keep_alive: bool, pause: float) -> None:
        self._port = port
        self._tally = tally
        self._keep_alive = keep_alive
        self._pause = pause
        self.stays = asyncio.Event()

    async def run(self) -> None:
        """Go on over an open connection whatever happens; open new ones until told otherwise."""
        line: Line | None = None
        while line is not None or not self.stays.is_set():
            try:
                if line is None:
                    line = await Line.open(self._port)
                    self._tally.connections += 1
                heard = await line.ask()
            except (OSError, EOFError) as error:
                self._tally.lost.append(repr(error))
                if line is not None:
                    await line.close()
                return
            if heard.status == 200:
                self._tally.answered += 1
            else:
                self._tally.lost.append(f"{heard.status}: {heard.body!r}")
            if heard.closes or not self._keep_alive:
                await line.close()
                line = None
            await asyncio.sleep(self._pause)
