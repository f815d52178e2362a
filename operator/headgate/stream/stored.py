"""Reads what a stream holds, by its request subjects.

Direct gets are answered by any replica and pass no queue of the JetStream API, so that thousands
of clients may ask at once; a replica may lag behind. Only what must be certain is asked of the
stream's leader.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nats.aio.msg import Msg

from headgate.stream.connection import Connection
from headgate.stream.errors import StreamError, StreamNotFoundError, TryAgainError
from headgate.stream.link import Link
from headgate.stream.live_subject import StreamShape
from headgate.stream.message import Arrival, Message, read_stored
from headgate.stream.sequence import count_unbroken

BATCH_MESSAGES = 256
BATCH_BYTES = 256 << 10
"""A quarter of what a gateway lets wait for one client before it counts as too slow."""
END_OF_BATCH = "204"
NOT_FOUND = "404"
NO_RESPONDERS = "503"
STREAM_NOT_FOUND = 10059
NO_MESSAGE_FOUND = 10037
SERVERS_TROUBLE = 500
"""Codes from here on are, as in HTTP, not the asker's fault."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Messages in order, and whether the stream may hold more after them."""

    messages: tuple[Message, ...]
    has_more: bool


class StoredStream:
    """Questions to one stream; each raises TryAgainError if nobody answers."""

    def __init__(self, connection: Connection, name: str) -> None:
        self.name = name
        self._connection = connection

    async def describe(self) -> StreamShape:
        """Ask the leader for the stream's configuration and its first and last sequence."""
        answer = await self._ask_leader("STREAM.INFO", {})
        config, state = answer["config"], answer["state"]
        republish = config.get("republish") or {}
        return StreamShape(
            name=self.name,
            subjects=tuple(config.get("subjects") or (">",)),
            first=max(state["first_seq"], 1),
            last=state["last_seq"],
            allow_direct=config.get("allow_direct", False),
            republish_from=republish.get("src", ""),
            republish_to=republish.get("dest", ""),
            headers_only=republish.get("headers_only", False),
        )

    async def next_at_leader(self, position: int, subject: str) -> int | None:
        """Ask the leader for the sequence of the next message that it holds after a position."""
        query = {"seq": position + 1, "next_by_subj": subject}
        answer = await self._ask_leader("STREAM.MSG.GET", query)
        return int(answer["message"]["seq"]) if "message" in answer else None

    async def newest(self, subject: str) -> int | None:
        """Ask any replica for the sequence of the last message that it holds of a subject."""
        link = await self._connection.link()
        query = json.dumps({"last_by_subj": subject}).encode()
        reply = await link.request(
            f"$JS.API.DIRECT.GET.{self.name}", query, self._connection.timing.request_timeout
        )
        if _status(reply) == NOT_FOUND:
            return None
        stored = read_stored(reply.subject, reply.data, reply.headers)
        if stored is None:
            raise TryAgainError(f"stream {self.name}: an answer without a sequence")
        return stored.message.sequence

    async def after(self, position: int, subject: str) -> Batch:
        """Ask any replica for the messages of a subject that follow a position."""
        link = await self._connection.link()
        replies: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = link.new_inbox()
        subscription = await link.listen(inbox, replies.put_nowait)
        try:
            query = {
                "seq": position + 1,
                "next_by_subj": subject,
                "batch": BATCH_MESSAGES,
                "max_bytes": BATCH_BYTES,
            }
            asked = f"$JS.API.DIRECT.GET.{self.name}"
            await link.send(asked, json.dumps(query).encode(), inbox)
            return await self._gather(replies, link, (asked, inbox))
        finally:
            await link.unsubscribe(subscription)

    async def _gather(
        self, replies: asyncio.Queue[Msg], link: Link, subjects: Sequence[str]
    ) -> Batch:
        """Return what comes; `subjects` are those that this user may be denied."""
        got: list[Arrival] = []
        has_more = True
        while True:
            try:
                async with asyncio.timeout(self._connection.timing.request_timeout):
                    reply = await replies.get()
            except TimeoutError:
                if not got:
                    text = f"stream {self.name}: no answer"
                    denials = [denial for each in subjects if (denial := link.denied(each))]
                    raise denials[0] if denials else TryAgainError(text) from None
                break
            status = _status(reply)
            if status == NO_RESPONDERS:
                raise TryAgainError(f"stream {self.name}: no replica is there to answer")
            if status is not None:
                has_more = status == END_OF_BATCH and _pending(reply) > 0
                break
            stored = read_stored(reply.subject, reply.data, reply.headers)
            if stored is None:
                raise TryAgainError(f"stream {self.name}: an answer without a sequence")
            got.append(stored)
            if "Nats-Num-Pending" not in (reply.headers or {}):
                break  # a server older than 2.11 sends one message, and no end
        sequences = [item.message.sequence for item in got]
        whole = count_unbroken(sequences, [item.follows for item in got])
        return Batch(
            messages=tuple(item.message for item in got[:whole]),
            has_more=has_more or whole < len(got),
        )

    async def _ask_leader(self, verb: str, query: dict[str, Any]) -> dict[str, Any]:
        link = await self._connection.link()
        reply = await link.request(
            f"$JS.API.{verb}.{self.name}",
            json.dumps(query).encode(),
            self._connection.timing.request_timeout,
        )
        return read_answer(self.name, reply.data)


def read_answer(stream: str, data: bytes) -> dict[str, Any]:
    """Return an answer of the JetStream API; no message found is an answer.

    TryAgainError: the servers are in trouble. StreamNotFoundError, StreamError: asking again
    would not help.
    """
    try:
        answer: dict[str, Any] = json.loads(data)
    except ValueError as error:
        raise TryAgainError(f"stream {stream}: an answer that is no JSON") from error
    fault = answer.get("error")
    if fault is None or fault.get("err_code") == NO_MESSAGE_FOUND:
        return answer
    if fault.get("err_code") == STREAM_NOT_FOUND:
        raise StreamNotFoundError(
            f"there is no stream {stream} in this user's account: see the gateway's "
            "spec.streams, and that the user belongs to it"
        )
    text = f"stream {stream}: {fault.get('description')}"
    if int(fault.get("code", 0)) >= SERVERS_TROUBLE:
        raise TryAgainError(text)
    raise StreamError(text)


def _status(reply: Msg) -> str | None:
    """Return the status of a reply that is no message."""
    if reply.data or not reply.headers:
        return None
    return reply.headers.get("Status")


def _pending(reply: Msg) -> int:
    text = (reply.headers or {}).get("Nats-Num-Pending", "0")
    return int(text) if text.isdecimal() else 0
