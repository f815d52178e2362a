"""Thousands of bare WebSocket clients in one process; prints the lines that in_pod.py prints.

Run: `GATEWAY_USER=U GATEWAY_PASSWORD=P python bare_crowd.py --url ws://A --url ws://B --clients N`.
"""

import argparse
import asyncio
import contextlib
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.load.stream.bare_socket import BareSocket
from tests.load.stream.in_pod import LIVE, PASSWORD, USER, Page, figures, say

CONNECTS_AT_ONCE = 100
LINE_SECONDS = 0.5
MOVE_WITHIN_SECONDS = 5.0
SETTLE_SECONDS = 2.0
LOGIN = {"user": USER, "pass": PASSWORD}


class BareReader:
    """One client: on the first address, and on the next one when its server leaves."""

    lost = 0
    error = ""

    def __init__(self, urls: list[str], page: Page) -> None:
        self.page = page
        self.moves = self.reconnects = 0
        self._urls = urls
        self._socket: BareSocket | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        return self._socket is not None and self._socket.is_open

    async def start(self) -> None:
        self._socket = await self._open()
        self._keeper = asyncio.create_task(self._keep(self._socket))

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
        if self._socket is not None:
            self._socket.close()

    async def _open(self) -> BareSocket:
        url = self._urls[0]
        host, _, port = urlsplit(url).netloc.rpartition(":")
        _, opened = await asyncio.get_running_loop().create_connection(
            lambda: BareSocket(url, LOGIN, LIVE, self.page.take), host, int(port)
        )
        await opened.subscribed
        return opened

    async def _keep(self, current: BareSocket) -> None:
        while True:
            await current.leaving.wait()
            was_open = current.is_open
            self._urls = [*self._urls[1:], self._urls[0]]
            await asyncio.sleep(random.random() * MOVE_WITHIN_SECONDS)  # noqa: S311  (spreads load)
            self._socket = await self._open()
            if was_open:
                self.moves += 1
                await asyncio.sleep(SETTLE_SECONDS)
            else:
                self.reconnects += 1
            current.close()
            current = self._socket


async def run(urls: list[str], clients: int) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    delays: Counter[int] = Counter()
    readers = [BareReader(list(urls), Page(delays)) for _ in range(clients)]
    starting = asyncio.create_task(_start(readers))
    while not over.is_set():
        say(figures(readers, delays) | PUBLISHES_NOTHING)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LINE_SECONDS)
    starting.cancel()
    say(figures(readers, delays) | PUBLISHES_NOTHING | {"done": True})
    for reader in readers:
        await reader.stop()


PUBLISHES_NOTHING = {"done": False, "published": 0, "refused": 0, "last_sequence": 0}


async def _start(readers: list[BareReader]) -> None:
    for first in range(0, len(readers), CONNECTS_AT_ONCE):
        group = readers[first : first + CONNECTS_AT_ONCE]
        await asyncio.gather(*(reader.start() for reader in group))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", action="append", required=True)
    parser.add_argument("--clients", type=int, required=True)
    given: SimpleNamespace = parser.parse_args(namespace=SimpleNamespace())
    asyncio.run(run(given.url, given.clients))


if __name__ == "__main__":
    main()
