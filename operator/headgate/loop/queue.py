"""Which key is worked on next.

Keys are deduplicated, and one key is never worked on twice at once: a key that is added while it
is being worked on runs again right after. Used by one event loop, without locks.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Hashable, Sequence

from headgate.core.lane import Lane
from headgate.kube.jitter import jittered

FIRST_RETRY_SECONDS = 0.1
LONGEST_RETRY_SECONDS = 60.0
SOON_AT_ONCE = 2
"""So many keys of that lane are worked on at once: the other workers are free for urgent ones."""
SOON_TURN = 4
BACKGROUND_TURN = 10
"""One pass in so many is that lane's even when urgent keys never run out."""
TURNS = ((BACKGROUND_TURN, Lane.BACKGROUND), (SOON_TURN, Lane.SOON))


class WorkQueue[Key: Hashable]:
    """Keys to work on now, keys to look at later, and how often each has failed in a row."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """`clock` gives monotonic seconds; the event loop's own unless a test steers it."""
        self._clock = clock or asyncio.get_running_loop().time
        # Dicts, because they are ordered sets.
        self._lanes: dict[Lane, dict[Key, None]] = {lane: {} for lane in Lane}
        self._working: dict[Key, tuple[float, Lane]] = {}
        self._again: dict[Key, Lane] = {}
        self._taken = 0
        self._due: dict[Key, float] = {}
        self._timetable: list[tuple[float, int, Key]] = []
        self._order = itertools.count()
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    @property
    def depth(self) -> int:
        """How many keys wait for a worker now."""
        return sum(map(len, self._lanes.values()))

    @property
    def scheduled(self) -> int:
        """How many keys wait for their time."""
        return len(self._due)

    def oldest_start(self) -> float | None:
        """Return since when (monotonic) the slowest key of all is being worked on."""
        return min((started for started, _ in self._working.values()), default=None)

    def add(self, key: Key, lane: Lane = Lane.URGENT) -> None:
        """Work on this key as soon as a worker is free and the lanes before its own are empty."""
        if key in self._working:
            self._again[key] = min(self._again.get(key, lane), lane)
            return
        for other, waiting in self._lanes.items():
            if key in waiting:
                if other <= lane:
                    return
                del waiting[key]
        self._lanes[lane][key] = None
        self._changed.set()

    def add_after(self, key: Key, delay: float) -> None:
        """Work on this key in `delay` seconds; the earliest of several such wishes counts."""
        if delay <= 0:
            self.add(key)
            return
        when = self._clock() + delay
        if when < self._due.get(key, float("inf")):
            self._due[key] = when
            heapq.heappush(self._timetable, (when, next(self._order), key))
            self._changed.set()

    def retry_after(self, key: Key, *, at_least: float = 0.0) -> float:
        """Work on this key again after a wait that doubles with each failure; return the wait."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        backoff = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(failures - 1, 20))
        wait = max(at_least, jittered(backoff))
        self.add_after(key, wait)
        return wait

    def failures(self, key: Key) -> int:
        """Return how often this key has failed since it last went well."""
        return self._failures.get(key, 0)

    def forget_failures(self, key: Key) -> None:
        """Note that this key went well."""
        self._failures.pop(key, None)

    async def get(self) -> Key:
        """Wait for a key and take it; every get is followed by a done."""
        while True:
            wait = self._move_due()
            for lane in self._turn():
                if waiting := self._lanes[lane]:
                    self._taken += 1
                    key = next(iter(waiting))
                    del waiting[key]
                    # This pass looks at everything: an appointment made earlier is kept by it,
                    # and it makes the next one itself.
                    self._due.pop(key, None)
                    self._working[key] = self._clock(), lane
                    return key
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def done(self, key: Key) -> None:
        """Give a key back."""
        _, lane = self._working.pop(key)
        if lane is Lane.SOON:
            self._changed.set()  # one more of them may begin
        if key in self._again:
            self.add(key, self._again.pop(key))

    def clear(self) -> None:
        """Forget all that waits, failures too; what is being worked on goes on."""
        for waiting in self._lanes.values():
            waiting.clear()
        self._due.clear()
        self._failures.clear()
        self._again.clear()
        self._timetable.clear()

    def _turn(self) -> Sequence[Lane]:
        """Return the lanes in the order in which this pass is taken from them."""
        soon = sum(lane is Lane.SOON for _, lane in self._working.values())
        lanes = [lane for lane in Lane if lane is not Lane.SOON or soon < SOON_AT_ONCE]
        for every, lane in TURNS:
            if self._taken % every == every - 1 and lane in lanes:
                return [lane, *lanes]
        return lanes

    def _move_due(self) -> float | None:
        """Move keys whose time has come; return the seconds until the next one's time."""
        now = self._clock()
        while self._timetable:
            when, _, key = self._timetable[0]
            if self._due.get(key) != when:
                heapq.heappop(self._timetable)  # overtaken by an earlier one, or by the work
            elif when <= now:
                heapq.heappop(self._timetable)
                del self._due[key]
                self.add(key)
            else:
                return when - now
        return None
