"""A WebSocket client of NATS with nothing around it: thousands fit in one process.

It keeps the side of the contract that the servers can feel: told that its server leaves, it is on
the other before it goes, and what both sent meanwhile counts once. It fetches nothing: what it
missed it says.
"""

import asyncio
import base64
import json
import os
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

BINARY, CLOSE, PING, PONG = 2, 8, 9, 10
LONGEST_FRAME = 1 << 20

OnMessage = Callable[[int, bytes], None]
"""Called with a message's sequence and data."""


class BareSocket(asyncio.Protocol):
    """One connection that has subscribed to one subject."""

    def __init__(
        self, url: str, login: dict[str, str], subject: str, on_message: OnMessage
    ) -> None:
        self.host = urlsplit(url).netloc
        self.is_open = False
        self.subscribed = asyncio.get_running_loop().create_future()
        self.leaving = asyncio.Event()
        self._login = login
        self._subject = subject
        self._on_message = on_message
        self._transport: asyncio.Transport | None = None
        self._bytes = bytearray()
        self._lines = bytearray()
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET / HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._upgraded:
            head, end, rest = self._bytes.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), bytes(head[:200])
            self._upgraded, self._bytes = True, rest
        while self._take_frame():
            pass
        while self._take_line():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if not self.subscribed.done():
            self.subscribed.set_exception(ConnectionError(f"{self.host} closed: {error}"))
        self.leaving.set()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _take_frame(self) -> bool:
        held = self._bytes
        if len(held) < 2:
            return False
        length, start = held[1] & 0x7F, 2
        if length == 126:
            start, length = 4, int.from_bytes(held[2:4]) if len(held) >= 4 else LONGEST_FRAME
        elif length == 127:
            start, length = 10, int.from_bytes(held[2:10]) if len(held) >= 10 else LONGEST_FRAME
        if len(held) < start + length:
            return False
        payload, kind = held[start : start + length], held[0] & 0x0F
        del held[: start + length]
        if kind == PING:
            self._write(bytes(payload), PONG)
        elif kind == CLOSE:
            self.close()
        else:
            self._lines += payload
        return True

    def _take_line(self) -> bool:
        end = self._lines.find(b"\r\n")
        if end < 0:
            return False
        word, _, rest = bytes(self._lines[:end]).partition(b" ")
        if word == b"HMSG":
            return self._take_message(rest, end + 2)
        del self._lines[: end + 2]
        if word == b"INFO":
            self._greet(json.loads(rest))
        elif word == b"PING":
            self._write(b"PONG\r\n")
        elif word == b"PONG" and not self.subscribed.done():
            self.is_open = True
            self.subscribed.set_result(None)
        elif word == b"-ERR":
            raise ConnectionError(rest.decode())
        return True

    def _greet(self, info: dict[str, object]) -> None:
        if info.get("ldm"):
            self.leaving.set()
        elif not self.is_open and not info.get("connect_info"):
            options = {"verbose": False, "headers": True, "protocol": 1, "lang": "bare",
                       "version": "1", "no_responders": False}  # fmt: skip
            connect = json.dumps(options | self._login).encode()
            self._write(b"CONNECT %b\r\nSUB %b 1\r\nPING\r\n" % (connect, self._subject.encode()))

    def _take_message(self, rest: bytes, start: int) -> bool:
        sizes = rest.split()
        head, total = int(sizes[-2]), int(sizes[-1])
        if len(self._lines) < start + total + 2:
            return False
        headers = bytes(self._lines[start : start + head])
        data = bytes(self._lines[start + head : start + total])
        del self._lines[: start + total + 2]
        _, _, after = headers.partition(b"Nats-Sequence: ")
        self._on_message(int(after.partition(b"\r\n")[0]), data)
        return True

    def _write(self, payload: bytes, kind: int = BINARY) -> None:
        """Send one frame; its mask is all zeros, which leaves the payload as it is."""
        if self._transport is None:
            return
        size = len(payload)
        head = bytes([0x80 | kind, 0x80 | min(size, 126)])
        if size >= 126:
            head += struct.pack(">H", size)
        self._transport.write(head + b"\0\0\0\0" + payload)
