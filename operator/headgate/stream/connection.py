"""Keeps a client connected: it is somewhere else before it leaves, and comes back if it was cut."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from itertools import count, cycle
from typing import Protocol

from headgate.stream.access import Access, Timing
from headgate.stream.backoff import wait_seconds
from headgate.stream.errors import (
    CredentialsRefusedError,
    ServerNotTrustedError,
    ServersUnreachableError,
    StreamError,
    TryAgainError,
)
from headgate.stream.link import Link, open_link
from headgate.stream.state import Counters, State

log = logging.getLogger("headgate.stream")

REFUSALS_BELIEVED = 3
"""Refused that often in a row, credentials count as wrong; a reload of users refuses just once."""


class Rider(Protocol):
    """Whoever must be subscribed wherever the client is."""

    async def join(self, link: Link) -> None:
        """Subscribe on a new connection; return when its server has taken it."""

    def wake(self) -> None:
        """Look at the connection again: it changed, or failed for good."""

    def moved(self, link: Link) -> None:
        """Take note that this connection is alone now: the one before was open until now."""


class Connection:
    """One connection that outlives its servers."""

    def __init__(
        self,
        access: Access,
        timing: Timing,
        counters: Counters,
        on_state: Callable[[State], None] | None = None,
    ) -> None:
        self.timing = timing
        self.counters = counters
        self.state = State.CONNECTING
        self.chance = random.Random()  # noqa: S311  # spreads load, keeps no secret
        self._access = access
        self._on_state = on_state
        self._addresses = _in_turn(access.servers, self.chance)
        self._riders: list[Rider] = []
        self._link: Link | None = None
        self._failure: StreamError | None = None
        self._last_trouble: StreamError | None = None
        self._change = asyncio.Event()
        self._roster = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    @property
    def server_id(self) -> str:
        """The id of the server that is, or was last, connected to."""
        return self._link.server_id if self._link is not None else ""

    async def open(self) -> None:
        """Connect for the first time.

        Raises CredentialsRefusedError and ServerNotTrustedError at once, and
        ServersUnreachableError when the time for it is over.
        """
        try:
            async with asyncio.timeout(self.timing.connect_within):
                link = await self._connect_somewhere(first=True)
        except TimeoutError as error:
            raise ServersUnreachableError(
                f"no server answered within {self.timing.connect_within:g} s; the last that was "
                f"tried: {self._last_trouble}"
            ) from error
        self._use(link)
        self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Close all that is open."""
        self._fail(StreamError("the client is closed"), State.CLOSED)
        tasks = [task for task in (self._keeper, *self._retiring) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._link is not None:
            await self._link.close()

    def check(self) -> None:
        """Raise what ended this client for good, if anything did."""
        if self._failure is not None:
            raise self._failure

    async def link(self) -> Link:
        """Return the open connection, waiting for one; raises what ended this client for good."""
        while True:
            self.check()
            if self._link is not None and not self._link.closed.is_set():
                return self._link
            self._change.clear()
            await self._change.wait()

    def is_current(self, link: Link) -> bool:
        """Say whether a connection is still the one in use."""
        return link is self._link and not link.closed.is_set()

    async def add(self, rider: Rider) -> None:
        """Subscribe a rider here and on every later connection."""
        for attempt in count():
            if attempt:
                await self.pause(attempt)
            link = await self.link()
            async with self._roster:
                if not self.is_current(link):
                    continue
                try:
                    await rider.join(link)
                except TryAgainError:
                    continue
                self._riders.append(rider)
                return

    def remove(self, rider: Rider) -> None:
        """Forget a rider."""
        if rider in self._riders:
            self._riders.remove(rider)

    async def pause(self, attempt: int) -> None:
        """Wait before a request is tried again."""
        await asyncio.sleep(wait_seconds(attempt, first=0.1, most=2.0, chance=self.chance.random()))

    async def _keep(self) -> None:
        try:
            while True:
                link = self._link
                assert link is not None, "open() comes first"  # noqa: S101
                await link.ending.wait()
                if link.closed.is_set():
                    self._retire(link, moved=False)
                    await self._reconnect()
                else:
                    await self._move(link)
        except StreamError as error:
            self._fail(error, State.CLOSED)
        except Exception as error:  # a fault of ours must reach whoever reads
            log.exception("the connection is no longer looked after")
            self._fail(StreamError(f"internal failure: {error!r}"), State.CLOSED)

    async def _reconnect(self) -> None:
        self._enter(State.RECONNECTING)
        while not await self._take_over(await self._connect_somewhere(first=False)):
            pass
        self.counters.reconnects += 1

    async def _move(self, old: Link) -> None:
        """Be elsewhere before leaving; stay if nowhere else is found."""
        self._enter(State.MOVING)
        await _within(self.chance.random() * self.timing.move_within, old.closed)
        for attempt in range(self.timing.move_attempts):
            if old.closed.is_set():
                return
            if await self._try_elsewhere(old):
                self.counters.moves += 1
                self._retire(old, moved=True)
                return
            await _within(self._wait(attempt, first=0.1), old.closed)
        log.warning("%s asks to leave, and no other server was found: staying", old.url)
        self.counters.moves_failed += 1
        old.stay()
        self._enter(State.CONNECTED)

    async def _try_elsewhere(self, old: Link) -> bool:
        try:
            new = await open_link(
                next(self._addresses), self._access, self.timing, but_not=old.server_id
            )
        except StreamError as error:
            log.info("move: %s", error)
            return False
        return await self._take_over(new)

    def _retire(self, old: Link, *, moved: bool) -> None:
        """Close the old connection when the new one has had time to be known in the cluster."""
        task = asyncio.create_task(self._close_later(old, moved=moved))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _close_later(self, old: Link, *, moved: bool) -> None:
        try:
            await _within(self.timing.settle, old.closed)
        finally:
            await old.close()
        if self._link is not None and moved:
            for rider in self._riders:
                rider.moved(self._link)

    async def _take_over(self, link: Link) -> bool:
        """Put every rider on a new connection and use it; False if it was gone before that."""
        try:
            async with self._roster:
                for rider in self._riders:
                    await rider.join(link)
                if not link.closed.is_set():
                    self._use(link)
                    return True
        except TryAgainError as error:
            log.info("%s went away at once: %s", link.url, error)
        except BaseException:  # also when the client is closed meanwhile
            await link.close()
            raise
        await link.close()
        return False

    async def _connect_somewhere(self, *, first: bool) -> Link:
        """Try address after address until one answers; refused credentials end it."""
        refusals = 0
        for attempt in count():
            if attempt or not first:
                await asyncio.sleep(self._wait(attempt, first=self.timing.backoff_first))
            try:
                return await open_link(next(self._addresses), self._access, self.timing)
            except (CredentialsRefusedError, ServerNotTrustedError):
                refusals += 1
                if first or refusals >= REFUSALS_BELIEVED:
                    raise
            except ServersUnreachableError as error:
                self._last_trouble = error
                log.info("connect: %s", error)
        raise AssertionError("unreachable")

    def _wait(self, attempt: int, *, first: float) -> float:
        chance = self.chance.random()
        return wait_seconds(attempt, first=first, most=self.timing.backoff_most, chance=chance)

    def _use(self, link: Link) -> None:
        self._link = link
        self._enter(State.CONNECTED)
        self._announce()

    def _fail(self, error: StreamError, state: State) -> None:
        if self._failure is None:
            self._failure = error
        self._enter(state)
        self._announce()

    def _announce(self) -> None:
        self._change.set()
        for rider in self._riders:
            rider.wake()

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            if self._on_state is not None:
                self._on_state(state)


def _in_turn(servers: tuple[str, ...], chance: random.Random) -> Iterator[str]:
    """Return the addresses over and over, in an order of this client's own."""
    return cycle(chance.sample(servers, len(servers)))


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait that long, or until the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
