"""What both ways of reading a stream share: the place, losses, patience."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

from headgate.stream.connection import Connection
from headgate.stream.errors import MessagesLostError, StreamWentBackError, TryAgainError
from headgate.stream.live_subject import StreamShape
from headgate.stream.message import Lost, Message
from headgate.stream.sequence import Place
from headgate.stream.stored import StoredStream

OnLost = Callable[[Lost], None]
LOOKS_BELIEVED = 3
LOOKS_APART_SECONDS = 1.0
"""So often in a row, and so far apart, a stream must seem shorter than what was read before that is
believed: a new leader catches up."""
FAILURES_EXAMINED = 5
"""After so many unanswered questions the leader is asked whether the stream exists at all."""


class Reader:
    """One reader's place in a stream, and what to do when the stream and the place disagree."""

    def __init__(
        self,
        connection: Connection,
        stream: StoredStream,
        subject: str,
        on_lost: OnLost | None,
    ) -> None:
        self.connection = connection
        self.stream = stream
        self.subject = subject
        self.place = Place(position=0, is_whole=False)
        self._on_lost = on_lost
        self._seen_shorter = 0
        self._seen_shorter_at = 0.0

    def begin(self, shape: StreamShape, after: int | None, *, is_whole: bool) -> None:
        """Stand where reading begins: after a sequence, or at the stream's end for None."""
        position = shape.last if after is None else after
        if after == 0:
            position = shape.first - 1
        self.place = Place(position=position, is_whole=is_whole, verified=position)

    def hand_on(self, message: Message) -> Message:
        """Move on to a message that the application gets."""
        self.place.take(message.sequence)
        self.connection.counters.delivered += 1
        return message

    def report(self, lost: Lost | None) -> None:
        """Tell the application what it will never get; go on after it."""
        if lost is None:
            return
        self.place.take(lost.last)
        self.connection.counters.lost += lost.last - lost.first + 1
        if self._on_lost is None:
            raise MessagesLostError(self.stream.name, lost.first, lost.last)
        self._on_lost(lost)

    def must_not_be_shorter(self, shape: StreamShape) -> bool:
        """Return whether the stream reaches this place; StreamWentBackError if it stays shorter."""
        if shape.last >= self.place.position:
            self._seen_shorter = 0
            return True
        now = asyncio.get_running_loop().time()
        if now - self._seen_shorter_at >= LOOKS_APART_SECONDS:
            self._seen_shorter_at = now
            self._seen_shorter += 1
        if self._seen_shorter >= LOOKS_BELIEVED:
            raise StreamWentBackError(
                f"stream {self.stream.name} ends at {shape.last}, but {self.place.position} was "
                "read before: it was made anew or lost its disk. Start again with after=0, or "
                "after=None for what is new"
            )
        return False

    async def patiently[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return an answer, asking until there is one; failures that stay are raised."""
        for attempt in count():
            try:
                return await ask()
            except TryAgainError:
                if attempt % FAILURES_EXAMINED == FAILURES_EXAMINED - 1:
                    await self._must_exist()
            await self.connection.pause(attempt)
        raise AssertionError("unreachable")

    async def _must_exist(self) -> None:
        try:
            await self.stream.describe()
        except TryAgainError:
            await asyncio.sleep(0)  # nobody can say: the question is asked again
