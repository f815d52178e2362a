"""A client of bare sockets: what a server really sends, and what it makes of nonsense."""

import asyncio
import json
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tests.builders.nats_engine import AMYS


@dataclass(kw_only=True)
class RawClient:
    """One TCP connection that speaks the NATS protocol, or anything; use it with `async with`."""

    port: int
    name: str = "raw"
    user: str = "amy"
    password: str = AMYS
    receive_buffer: int | None = None

    async def __aenter__(self) -> Self:
        channel = socket.socket()
        if self.receive_buffer is not None:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        channel.setblocking(False)
        await asyncio.get_running_loop().sock_connect(channel, ("127.0.0.1", self.port))
        self._reader, self._writer = await asyncio.open_connection(sock=channel, limit=2**16)
        self.info = await self.read_info()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def log_in(self) -> None:
        """Connect as the user, and take the INFO that follows."""
        options = {
            "verbose": False,
            "pedantic": False,
            "protocol": 1,
            "user": self.user,
            "pass": self.password,
            "name": self.name,
            "lang": "raw",
            "version": "1",
        }
        await self.send(b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n")
        assert await self.line() == b"PONG"
        assert (await self.read_info())["connect_info"]

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            return (await self._reader.readline()).strip()

    async def rest(self) -> bytes:
        """Return all that comes until the server closes."""
        try:
            async with asyncio.timeout(5):
                return await self._reader.read()
        except ConnectionResetError:
            return b""

    async def read_info(self) -> dict[str, Any]:
        line = await self.line()
        assert line.startswith(b"INFO "), line
        told: dict[str, Any] = json.loads(line[5:])
        return told

    async def ping(self) -> bytes:
        """Return the next line after a PING: PONG, when the server had nothing else to say."""
        await self.send(b"PING\r\n")
        return await self.line()

    def stop_reading(self) -> None:
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
