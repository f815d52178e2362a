"""Many clients in one process, each with a page in a ledger.

Contract clients are headgate.stream; plain ones are what most people write: the well-known client
library, a subscription, and the library's own reconnecting.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Protocol

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from headgate.stream import Message, StreamClient, Timing
from tests.builders.nats_cluster import APP
from tests.load.stream.ledger import Ledger

MOST_LATENCIES = 500_000

OnDelivery = Callable[[int, bytes], None]
"""Called with a message's sequence and data."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What to read, and where."""

    urls: Sequence[str]
    stream: str
    live_subject: str
    subject: str = ">"
    user: str = APP["user"]
    password: str = APP["password"]


class Subscriber(Protocol):
    """One client; `interruptions` counts the times that it was without a server."""

    @property
    def interruptions(self) -> int: ...
    @property
    def moves(self) -> int: ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class ContractSubscriber:
    """A client that keeps the contract."""

    def __init__(self, target: Target, name: str, timing: Timing, on_delivery: OnDelivery) -> None:
        self._target = target
        self._on_delivery = on_delivery
        self._client = StreamClient(
            target.urls, user=target.user, password=target.password, name=name, timing=timing
        )
        self._reading: asyncio.Task[None] | None = None

    @property
    def interruptions(self) -> int:
        return self._client.counters.reconnects

    @property
    def moves(self) -> int:
        return self._client.counters.moves

    async def start(self) -> None:
        await self._client.__aenter__()
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):  # an error that ended it is ours to see
                await self._reading
        await self._client.__aexit__(None, None, None)

    async def _read(self) -> None:
        messages = self._client.messages(self._target.stream, subject=self._target.subject)
        async with aclosing(messages) as read:
            async for message in read:
                self._take(message)

    def _take(self, message: Message) -> None:
        self._on_delivery(message.sequence, message.data)


class PlainSubscriber:
    """A client that subscribes, and reconnects when it is cut."""

    moves = 0

    def __init__(self, target: Target, name: str, on_delivery: OnDelivery) -> None:
        self._target = target
        self._name = name
        self._on_delivery = on_delivery
        self._client = Client()
        self._is_stopping = False
        self.interruptions = 0

    async def start(self) -> None:
        self._client = await nats.connect(
            list(self._target.urls),
            user=self._target.user,
            password=self._target.password,
            name=self._name,
            max_reconnect_attempts=-1,
            error_cb=self._ignore,
            disconnected_cb=self._on_cut,
        )
        await self._client.subscribe(self._target.live_subject, cb=self._on_message)
        await self._client.flush()

    async def stop(self) -> None:
        self._is_stopping = True
        await self._client.close()

    async def _on_message(self, msg: Msg) -> None:
        self._on_delivery(int((msg.headers or {})["Nats-Sequence"]), msg.data)

    async def _on_cut(self) -> None:
        if not self._is_stopping:
            self.interruptions += 1

    async def _ignore(self, error: Exception) -> None:
        """Servers are ended here on purpose; what it costs is counted."""


@dataclass
class Crowd:
    """Many clients of one kind and their ledger."""

    subscribers: list[Subscriber]
    ledger: Ledger
    latencies: list[float] = field(default_factory=list)
    """Seconds from publishing to delivery, if the data is the time of publishing."""

    async def start(self, *, per_second: float = 200.0) -> None:
        """Connect them one after the other, at that rate."""
        for subscriber in self.subscribers:
            begun = time.monotonic()
            await subscriber.start()
            await asyncio.sleep(max(0.0, 1 / per_second - (time.monotonic() - begun)))

    async def stop(self) -> None:
        await asyncio.gather(*(subscriber.stop() for subscriber in self.subscribers))

    @property
    def interruptions(self) -> int:
        return sum(subscriber.interruptions for subscriber in self.subscribers)

    @property
    def moves(self) -> int:
        return sum(subscriber.moves for subscriber in self.subscribers)

    async def have_all(self, last: int, seconds: float) -> bool:
        """Wait until every client has every sequence up to `last`; False if time runs out."""
        deadline = time.monotonic() + seconds
        while self.ledger.have_all(last) < len(self.subscribers):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True


def contract_crowd(
    target: Target, count: int, *, first: int, timing: Timing | None = None
) -> Crowd:
    """Return clients that keep the contract; `first` is the next sequence of the stream."""
    crowd = Crowd([], Ledger(count, first=first))
    for number in range(count):
        recorder = _recorder(crowd, number)
        name = f"contract-{number}"
        crowd.subscribers.append(ContractSubscriber(target, name, timing or Timing(), recorder))
    return crowd


def plain_crowd(target: Target, count: int, *, first: int) -> Crowd:
    """Return clients that merely reconnect; `first` is the next sequence of the stream."""
    crowd = Crowd([], Ledger(count, first=first))
    for number in range(count):
        recorder = _recorder(crowd, number)
        crowd.subscribers.append(PlainSubscriber(target, f"plain-{number}", recorder))
    return crowd


def _recorder(crowd: Crowd, number: int) -> OnDelivery:
    def record(sequence: int, data: bytes) -> None:
        crowd.ledger.record(number, sequence)
        if len(crowd.latencies) < MOST_LATENCIES:
            crowd.latencies.append(time.time() - float(data))

    return record
