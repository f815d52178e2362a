"""Many subscribers and one publisher in one process, each with a ledger; runs inside a pod.

It needs only what the operator's image has. Each second one line of JSON says what all have seen;
after SIGTERM, or when the time is over, a last one says what is missing and what came twice.
Run: `python in_pod.py --url ws://NAME:8080 --clients 100 --rate 5 --seconds 120`.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import time
from typing import Any

from headgate.stream import PublishFailedError, StreamClient, StreamError

STREAM = "predictions"
SUBJECT = "predictions.load"
CONNECTS_AT_ONCE = 50
SETTLE_SECONDS = 5.0


class Subscriber:
    """One client and the sequences that its application was handed."""

    def __init__(self, url: str) -> None:
        self.client = StreamClient([url], user=os.environ["GATEWAY_USER"],
                                   password=os.environ["GATEWAY_PASSWORD"])  # fmt: skip
        self.first = 0
        self.last = 0
        self.received = 0
        self.out_of_order = 0
        self.error = ""
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.client.__aenter__()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for message in self.client.messages(STREAM):
                self.first = self.first or message.sequence
                self.out_of_order += message.sequence <= self.last
                self.last = message.sequence
                self.received += 1
        except StreamError as error:
            self.error = repr(error)

    def missing(self, upto: int) -> int:
        """Sequences up to `upto` that were not handed on, though the first of them was."""
        return max(0, upto - self.first + 1 - self.received) if self.first else upto

    async def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        await self.client.__aexit__(None, None, None)


class Run:
    """All of it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.subscribers = [Subscriber(options.url) for _ in range(options.clients)]
        self.published = 0
        self.refused = 0
        self.last_sequence = 0
        self.over = asyncio.Event()

    async def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.over.set)
        for start in range(0, len(self.subscribers), CONNECTS_AT_ONCE):
            group = self.subscribers[start : start + CONNECTS_AT_ONCE]
            await asyncio.gather(*(each.start() for each in group))
        await asyncio.sleep(1)
        telling = asyncio.create_task(self.tell())
        publishing = asyncio.create_task(self.publish())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self.options.seconds)
        publishing.cancel()
        await asyncio.sleep(SETTLE_SECONDS)
        telling.cancel()
        self.print(done=True)
        await asyncio.gather(*(each.stop() for each in self.subscribers))

    async def publish(self) -> None:
        async with StreamClient([self.options.url], user=os.environ["GATEWAY_USER"],
                                password=os.environ["GATEWAY_PASSWORD"]) as client:  # fmt: skip
            while True:
                data = f"{time.time():.6f}".encode()
                try:
                    stored = await client.publish(SUBJECT, data, message_id=str(self.published))
                    self.published += 1
                    self.last_sequence = max(self.last_sequence, stored.sequence)
                except PublishFailedError:
                    self.refused += 1  # tried again with the same id: it is stored once
                await asyncio.sleep(1 / self.options.rate)

    async def tell(self) -> None:
        while True:
            self.print(done=False)
            await asyncio.sleep(1)

    def print(self, *, done: bool) -> None:
        counters: list[Any] = [each.client.counters for each in self.subscribers]
        told = {
            "done": done,
            "clients": len(self.subscribers),
            "published": self.published,
            "refused": self.refused,
            "behind": max(self.last_sequence - each.last for each in self.subscribers),
            "missing": sum(each.missing(each.last) for each in self.subscribers),
            "missing_at_end": sum(each.missing(self.last_sequence) for each in self.subscribers),
            "twice": sum(each.out_of_order for each in self.subscribers),
            "moves": sum(each.moves for each in counters),
            "reconnects": sum(each.reconnects for each in counters),
            "lost": sum(each.lost for each in counters),
            "errors": [each.error for each in self.subscribers if each.error][:3],
        }
        print(json.dumps(told), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=300.0)
    asyncio.run(Run(parser.parse_args()).run())


if __name__ == "__main__":
    main()
