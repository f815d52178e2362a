"""Looks at every object once in a while, whether anything happened or not.

The net below the net: an event that was lost, a defect in a trigger, a change outside of the
cluster. Spread over the period, so that it is never felt.
"""

import asyncio
from collections.abc import Callable, Iterable

from headgate.core.lane import Lane
from headgate.kube.jitter import jittered
from headgate.kube.resources import Key
from headgate.loop.queue import WorkQueue

PERIOD_SECONDS = 600.0
SLICES = 60


async def resync(
    queue: WorkQueue[Key], keys: Callable[[], Iterable[Key]], period: float = PERIOD_SECONDS
) -> None:
    """Add every key about once in `period` seconds, a slice at a time, until cancelled."""
    await asyncio.sleep(jittered(period / SLICES, 0.0, 2.0))
    while True:
        for number in range(SLICES):
            # hash() of strings differs by process and not by round: a key keeps its place.
            for key in [key for key in keys() if hash(key) % SLICES == number]:
                queue.add(key, Lane.BACKGROUND)
            await asyncio.sleep(jittered(period / SLICES, 0.8, 1.2))
