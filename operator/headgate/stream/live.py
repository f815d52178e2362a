"""Reads a stream as it is repeated live, and fetches from the stream what did not come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from headgate.stream.buffer import ArrivalBuffer
from headgate.stream.link import Link
from headgate.stream.live_subject import LiveSubject
from headgate.stream.message import STREAM, Arrival, Lost, Message, read_stored
from headgate.stream.reader import Reader
from headgate.stream.sequence import Verdict
from headgate.stream.state import State


class LiveReader:
    """One iteration over a stream; a rider of the connection."""

    def __init__(self, reader: Reader, live: LiveSubject, buffer: ArrivalBuffer) -> None:
        self._reader = reader
        self._live = live
        self._buffer = buffer
        self._connection = reader.connection
        self._link: Link | None = None
        self._is_heard = False
        self._subscription: Subscription | None = None
        self._is_quiet_since = 0

    async def join(self, link: Link) -> None:
        """Subscribe on a new connection; if the one before was cut, something may be missed.

        The next message shows it as a gap. Only where none comes soon, the stream is asked: after a
        crash thousands come back at once, and a question costs the servers as much as a login.
        """
        self._subscription = await link.subscribe(
            self._live.subject, lambda msg: self._on_message(msg, link)
        )
        before, self._link = self._link, link
        self._is_heard = False
        if before is not None and before.closed.is_set():
            soon = self._connection.timing.settle * (0.5 + self._connection.chance.random())
            asyncio.get_running_loop().call_later(soon, self._doubt_if_silent, link)

    def wake(self) -> None:
        """Notice that the connection failed for good."""
        if self._connection.state is State.CLOSED:
            self._buffer.doubt()

    def moved(self, link: Link) -> None:
        """Look whether anything was missed, unless the new connection has brought a message by now.

        All that came later comes there, and a gap before it shows.
        """
        self._doubt_if_silent(link)

    async def messages(self, after: int | None) -> AsyncGenerator[Message]:
        """Yield every message once, in order; see StreamClient.messages."""
        reader = self._reader
        await self._connection.add(self)
        try:
            shape = await reader.patiently(reader.stream.describe)
            reader.begin(shape, after, is_whole=self._live.is_whole)
            if after is not None:
                reader.report(reader.place.passed_by(shape.first))
                self._buffer.doubt()  # what the stream holds after it is yet to be read
            while True:
                arrival = await self._next()
                needed = await self._needed(arrival)
                if needed > reader.place.position:
                    async with aclosing(self._fetch_up_to(needed)) as fetched:
                        async for message in fetched:
                            yield message
                if arrival is not None and self._is_next(arrival):
                    yield reader.hand_on(arrival.message)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        self._connection.remove(self)
        if self._link is not None and self._subscription is not None:
            await self._link.unsubscribe(self._subscription)

    def _doubt_if_silent(self, link: Link) -> None:
        if link is self._link and not self._is_heard:
            self._buffer.doubt()

    def _on_message(self, msg: Msg, link: Link) -> None:
        name = self._reader.stream.name
        if (msg.headers or {}).get(STREAM, name) != name:
            return  # several streams may repeat below one prefix, each with sequences of its own
        arrival = read_stored(msg.subject, msg.data, msg.headers)
        if arrival is None:
            self._buffer.doubt()  # somebody else publishes here; the stream knows what is real
            return
        if link is self._link:
            self._is_heard = True
        if arrival.message.sequence <= self._reader.place.position:
            self._connection.counters.duplicates_dropped += 1
        elif not self._buffer.put(arrival):
            self._connection.counters.overflows += 1

    async def _next(self) -> Arrival | None:
        """Return the next arrival, or None when it is time to look at the stream."""
        timing = self._connection.timing
        idle = (
            timing.idle_check * 2**self._is_quiet_since * (1 + 2 * self._connection.chance.random())
        )
        arrival = await self._buffer.get(min(idle, timing.idle_check_most))
        self._connection.check()
        if arrival is not None:
            self._is_quiet_since = 0
        return arrival

    async def _needed(self, arrival: Arrival | None) -> int:
        """Return up to where the stream must be read before going on."""
        reader = self._reader
        if arrival is None:
            self._is_quiet_since = min(self._is_quiet_since + 1, 10)
            needed = await self._look(after_doubt=self._buffer.take_doubt())
            if needed > reader.place.position:
                self._is_quiet_since = 0  # it is not quiet: what is published does not come
            return needed
        sequence = arrival.message.sequence
        if reader.place.judge(sequence, arrival.follows) is not Verdict.GAP:
            return 0
        self._connection.counters.gaps += 1
        return reader.place.needed(sequence, arrival.follows)

    def _is_next(self, arrival: Arrival) -> bool:
        if arrival.message.sequence > self._reader.place.position:
            return True
        self._connection.counters.duplicates_dropped += 1
        return False

    async def _look(self, *, after_doubt: bool) -> int:
        """Ask the stream what the last message for us is; it may be one that never came."""
        reader, place = self._reader, self._reader.place
        newest = await reader.patiently(lambda: reader.stream.newest(">"))
        if newest is None or newest < place.position or (after_doubt and not place.is_whole):
            shape = await reader.patiently(reader.stream.describe)
            if not reader.must_not_be_shorter(shape):
                self._is_quiet_since = 0
                return 0
            newest = max(newest or 0, shape.last if place.is_whole else 0)
            if not place.is_whole:
                reader.report(place.passed_by(shape.first))
        if place.is_whole:
            return newest
        mine = await reader.patiently(lambda: reader.stream.newest(reader.subject))
        if mine is None or mine <= place.position:
            place.verified = max(place.verified, newest)
        return mine or 0

    async def _fetch_up_to(self, needed: int) -> AsyncGenerator[Message]:
        """Yield what the stream holds after our place, at least up to a sequence."""
        reader, place = self._reader, self._reader.place
        attempt = count()
        while place.position < needed:
            batch = await reader.patiently(
                lambda: reader.stream.after(place.position, reader.subject)
            )
            if batch.messages and not place.is_whole:
                await self._report_losses_before(batch.messages[0].sequence, needed)
            for message in batch.messages:
                if message.sequence > place.position:
                    reader.report(place.missing_before(message.sequence))
                    self._connection.counters.refetched += 1
                    yield reader.hand_on(message)
            if place.position >= needed or batch.has_more:
                continue
            if await self._is_gone(needed):
                reader.report(Lost(first=place.position + 1, last=needed))
            else:
                await self._connection.pause(next(attempt))  # that replica lags behind

    async def _report_losses_before(self, held: int, needed: int) -> None:
        """Report what a reader of one subject missed that was gone when it was fetched."""
        reader, place = self._reader, self._reader.place
        shape = await reader.patiently(reader.stream.describe)
        reader.report(place.passed_by(min(shape.first, held)))
        if place.position < needed < held:
            reader.report(Lost(first=needed, last=needed))

    async def _is_gone(self, needed: int) -> bool:
        """Ask the leader whether nothing is held between our place and a sequence."""
        reader, place = self._reader, self._reader.place
        held = await reader.patiently(
            lambda: reader.stream.next_at_leader(place.position, reader.subject)
        )
        if held is not None:
            return held > needed
        shape = await reader.patiently(reader.stream.describe)
        return reader.must_not_be_shorter(shape) and shape.last >= needed
