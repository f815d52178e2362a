"""The library's WebSocket, with fewer packets: one costs more work than all the words in it."""

from nats.aio.transport import WebSocketTransport

BEFORE_A_PING = b"CONNECT "
"""The library sends a PING right after it, and waits for the answer to that."""


class LeanWebSocket(WebSocketTransport):
    """One frame for all that waits to be sent, where the library makes one of each command."""

    def __init__(self, ws_headers: dict[str, list[str]] | None = None) -> None:
        super().__init__(ws_headers)
        self._waiting: list[bytes] = []

    def write(self, payload: bytes) -> None:
        """Keep what is to be sent."""
        self._waiting.append(payload)

    def writelines(self, payload: list[bytes]) -> None:
        """Keep what is to be sent."""
        self._waiting.extend(payload)

    async def drain(self) -> None:
        """Send what waits; a CONNECT waits for its PING."""
        if self._ws is None or not self._waiting or self._waiting[-1].startswith(BEFORE_A_PING):
            return
        frame = b"".join(self._waiting)
        self._waiting.clear()
        await self._ws.send_bytes(frame)
