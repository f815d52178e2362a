"""Which key is worked on next.

Keys are deduplicated, and one key is never worked on twice at once: a key that is added while it
is being worked on runs again right after. Used by one event loop, without locks.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Hashable

from headgate.kube.jitter import jittered

FIRST_RETRY_SECONDS = 0.1
LONGEST_RETRY_SECONDS = 60.0
BACKGROUND_TURN = 10
"""One pass in so many is the background's even when urgent keys never run out."""


class WorkQueue[Key: Hashable]:
    """Keys to work on now, keys to look at later, and how often each has failed in a row."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """`clock` gives monotonic seconds; the event loop's own unless a test steers it."""
        self._clock = clock or asyncio.get_running_loop().time
        # Two lanes: what a user or the cluster just changed overtakes what is merely looked at
        # again. Dicts, because they are ordered sets.
        self._urgent: dict[Key, None] = {}
        self._background: dict[Key, None] = {}
        self._working: dict[Key, float] = {}
        self._again: dict[Key, bool] = {}
        self._taken = 0
        self._due: dict[Key, float] = {}
        self._timetable: list[tuple[float, int, Key]] = []
        self._order = itertools.count()
        self._failures: dict[Key, int] = {}
        self._changed = asyncio.Event()

    @property
    def depth(self) -> int:
        """How many keys wait for a worker now."""
        return len(self._urgent) + len(self._background)

    @property
    def scheduled(self) -> int:
        """How many keys wait for their time."""
        return len(self._due)

    def oldest_start(self) -> float | None:
        """Return since when (monotonic) the slowest key of all is being worked on."""
        return min(self._working.values(), default=None)

    def add(self, key: Key, *, background: bool = False) -> None:
        """Work on this key as soon as a worker is free, if `background` once no other waits."""
        if key in self._working:
            self._again[key] = self._again.get(key, True) and background
            return
        if background and key not in self._urgent:
            self._background[key] = None
        elif not background:
            self._background.pop(key, None)
            self._urgent[key] = None
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
            for lane in self._lanes():
                if lane:
                    self._taken += 1
                    key = next(iter(lane))
                    del lane[key]
                    # This pass looks at everything: an appointment made earlier is kept by it,
                    # and it makes the next one itself.
                    self._due.pop(key, None)
                    self._working[key] = self._clock()
                    return key
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def done(self, key: Key) -> None:
        """Give a key back."""
        del self._working[key]
        if key in self._again:
            self.add(key, background=self._again.pop(key))

    def clear(self) -> None:
        """Forget all that waits, failures too; what is being worked on goes on."""
        for waiting in (self._urgent, self._background, self._due, self._failures):
            waiting.clear()
        self._again.clear()
        self._timetable.clear()

    def _lanes(self) -> tuple[dict[Key, None], dict[Key, None]]:
        if self._taken % BACKGROUND_TURN == BACKGROUND_TURN - 1:
            return self._background, self._urgent
        return self._urgent, self._background

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
