"""The bounded pool of threads that predictions run in."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from headgate.server.pace import Pace


class OverloadedError(Exception):
    """As many requests wait as may wait."""


class Workers:
    """A few threads and a bounded queue before them.

    A request waits in the queue rather than being refused: a refusal is a 503, which counts as an
    error of the version. One whose client has gone leaves the queue without being computed.
    """

    def __init__(self, *, threads: int, queue: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
        self._most = threads + queue
        self._lock = threading.Lock()
        self._pending = 0
        self._pace = Pace()

    @property
    def pending(self) -> int:
        """Requests that are computed or wait."""
        return self._pending

    async def run[*Args, T](self, work: Callable[[*Args], T], *args: *Args, small: bool) -> T:
        """Run the work, mostly in a thread; raises OverloadedError at once when the queue is full.

        Small work is done on the spot while the model is quick.
        """
        if small and self._pace.quick:
            return self._pace.in_loop(work, *args)
        with self._lock:
            if self._pending >= self._most:
                raise OverloadedError
            self._pending += 1
        future = self._pool.submit(partial(self._pace.in_thread, work, *args))
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def _done(self, _future: Future[Any]) -> None:
        # called in a worker's thread, or in the loop's for a request that left the queue
        with self._lock:
            self._pending -= 1
