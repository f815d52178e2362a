"""Every object is looked at once in a while."""

import asyncio

from headgate.kube.resources import Key
from headgate.loop.queue import WorkQueue
from headgate.loop.resync import resync


async def test_every_key_comes_up_in_each_period_and_not_all_at_once() -> None:
    # given
    queue: WorkQueue[Key] = WorkQueue()
    keys = [Key("Model", "ns", f"m{number}") for number in range(300)]
    running = asyncio.create_task(resync(queue, lambda: keys, period=0.6))
    depths: set[int] = set()
    # when
    for _ in range(100):
        await asyncio.sleep(0.01)
        depths.add(queue.depth)
    running.cancel()
    # then
    assert queue.depth == len(keys)
    assert len(depths) > 10
