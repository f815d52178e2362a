"""The client library with less work for each message, connection and second; see LeanClient."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import nats.errors
from nats.aio.client import Client, Srv
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from headgate.stream.lean_transport import LeanWebSocket

log = logging.getLogger("headgate.stream")

PING = b"PING\r\n"


class SameServerError(nats.errors.Error):
    """The address led to the server that is to be left."""

    def __str__(self) -> str:
        return "this is the server that is to be left"


class LeanClient(Client):
    """The library's client, in seven ways otherwise.

    Every live message has six headers; the library looks at each letter of their names, which was a
    seventh of a reader's time. Where it reads headers otherwise, this is not called.

    The library has a queue and a task for each subscription, which a message waits in and wakes.
    subscribe_straight() does without.

    The library pings a server every few seconds. Here only one that has been silent for so long.

    The library sends a WebSocket frame for each command; see LeanWebSocket.

    The library writes a PING past what still waits to be written, so that its answer says nothing
    of the subscription asked for a moment before. Here it waits its turn: flush() returns when the
    server has dealt with all that came before.

    The library takes `tls://` for a wish: to a server that offers none, or to whoever answers in
    its place, it sends the password in the open. Here it says nothing and gives up.

    A server says its id before it is told anything. If that is `but_not`, nothing is said to it
    either: it need not look up a user, and tell its cluster of a connection, that leaves at once.
    """

    def __init__(self, *, but_not: str = "") -> None:
        super().__init__()
        self._but_not = but_not
        self._heard_at = 0.0

    async def subscribe_straight(
        self, subject: str, hand_on: Callable[[Msg], None]
    ) -> Subscription:
        """Subscribe; each message is handed on as it is read, before anything after it is."""

        def hear(message: Msg) -> None:
            self._heard_at = asyncio.get_running_loop().time()
            hand_on(message)

        answer: Any = _Straight(hear)
        return await self.subscribe(subject, future=answer)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        headers = {}
        for line in raw.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon and name.isascii() and not name.isspace() and " " not in name:
                headers[name] = value.strip()
        return headers

    async def _connect_to_server(self, s: Srv) -> None:
        if not self._transport and s.uri.scheme in {"ws", "wss"}:
            self._transport = LeanWebSocket(self.options["ws_connection_headers"])
        await super()._connect_to_server(s)

    def _connect_command(self) -> bytes:
        server = self._current_server
        is_wanted = server is not None and server.uri.scheme == "tls"
        if is_wanted and not self._server_info.get("tls_required"):
            raise nats.errors.SecureConnRequiredError
        if self._but_not and self._server_info.get("server_id") == self._but_not:
            raise SameServerError
        return super()._connect_command()

    async def _ping_interval(self) -> None:
        every = self.options["ping_interval"]
        loop = asyncio.get_running_loop()
        wait = every
        while self.is_connected:
            await asyncio.sleep(wait)
            silent = loop.time() - self._heard_at
            if silent < every:
                self._pings_outstanding = 0
                wait = every - silent
                continue
            wait = every
            self._pings_outstanding += 1
            if self._pings_outstanding > self.options["max_outstanding_pings"]:
                await self._process_op_err(nats.errors.StaleConnectionError())
                return
            await self._send_ping()

    async def _send_ping(self, future: asyncio.Future[Any] | None = None) -> None:
        self._pongs.append(future or asyncio.get_running_loop().create_future())
        await self._send_command(PING)
        await self._flush_pending()


class _Straight:
    """Looks to the library like the future that waits for a single answer; takes any number."""

    def __init__(self, hand_on: Callable[[Msg], None]) -> None:
        self._hand_on = hand_on

    def cancelled(self) -> bool:
        return False

    def set_result(self, message: Msg) -> None:
        try:
            self._hand_on(message)
        except Exception:
            log.exception("%s: a message that nobody could read", message.subject)
