"""Which key comes next, and when a key comes back."""

import asyncio

import pytest

from headgate.core.lane import Lane
from headgate.loop.queue import LONGEST_RETRY_SECONDS, SOON_AT_ONCE, SOON_TURN, WorkQueue


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> WorkQueue[str]:
    return WorkQueue(clock)


async def taken(queue: WorkQueue[str]) -> str | None:
    """Take a key if one is due."""
    try:
        async with asyncio.timeout(0.01):
            return await queue.get()
    except TimeoutError:
        return None


async def test_a_key_added_twice_is_worked_on_once(queue: WorkQueue[str]) -> None:
    queue.add("a")
    queue.add("a")
    assert await taken(queue) == "a"
    queue.done("a")
    assert await taken(queue) is None


async def test_keys_come_in_the_order_in_which_they_were_added(queue: WorkQueue[str]) -> None:
    for key in "bca":
        queue.add(key)
    assert [await taken(queue) for _ in range(3)] == ["b", "c", "a"]


async def test_a_key_is_never_worked_on_twice_at_once(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await queue.get()
    queue.add("a")
    assert await taken(queue) is None
    queue.done("a")
    assert await taken(queue) == "a"


async def test_a_change_overtakes_what_is_merely_looked_at_again(queue: WorkQueue[str]) -> None:
    for key in "abc":
        queue.add(key, Lane.BACKGROUND)
    queue.add("z")
    queue.add("c")
    assert [await taken(queue) for _ in range(4)] == ["z", "c", "a", "b"]


async def test_a_background_wish_does_not_slow_down_an_urgent_one(queue: WorkQueue[str]) -> None:
    queue.add("a")
    queue.add("b", Lane.BACKGROUND)
    queue.add("a", Lane.BACKGROUND)
    assert await taken(queue) == "a"
    assert queue.depth == 1


async def test_a_later_key_comes_at_its_time(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add_after("a", 5)
    assert await taken(queue) is None
    clock.now += 5
    assert await taken(queue) == "a"


async def test_a_waiting_worker_wakes_up_for_a_key_that_becomes_due() -> None:
    queue: WorkQueue[str] = WorkQueue()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add_after("late", 5)
    queue.add_after("soon", 0.02)
    async with asyncio.timeout(1):
        assert await waiting == "soon"


async def test_the_earliest_of_several_times_counts(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add_after("a", 9)
    queue.add_after("a", 3)
    queue.add_after("a", 6)
    clock.now += 3
    assert await taken(queue) == "a"
    queue.done("a")
    clock.now += 10
    assert await taken(queue) is None


async def test_a_pass_keeps_the_appointment_that_was_made_before_it(
    queue: WorkQueue[str], clock: Clock
) -> None:
    queue.add_after("a", 3)
    queue.add("a")
    assert await taken(queue) == "a"
    queue.done("a")
    clock.now += 3
    assert await taken(queue) is None


async def test_an_appointment_made_during_a_pass_stands(
    queue: WorkQueue[str], clock: Clock
) -> None:
    queue.add("a")
    await queue.get()
    queue.add_after("a", 3)
    queue.done("a")
    assert queue.scheduled == 1
    clock.now += 3
    assert await taken(queue) == "a"


async def test_waits_double_with_each_failure_up_to_a_limit_and_success_forgets(
    queue: WorkQueue[str],
) -> None:
    waits = [queue.retry_after("a") for _ in range(15)]
    assert 0.05 <= waits[0] <= 0.1
    assert 0.4 <= waits[3] <= 0.8
    assert max(waits) <= LONGEST_RETRY_SECONDS
    assert queue.failures("a") == 15
    queue.forget_failures("a")
    assert queue.retry_after("a") <= 0.1


async def test_a_wait_asked_for_by_the_server_is_kept(queue: WorkQueue[str]) -> None:
    assert queue.retry_after("a", at_least=30) == 30


async def test_clear_forgets_all_but_the_work_under_way(
    queue: WorkQueue[str], clock: Clock
) -> None:
    queue.add("a")
    await queue.get()
    queue.add("a")
    queue.add("b")
    queue.add_after("c", 1)
    queue.clear()
    queue.done("a")
    clock.now += 2
    assert (queue.depth, queue.scheduled) == (0, 0)
    assert await taken(queue) is None


async def test_how_long_the_slowest_pass_takes_is_known(
    queue: WorkQueue[str], clock: Clock
) -> None:
    assert queue.oldest_start() is None
    queue.add("a")
    await queue.get()
    clock.now += 7
    queue.add("b")
    await queue.get()
    assert queue.oldest_start() == 100.0
    queue.done("a")
    assert queue.oldest_start() == 107.0


async def test_a_worker_that_is_cancelled_while_it_waits_loses_no_key(
    queue: WorkQueue[str],
) -> None:
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await taken(queue) == "a"


async def test_two_waiting_workers_are_both_woken_by_two_keys() -> None:
    queue: WorkQueue[str] = WorkQueue()
    both = asyncio.gather(queue.get(), queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    queue.add("b")
    async with asyncio.timeout(1):
        assert sorted(await both) == ["a", "b"]


async def test_the_background_gets_a_turn_however_much_is_urgent(queue: WorkQueue[str]) -> None:
    queue.add("patient", Lane.BACKGROUND)
    for number in range(20):
        queue.add(f"urgent {number}")
    assert "patient" in [await queue.get() for _ in range(10)]


async def test_the_three_lanes_overtake_each_other_in_their_order(queue: WorkQueue[str]) -> None:
    queue.add("background", Lane.BACKGROUND)
    queue.add("soon", Lane.SOON)
    queue.add("urgent")
    assert [await taken(queue) for _ in range(3)] == ["urgent", "soon", "background"]


async def test_what_is_due_soon_gets_a_turn_however_much_is_urgent(queue: WorkQueue[str]) -> None:
    queue.add("patient", Lane.SOON)
    for number in range(20):
        queue.add(f"urgent {number}")
    assert "patient" in [await queue.get() for _ in range(SOON_TURN)]


async def test_a_key_keeps_the_most_urgent_of_its_lanes(queue: WorkQueue[str]) -> None:
    queue.add("a", Lane.SOON)
    queue.add("b")
    queue.add("c", Lane.SOON)
    queue.add("c", Lane.URGENT)
    queue.add("c", Lane.SOON)
    assert [await taken(queue) for _ in range(3)] == ["b", "c", "a"]
    assert queue.depth == 0


async def test_a_background_wish_made_during_the_work_stays_one(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await queue.get()
    queue.add("a", Lane.BACKGROUND)
    queue.add("b")
    queue.done("a")
    assert [await taken(queue), await taken(queue)] == ["b", "a"]


async def test_few_workers_at_once_do_what_moves_no_traffic(queue: WorkQueue[str]) -> None:
    for number in range(SOON_AT_ONCE + 1):
        queue.add(f"soon {number}", Lane.SOON)
    for number in range(SOON_AT_ONCE):
        assert await taken(queue) == f"soon {number}"
    assert await taken(queue) is None
    queue.add("urgent")
    assert await taken(queue) == "urgent"

    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.done("soon 0")
    async with asyncio.timeout(1):
        assert await waiting == f"soon {SOON_AT_ONCE}"
