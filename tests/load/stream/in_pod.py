"""Many subscribers, or one publisher, in one process that keeps a ledger; runs inside a pod.

It needs only what the operator's image has. Every half second one line of JSON says what all have
seen so far, and how long messages took since the line before. SIGTERM ends the publishing; the
last word, `done`, comes some seconds later.
Run: `python in_pod.py --url ws://NAME:8080 --clients 100 --rate 5 --seconds 120`.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import math
import os
import signal
import socket
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import uvloop
from nats.aio.client import Client

from headgate.stream import PublishFailedError, State, StreamClient, StreamError, Timing

STREAM = "predictions"
LIVE = "headgate.live.predictions.>"
SUBJECT = "predictions.load"
CONNECTS_AT_ONCE = 50
SETTLE_SECONDS = 5.0
LINE_SECONDS = 0.5
GROWTH = 1.1
"""Of one bucket of delays to the next: a quantile is known to a twentieth."""
LEAST_DELAY = 1e-4
LOOKED_AT_AFTER = 20_000
"""New objects after which Python's collector looks at them."""
PATIENT = Timing(connect_timeout=30.0, move_within=10.0)
"""Thousands of clients share a process: hundreds that connect at once take seconds of it, and who
gives up then only makes it more."""
USER, PASSWORD = os.environ["GATEWAY_USER"], os.environ["GATEWAY_PASSWORD"]


class Page:
    """What one client was handed."""

    def __init__(self, delays: Counter[int]) -> None:
        self.first = self.last = self.received = self.twice = 0
        self._delays = delays

    def take(self, sequence: int, data: bytes) -> None:
        """Note a message; its data is the time at which it was published."""
        if sequence <= self.last:
            self.twice += 1
            return
        self.first = self.first or sequence
        self.last = sequence
        self.received += 1
        delay = max(LEAST_DELAY, time.time() - float(data))
        self._delays[round(math.log(delay, GROWTH))] += 1

    def missing(self, upto: int) -> int:
        """Sequences up to `upto` that were not handed on, though the first of them was."""
        return max(0, upto - self.first + 1 - self.received) if self.first else upto


class Reader(Protocol):
    """One client."""

    @property
    def page(self) -> Page: ...
    @property
    def error(self) -> str: ...
    @property
    def moves(self) -> int: ...
    @property
    def reconnects(self) -> int: ...
    @property
    def lost(self) -> int: ...
    @property
    def is_connected(self) -> bool: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class ContractReader:
    """A client that keeps the contract."""

    def __init__(self, url: str, page: Page) -> None:
        self.page = page
        self.error = ""
        self._client = StreamClient([url], user=USER, password=PASSWORD, timing=PATIENT)
        self._reading: asyncio.Task[None] | None = None

    @property
    def moves(self) -> int:
        return self._client.counters.moves

    @property
    def reconnects(self) -> int:
        return self._client.counters.reconnects

    @property
    def lost(self) -> int:
        return self._client.counters.lost

    @property
    def is_connected(self) -> bool:
        return self._client.state in {State.CONNECTED, State.MOVING}

    async def start(self) -> None:
        await self._client.__aenter__()
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        await self._client.__aexit__(None, None, None)

    async def _read(self) -> None:
        try:
            async for message in self._client.messages(STREAM):
                self.page.take(message.sequence, message.data)
        except StreamError as error:
            self.error = repr(error)


class PlainReader:
    """What most people write: a subscription, and the library's own reconnecting."""

    moves = lost = 0

    def __init__(self, url: str, page: Page) -> None:
        self.page = page
        self.error = ""
        self._reconnects = 0
        self._url = url
        self._client = Client()

    @property
    def reconnects(self) -> int:
        return self._reconnects

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    async def start(self) -> None:
        await self._client.connect(
            self._url,
            user=USER,
            password=PASSWORD,
            max_reconnect_attempts=-1,
            error_cb=self._ignore,
            reconnected_cb=self._count,
        )
        await self._client.subscribe(LIVE, cb=self._take)

    async def stop(self) -> None:
        await self._client.close()

    async def _take(self, message: Any) -> None:
        self.page.take(int(message.headers["Nats-Sequence"]), message.data)

    async def _count(self) -> None:
        self._reconnects += 1

    async def _ignore(self, _error: Exception) -> None:
        """Servers go away here on purpose; what it costs is counted."""


KINDS: dict[str, type[ContractReader] | type[PlainReader]] = {
    "contract": ContractReader,
    "plain": PlainReader,
}


class Run:
    """All of it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.url = resolved(options.url)
        self.delays: Counter[int] = Counter()
        kind = KINDS[options.kind]
        self.readers: list[Reader] = []
        for _ in range(options.clients):
            self.readers.append(kind(self.url, Page(self.delays)))
        self.published = self.refused = self.last_sequence = 0
        self.over = asyncio.Event()
        self.name = uuid.uuid4().hex  # another publisher may have been here a minute ago

    async def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.over.set)
        telling = asyncio.create_task(self.tell())
        for start in range(0, len(self.readers), CONNECTS_AT_ONCE):
            group = self.readers[start : start + CONNECTS_AT_ONCE]
            await asyncio.gather(*(each.start() for each in group))
        keep_from_the_collector()
        publishing = asyncio.create_task(self.publish()) if self.options.rate else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self.options.seconds)
        if publishing is not None:
            await asyncio.wait({publishing}, timeout=SETTLE_SECONDS)  # the one under way
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
        await asyncio.sleep(SETTLE_SECONDS if self.readers else 0)
        telling.cancel()
        self.print(done=True)
        await asyncio.gather(*(each.stop() for each in self.readers))

    async def publish(self) -> None:
        client = StreamClient([self.url], user=USER, password=PASSWORD)
        async with client:
            due = time.monotonic()
            while not self.over.is_set():
                data = f"{time.time():.6f}".encode()
                try:
                    stored = await client.publish(
                        SUBJECT, data, message_id=f"{self.name}-{self.published}"
                    )
                    self.published += 1
                    self.last_sequence = max(self.last_sequence, stored.sequence)
                except PublishFailedError:
                    self.refused += 1  # tried again with the same id: it is stored once
                due = max(due + 1 / self.options.rate, time.monotonic())
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.over.wait(), due - time.monotonic())

    async def tell(self) -> None:
        while True:
            self.print(done=False)
            await asyncio.sleep(LINE_SECONDS)

    def print(self, *, done: bool) -> None:
        own = {
            "done": done,
            "published": self.published,
            "refused": self.refused,
            "last_sequence": self.last_sequence,
            "missing_at_end": sum(each.page.missing(self.last_sequence) for each in self.readers),
        }
        say(figures(self.readers, self.delays) | own)


def figures(readers: Sequence[Reader], delays: Counter[int]) -> dict[str, Any]:
    """Return what all have seen so far; the delays are those since the last call."""
    pages = [each.page for each in readers]
    hearing = [page for page in pages if page.first]
    told = {
        "at": time.time(),
        "clients": len(pages),
        "hearing": len(hearing),
        "connected": sum(each.is_connected for each in readers),
        "least_last": min((page.last for page in pages), default=0),
        "most_last": max((page.last for page in pages), default=0),
        "first_sum": sum(page.first for page in hearing),
        "received": sum(page.received for page in pages),
        "twice": sum(page.twice for page in pages),
        "moves": sum(each.moves for each in readers),
        "reconnects": sum(each.reconnects for each in readers),
        "lost": sum(each.lost for each in readers),
        "errors": [each.error for each in readers if each.error][:3],
        "delays": dict(delays),
    }
    delays.clear()
    return told


def keep_from_the_collector() -> None:
    """Let Python's collector look at what comes from now on only.

    It would look through two thousand clients again and again when many of them connect at once; a
    process with one client has nothing to look through.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOKED_AT_AFTER)


def say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def resolved(url: str) -> str:
    """Return the URL with its host's address.

    Thousands of clients in one process, who would each ask for the name, keep its six threads for
    that and the cluster's DNS busy: that is no client's cost.
    """
    host = urlsplit(url).hostname or ""
    return url.replace(host, socket.gethostbyname(host), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--kind", choices=sorted(KINDS), default="contract")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second; 0: none")
    parser.add_argument("--seconds", type=float, default=300.0)
    uvloop.run(Run(parser.parse_args()).run())


if __name__ == "__main__":
    main()
