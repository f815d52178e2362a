"""The streaming client that loses nothing; its contract is docs/explanation/zero-loss.md."""

import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Self

from headgate.stream.access import Access, Timing
from headgate.stream.buffer import ArrivalBuffer
from headgate.stream.connection import Connection
from headgate.stream.consumer import ConsumerReader
from headgate.stream.live import LiveReader
from headgate.stream.live_subject import choose_live_subject, takes_all
from headgate.stream.message import Lost, Message
from headgate.stream.publish import Published, publish
from headgate.stream.reader import Reader
from headgate.stream.state import Counters, State
from headgate.stream.stored import StoredStream

BUFFER_MESSAGES = 1024
BUFFER_BYTES = 8 << 20


class StreamClient:
    """Reads streams of a gateway, every message once and in order, whatever its servers do.

    An async context manager: entering connects, leaving closes. One client is one connection; it
    may be read from several times at once, by one event loop.
    """

    def __init__(
        self,
        servers: Sequence[str],
        *,
        user: str | None = None,
        password: str | None = None,
        token: str | None = None,
        credentials: Path | None = None,
        tls: ssl.SSLContext | None = None,
        name: str = "headgate-stream",
        inbox_prefix: str = "_INBOX",
        timing: Timing | None = None,
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        """Keep the addresses (`nats://`, `tls://`, `ws://`, `wss://`) and credentials.

        ValueError for an address that is none. `on_state` is called at each change of `state`.
        """
        access = Access(
            servers=tuple(servers),
            user=user,
            password=password,
            token=token,
            credentials=credentials,
            tls=tls,
            name=name,
            inbox_prefix=inbox_prefix,
        )
        self.counters = Counters()
        self._connection = Connection(access, timing or Timing(), self.counters, on_state)

    @property
    def state(self) -> State:
        """Where the connection is now."""
        return self._connection.state

    @property
    def server_id(self) -> str:
        """The id of the server that this client is connected to, or was last."""
        return self._connection.server_id

    async def __aenter__(self) -> Self:
        """Connect; for the errors see Connection.open."""
        await self._connection.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; iterations that are under way end with StreamError."""
        await self._connection.close()

    async def messages(
        self,
        stream: str,
        *,
        subject: str = ">",
        after: int | None = None,
        on_lost: Callable[[Lost], None] | None = None,
        buffer_messages: int = BUFFER_MESSAGES,
        buffer_bytes: int = BUFFER_BYTES,
    ) -> AsyncGenerator[Message]:
        """Yield the messages of a stream that a subject filter lets through, in stream order.

        `after` is the last sequence that the application has dealt with: 0 for everything that is
        held, None for what is published from now on. To go on after a crash, keep the sequence
        of the last message that was dealt with, and give it here.

        Messages that the stream let go of (maxAge, maxBytes, a purge) before they could be read
        are reported to `on_lost`; without it MessagesLostError is raised. At most
        `buffer_messages` and `buffer_bytes` wait for the application; more is fetched later.
        """
        stored = StoredStream(self._connection, stream)
        reader = Reader(self._connection, stored, subject, on_lost)
        shape = await reader.patiently(stored.describe)
        live = choose_live_subject(shape, subject)
        if live is None:
            is_whole = takes_all(shape, subject)
            got = ConsumerReader(reader).messages(after, is_whole=is_whole)
        else:
            buffer = ArrivalBuffer(most_messages=buffer_messages, most_bytes=buffer_bytes)
            got = LiveReader(reader, live, buffer).messages(after)
        async with aclosing(got):
            async for message in got:
                yield message

    async def publish(
        self,
        subject: str,
        data: bytes,
        *,
        message_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Published:
        """Return when a stream has stored a message; with the same `message_id`, once only.

        PublishFailedError: it was refused, or not answered in `Timing.publish_within`.
        """
        return await publish(
            self._connection, subject, data, message_id=message_id, headers=headers
        )
