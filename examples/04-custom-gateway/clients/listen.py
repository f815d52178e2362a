"""Clients that miss no tick when their server leaves: they connect anew before they go.

    python listen.py --url ws://ticker:8080/ws --clients 40

Each second a line says what all have heard; after SIGTERM a last one, with "done": true.
"""

import argparse
import asyncio
import json
import signal
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse

CONNECT_AGAIN_SECONDS = 0.5


@dataclass(eq=False)
class Listener:
    """One client. While it moves, it listens to two servers."""

    http: ClientSession
    url: str
    heard: set[int] = field(default_factory=set)
    moved: int = 0
    cut: int = 0
    connected: int = 0
    """Servers that it is connected to."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, before: "Hearing | None" = None) -> None:
        """Connect to some server; the one before is left once this one goes on from there."""
        task = asyncio.create_task(self._listen(before))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Leave."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def missing(self) -> int:
        """Ticks between the first and the last that it heard, and did not hear."""
        return max(self.heard) - min(self.heard) + 1 - len(self.heard) if self.heard else 0

    async def _listen(self, before: "Hearing | None") -> None:
        while True:
            try:
                async with self.http.ws_connect(self.url) as websocket:
                    self.connected += 1
                    hearing = Hearing(websocket, before)
                    try:
                        await self._hear(hearing)
                    finally:
                        self.connected -= 1
                if hearing.asked:
                    return
                self.cut += 1  # nobody asked: it comes back where it can
                before = None
            except ClientError:
                await asyncio.sleep(CONNECT_AGAIN_SECONDS)

    async def _hear(self, hearing: "Hearing") -> None:
        async for frame in hearing.websocket:
            told = json.loads(frame.data)
            if "leave" in told and not hearing.asked:
                hearing.asked = True
                self.moved += 1
                self.start(hearing)
            if "tick" in told:
                self.heard.add(told["tick"])
                await hearing.at(told["tick"])


@dataclass(eq=False)
class Hearing:
    """What comes from one server, and when the one before it can be left."""

    websocket: ClientWebSocketResponse
    before: "Hearing | None"
    asked: bool = False
    last: int = 0
    until: int | None = None
    """With this tick it has told all that its successor does not."""

    async def at(self, tick: int) -> None:
        """Note a tick; leave who is not needed any more."""
        self.last = tick
        if self.before is not None:
            before, self.before = self.before, None
            await before.needed_until(tick - 1)
        if self.until is not None and self.last >= self.until:
            await self.websocket.close()

    async def needed_until(self, tick: int) -> None:
        """Leave once this tick has come; at once, where it has."""
        self.until = tick
        if self.last >= tick:
            await self.websocket.close()


async def main(url: str, count: int) -> None:
    """Listen until SIGTERM."""
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with ClientSession() as http:
        listeners = [Listener(http, url) for _ in range(count)]
        for listener in listeners:
            listener.start()
        while not over.is_set():
            tell(listeners, done=False)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 1)
        tell(listeners, done=True)
        await asyncio.gather(*(listener.stop() for listener in listeners))


def tell(listeners: list[Listener], *, done: bool) -> None:
    """Print one line of JSON."""
    told = {
        "done": done,
        "clients": len(listeners),
        "connected": sum(each.connected > 0 for each in listeners),
        "heard": min(len(each.heard) for each in listeners),
        "missing": sum(each.missing for each in listeners),
        "moved": sum(each.moved for each in listeners),
        "cut": sum(each.cut for each in listeners),
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, default=40)
    given = parser.parse_args()
    asyncio.run(main(given.url, given.clients))
