"""Publishes at a steady rate, and knows the last sequence that a stream took."""

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from headgate.stream import StreamClient
from tests.builders.nats_cluster import APP


class SteadyPublisher:
    """A context manager that publishes while it is open; the data is the time of publishing."""

    def __init__(self, urls: Sequence[str], subject: str, *, per_second: float) -> None:
        self._client = StreamClient(
            urls, name="publisher", user=APP["user"], password=APP["password"]
        )
        self._subject = subject
        self._pause = 1 / per_second
        self._task: asyncio.Task[None] | None = None
        self._is_stopping = False
        self.last = 0
        self.count = 0

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        self._task = asyncio.create_task(self._publish())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        await self._client.__aexit__(None, None, None)

    async def stop(self) -> None:
        """Stop; what was under way is stored or not, but not left open."""
        if self._task is not None:
            task, self._task = self._task, None
            self._is_stopping = True
            await task

    async def _publish(self) -> None:
        due = time.monotonic()
        while not self._is_stopping:
            stored = await self._client.publish(self._subject, repr(time.time()).encode())
            self.last = max(self.last, stored.sequence)
            self.count += 1
            due = max(due + self._pause, time.monotonic() - 1)  # late after an election: catch up
            await asyncio.sleep(max(0.0, due - time.monotonic()))
