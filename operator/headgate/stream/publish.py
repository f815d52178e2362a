"""Publishes a message once, however often it has to be sent."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from headgate.stream.connection import Connection
from headgate.stream.errors import PublishFailedError, TryAgainError

MESSAGE_ID = "Nats-Msg-Id"


@dataclass(frozen=True, kw_only=True)
class Published:
    """Where a message was stored."""

    stream: str
    sequence: int
    is_duplicate: bool
    """The stream had this message_id already: from an earlier attempt, or an earlier call."""


async def publish(
    connection: Connection,
    subject: str,
    data: bytes,
    *,
    message_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Published:
    """Return when a stream has stored the message.

    An attempt that was not answered is repeated with the same id, which the stream recognises.
    PublishFailedError: the stream refused it, or did not answer in Timing.publish_within.
    """
    sent = dict(headers or {}) | {MESSAGE_ID: message_id or secrets.token_hex(12)}
    last: Exception | None = None
    try:
        async with asyncio.timeout(connection.timing.publish_within):
            for attempt in count():
                try:
                    return await _attempt(connection, subject, data, sent)
                except TryAgainError as error:
                    last = error
                await connection.pause(attempt)
    except TimeoutError:
        pass
    raise PublishFailedError(
        f"{subject}: not stored within {connection.timing.publish_within:g} s ({last}). "
        "Is there a stream with this subject, and has it a leader?"
    ) from last


async def _attempt(
    connection: Connection, subject: str, data: bytes, headers: dict[str, str]
) -> Published:
    link = await connection.link()
    reply = await link.request(subject, data, connection.timing.request_timeout, headers)
    try:
        answer = json.loads(reply.data)
        error = answer.get("error")
        if error is None:
            return Published(
                stream=answer["stream"],
                sequence=answer["seq"],
                is_duplicate=answer.get("duplicate", False),
            )
    except (ValueError, KeyError, AttributeError) as unreadable:
        raise PublishFailedError(
            f"{subject}: answered by something that is no stream: {reply.data[:100]!r}"
        ) from unreadable
    text = f"{subject}: {error.get('description')} (code {error.get('err_code')})"
    if int(error.get("code", 0)) >= 500:  # noqa: PLR2004  # as in HTTP: the server's trouble
        raise TryAgainError(text)
    raise PublishFailedError(text)
