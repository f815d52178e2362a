"""The bounded queue between a connection and an application that may be slow."""

import asyncio
from collections import deque

from headgate.stream.message import Arrival

OVERHEAD_BYTES = 512
"""About what a message costs beside its data."""


class ArrivalBuffer:
    """Arrivals that wait for the application, bounded in number and bytes.

    What does not fit is dropped and remembered as a doubt: the stream has it. That is how a slow
    reader costs neither memory nor messages.
    """

    def __init__(self, *, most_messages: int, most_bytes: int) -> None:
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._waiting: deque[Arrival] = deque()
        self._bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._doubt = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, arrival: Arrival) -> bool:
        """Keep an arrival; False if there was no room."""
        size = len(arrival.message.data) + OVERHEAD_BYTES
        is_full = len(self._waiting) >= self._most_messages or (
            bool(self._waiting) and self._bytes + size > self._most_bytes
        )
        if is_full:
            self.doubt()
            return False
        self._waiting.append(arrival)
        self._bytes += size
        self._wake()
        return True

    def doubt(self) -> None:
        """Note that messages may have been missed; wakes the reader."""
        self._doubt = True
        self._wake()

    def take_doubt(self) -> bool:
        """Return whether there was a doubt, and forget it."""
        doubted, self._doubt = self._doubt, False
        return doubted

    async def get(self, seconds: float) -> Arrival | None:
        """Return the next arrival; None after that time, or at once when only a doubt is left."""
        if not self._waiting and not self._doubt:
            await self._wait(seconds)
        if not self._waiting:
            return None
        arrival = self._waiting.popleft()
        self._bytes -= len(arrival.message.data) + OVERHEAD_BYTES
        return arrival

    async def _wait(self, seconds: float) -> None:
        """Wait to be woken, for a time. By hand: this is done for each message of each reader."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
