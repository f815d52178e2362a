"""Whether predictions are so quick that a thread would cost more than they do.

Handing a request to a thread and back, with two threads that contend for the interpreter, costs
about as much as predicting with a small model: the server answers 1.7 times as many requests when
it does such work where it is. A model that turns out slow goes back to the threads, so that
health checks and other clients are never held up for more than one prediction in many.

Processor time is what is judged, because a busy machine stretches the other; a model that waits
for something shows only there, so that has a limit as well, a wide one.
"""

import time
from collections.abc import Callable
from typing import Final

QUICK_SECONDS: Final = 0.002
STALL_SECONDS: Final = 0.010
LONG_SECONDS: Final = 0.100
PROOFS: Final = 5
BANISHED: Final = 500


class Pace:
    """Learns from each piece of work; an update that two threads lose is harmless."""

    def __init__(self) -> None:
        self._proofs_missing = PROOFS

    @property
    def quick(self) -> bool:
        """Work like what came before may be done in the event loop."""
        return self._proofs_missing <= 0

    def in_loop[*Args, T](self, work: Callable[[*Args], T], *args: *Args) -> T:
        """Do quick work here and now; work that stalls the loop is banished to the threads."""
        started, started_cpu = time.perf_counter(), time.thread_time()
        try:
            return work(*args)
        finally:
            cost = time.thread_time() - started_cpu
            waited = time.perf_counter() - started
            if cost > STALL_SECONDS or waited > LONG_SECONDS:
                self._proofs_missing = BANISHED

    def in_thread[*Args, T](self, work: Callable[[*Args], T], *args: *Args) -> T:
        """Do work in a thread, and see what it costs there."""
        started, started_cpu = time.perf_counter(), time.thread_time()
        try:
            return work(*args)
        finally:
            cost = time.thread_time() - started_cpu
            waited = time.perf_counter() - started
            if cost < QUICK_SECONDS and waited < LONG_SECONDS:
                self._proofs_missing -= 1
            else:
                self._proofs_missing = max(self._proofs_missing, PROOFS)
