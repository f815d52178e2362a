"""Reads a stream through a consumer, where it is not repeated live for the filter asked for.

The consumer is a cursor at the server, made anew from our own place whenever anything is odd:
another connection, a missing heartbeat, a hole in its numbers. It is pulled, so that a slow
application asks later, and nothing piles up.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from nats.aio.msg import Msg

from headgate.stream.errors import TryAgainError
from headgate.stream.link import Link
from headgate.stream.message import Message
from headgate.stream.reader import Reader
from headgate.stream.stored import read_answer

BATCH_MESSAGES = 256
BATCH_BYTES = 256 << 10
PULL_SECONDS = 30.0
FORGOTTEN_SECONDS = 60.0
"""A consumer that nobody pulls from is deleted by the server after that."""
NANOSECONDS = 1_000_000_000
HEARTBEAT = "100"
OUT_OF_TIME = "408"
TOO_LARGE = "Exceeds MaxBytes"
"""Of a pull that ends because the next message does not fit; if it was the first, it is larger than
all that a pull may bring, and is pulled alone."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Where a message stands, by the subject for its acknowledgement."""

    sequence: int
    count: int
    """How many this consumer has delivered, this one included."""
    left: int
    """How many it has still to deliver."""


def read_delivery(reply: str) -> Delivery | None:
    """Return what `$JS.ACK...` says; None for other subjects.

    The last five tokens are sequence in the stream, in the consumer, time, messages left (and a
    random one in the longer form, with domain and account hash in front).
    """
    tokens = reply.split(".")
    if tokens[:2] != ["$JS", "ACK"] or len(tokens) < 9:  # noqa: PLR2004  # the short form
        return None
    at = 5 if len(tokens) == 9 else 7  # noqa: PLR2004  # the short form
    return Delivery(sequence=int(tokens[at]), count=int(tokens[at + 1]), left=int(tokens[at + 3]))


class ConsumerReader:
    """One iteration over a stream; a rider of the connection."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._connection = reader.connection
        self._replies: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._end_before = 0

    async def join(self, link: Link) -> None:
        """Nothing: the consumer is a cursor that is set up anew where the client then is."""

    def wake(self) -> None:
        """Look at the connection again."""
        self._replies.put_nowait(None)

    def moved(self, link: Link) -> None:
        """Nothing: the consumer is set up anew by then."""

    async def messages(self, after: int | None, *, is_whole: bool) -> AsyncGenerator[Message]:
        """Yield every message once, in order; see StreamClient.messages."""
        reader = self._reader
        await self._connection.add(self)
        try:
            reader.begin(await reader.patiently(reader.stream.describe), after, is_whole=is_whole)
            attempt = 0
            while True:
                link = await self._connection.link()
                before = reader.place.position
                try:
                    async with aclosing(self._from_one_consumer(link)) as got:
                        async for message in got:
                            yield message
                except TryAgainError:
                    attempt = 0 if reader.place.position > before else attempt + 1
                    await self._connection.pause(attempt)
        finally:
            self._connection.remove(self)

    async def _from_one_consumer(self, link: Link) -> AsyncGenerator[Message]:
        await self._check_losses()
        self._end_before = 0
        self._replies = asyncio.Queue()
        inbox = link.new_inbox()
        subscription = await link.subscribe(inbox, self._replies.put_nowait)
        name = secrets.token_hex(8)
        try:
            await self._create(link, name)
            count = 0
            async with aclosing(self._pulled(link, name, inbox)) as pulled:
                async for msg, delivery in pulled:
                    if delivery.count != count + 1:
                        raise TryAgainError("a delivery went missing")
                    count = delivery.count
                    if delivery.sequence > self._reader.place.position:
                        self._reader.report(self._reader.place.missing_before(delivery.sequence))
                        yield self._reader.hand_on(_message(msg, delivery))
        finally:
            await link.unsubscribe(subscription)
            await self._delete(link, name)

    async def _pulled(
        self, link: Link, name: str, inbox: str
    ) -> AsyncGenerator[tuple[Msg, Delivery]]:
        """Pull batch after batch, until this connection is no longer the one in use."""
        place = self._reader.place
        batch = BATCH_MESSAGES
        while self._connection.is_current(link):
            await self._pull(link, name, inbox, batch)
            wanted, batch = batch, BATCH_MESSAGES
            for got in range(wanted):
                reply = await self._message_reply(link)
                if reply is None:
                    return
                delivery = read_delivery(reply.reply)
                if delivery is None:
                    if got == 0 and TOO_LARGE in _description(reply):
                        batch = 1
                    await self._note_end(reply)
                    break
                if got == 0 and delivery.sequence > place.position + 1:
                    # Limits may have passed the cursor while it waited for us.
                    await self._check_losses(before=delivery.sequence)
                yield reply, delivery

    async def _pull(self, link: Link, name: str, inbox: str, batch: int) -> None:
        query = {
            "batch": batch,
            "expires": int(PULL_SECONDS * NANOSECONDS),
            "idle_heartbeat": int(self._connection.timing.idle_check * NANOSECONDS),
        }
        if batch > 1:
            query["max_bytes"] = BATCH_BYTES
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._reader.stream.name}.{name}"
        await link.send(subject, json.dumps(query).encode(), inbox)

    async def _reply(self, link: Link) -> Msg | None:
        """Return the next reply, or None when the client is connected elsewhere."""
        while True:
            try:
                async with asyncio.timeout(2 * self._connection.timing.idle_check + 1):
                    reply = await self._replies.get()
            except TimeoutError:
                raise TryAgainError("no heartbeat of the consumer") from None
            if reply is not None:
                return reply
            if not self._connection.is_current(link):
                return None

    async def _message_reply(self, link: Link) -> Msg | None:
        """Return the next reply that is a message, or the end of a pull."""
        while True:
            reply = await self._reply(link)
            if reply is None or read_delivery(reply.reply) or self._is_end(reply):
                return reply

    async def _note_end(self, reply: Msg) -> None:
        """Note that a pull which ran out of time has brought all that the stream held before it."""
        if (reply.headers or {}).get("Status") == OUT_OF_TIME:
            place = self._reader.place
            place.verified = max(place.verified, self._end_before)
            self._end_before = (await self._reader.stream.describe()).last

    def _is_end(self, reply: Msg) -> bool:
        """Say whether a pull ended; TryAgainError if the consumer did."""
        status = (reply.headers or {}).get("Status")
        if status == HEARTBEAT:
            return False
        if status == OUT_OF_TIME or TOO_LARGE in _description(reply):
            return True
        raise TryAgainError(f"consumer: {status} {_description(reply)}")

    async def _check_losses(self, before: int | None = None) -> None:
        """Ask the leader whether the stream let go of what we have not had."""
        reader = self._reader
        shape = await reader.stream.describe()
        if not reader.must_not_be_shorter(shape):
            await asyncio.sleep(1)
            raise TryAgainError("the stream is shorter than what was read")
        first = shape.first if before is None else min(shape.first, before)
        reader.report(reader.place.passed_by(first))

    async def _create(self, link: Link, name: str) -> None:
        reader = self._reader
        config = {
            "name": name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": reader.place.position + 1,
            "ack_policy": "none",
            "filter_subject": reader.subject,
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": int(FORGOTTEN_SECONDS * NANOSECONDS),
        }
        body = json.dumps({"stream_name": reader.stream.name, "config": config}).encode()
        subject = f"$JS.API.CONSUMER.CREATE.{reader.stream.name}.{name}.{reader.subject}"
        reply = await link.request(subject, body, self._connection.timing.request_timeout)
        read_answer(f"{reader.stream.name}, filter {reader.subject}", reply.data)

    async def _delete(self, link: Link, name: str) -> None:
        if link.closed.is_set():
            return
        subject = f"$JS.API.CONSUMER.DELETE.{self._reader.stream.name}.{name}"
        try:
            await link.send(subject, b"", "")
        except TryAgainError:
            return  # the server forgets it by itself


def _description(reply: Msg) -> str:
    return str((reply.headers or {}).get("Description", ""))


def _message(msg: Msg, delivery: Delivery) -> Message:
    return Message(
        sequence=delivery.sequence,
        subject=msg.subject,
        data=msg.data,
        headers=dict(msg.headers or {}),
    )
