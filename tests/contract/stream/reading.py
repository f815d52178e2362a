"""An application that reads a stream: what it got, and a way to wait for more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from headgate.stream import Lost, Message, StreamClient, Timing
from tests.builders.nats_cluster import APP

QUICK = Timing(
    connect_within=10,
    move_within=0.2,
    settle=0.3,
    backoff_first=0.2,
    backoff_most=1,
    idle_check=0.5,
    request_timeout=1,
)


def a_client(urls: list[str], name: str, **changes: Any) -> StreamClient:
    options: dict[str, Any] = {"name": name, "timing": QUICK, **APP} | changes
    return StreamClient(urls, **options)


class Application:
    """Reads until it is stopped; a pause before each message makes it slow."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.lost: list[Lost] = []
        self.pause = 0.0
        self._more = asyncio.Condition()

    @property
    def sequences(self) -> list[int]:
        return [message.sequence for message in self.got]

    async def read(self, client: StreamClient, stream: str, **options: Any) -> None:
        async with aclosing(client.messages(stream, on_lost=self.lost.append, **options)) as read:
            async for message in read:
                self.got.append(message)
                async with self._more:
                    self._more.notify_all()
                if self.pause:
                    await asyncio.sleep(self.pause)

    async def has_read(self, count: int, seconds: float = 15) -> None:
        """Wait for that many messages."""
        async with asyncio.timeout(seconds), self._more:
            await self._more.wait_for(lambda: len(self.got) >= count)


@asynccontextmanager
async def reading(client: StreamClient, stream: str, **options: Any) -> AsyncIterator[Application]:
    """Read a stream in the background, from its beginning unless told otherwise."""
    application = Application()
    task = asyncio.create_task(application.read(client, stream, **({"after": 0} | options)))
    try:
        yield application
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
