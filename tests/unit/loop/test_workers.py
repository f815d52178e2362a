"""What becomes of a pass: done, looked at again, tried again; and how work is stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from headgate.kube.errors import Conflict, Forbidden, Invalid, NotLeading, Throttled, Unavailable
from headgate.kube.resources import Key
from headgate.loop.queue import WorkQueue
from headgate.loop.workers import WORTH_A_WARNING, Look, Workers

KEY = Key("Model", "team-a", "churn")
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Tally:
    results: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def passed(self, kind: str, result: str, seconds: float) -> None:
        assert kind == "Model"
        assert seconds >= 0
        self.results.append(result)

    def failed(self, kind: str, reason: str) -> None:
        assert kind == "Model"
        self.reasons.append(reason)


@dataclass
class Bench:
    """Workers over a reconciler that does what a test says."""

    reconcile: Callable[[Key], Awaitable[Look]]
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.queue: WorkQueue[Key] = WorkQueue()
        self.workers = Workers(self.queue, self._run, self.tally, count=2, now=lambda: NOW)
        self.passes = 0
        self.passed = asyncio.Event()

    async def _run(self, key: Key) -> Look:
        self.passes += 1
        self.passed.set()
        return await self.reconcile(key)

    async def once(self) -> None:
        """Reconcile the key once, and stop."""
        self.passed.clear()
        self.workers.start()
        self.queue.add(KEY)
        async with asyncio.timeout(5):
            await self.passed.wait()
        await self.workers.stop(1)


def returning(look: Look) -> Callable[[Key], Awaitable[Look]]:
    async def reconcile(_key: Key) -> Look:
        return look

    return reconcile


def raising(error: Exception) -> Callable[[Key], Awaitable[Look]]:
    async def reconcile(_key: Key) -> Look:
        raise error

    return reconcile


async def test_a_pass_that_asks_for_nothing_is_done() -> None:
    bench = Bench(returning(None))
    await bench.once()
    assert bench.tally.results == ["done"]
    assert bench.queue.scheduled == 0


@pytest.mark.parametrize("look", [NOW + timedelta(seconds=30), timedelta(seconds=30)])
async def test_a_pass_that_names_a_time_is_repeated_then_and_never_before(look: Look) -> None:
    bench = Bench(returning(look))
    before = asyncio.get_running_loop().time()
    await bench.once()
    when = bench.queue._due[KEY] - before
    assert bench.tally.results == ["requeued"]
    assert 30.0 < when < 31.5


async def test_a_time_that_has_passed_means_at_once() -> None:
    bench = Bench(returning(NOW - timedelta(hours=1)))
    bench.workers.start()
    bench.queue.add(KEY)
    async with asyncio.timeout(5):
        for _ in range(3):
            bench.passed.clear()
            await bench.passed.wait()
    await bench.workers.stop(1)


@pytest.mark.parametrize(
    ("error", "result", "reason", "wait"),
    [
        (Conflict(409, "Conflict", "moved"), "conflict", "Conflict", (0.05, 0.1)),
        (Unavailable(0, "Timeout", "no answer"), "failed", "Timeout", (0.05, 0.1)),
        (
            Throttled(429, "TooManyRequests", "later", retry_after=7.0),
            "failed",
            "TooManyRequests",
            (7.0, 7.0),
        ),
        (Invalid(422, "Invalid", "no such field"), "refused", "Invalid", (60.0, 60.0)),
        (Forbidden(403, "Forbidden", "no"), "refused", "Forbidden", (60.0, 60.0)),
        (ZeroDivisionError("ours"), "defect", "ZeroDivisionError", (0.05, 0.1)),
    ],
)
async def test_a_failure_is_counted_and_tried_again_after_a_wait_that_fits_it(
    error: Exception, result: str, reason: str, wait: tuple[float, float]
) -> None:
    bench = Bench(raising(error))
    started = asyncio.get_running_loop().time()
    with capture_logs():
        await bench.once()
    delay = bench.queue._due[KEY] - started
    assert bench.tally == Tally([result], [reason])
    assert wait[0] <= delay <= wait[1] + 0.5


async def test_a_pass_of_a_replica_that_leads_no_more_is_no_failure_and_stays_due() -> None:
    bench = Bench(raising(NotLeading("held back")))
    await bench.once()
    assert bench.tally == Tally(["not leading"], [])
    assert bench.queue.scheduled == 1


async def test_a_refusal_is_logged_as_an_error_with_what_to_do() -> None:
    bench = Bench(raising(Forbidden(403, "Forbidden", "cannot patch services")))
    with capture_logs() as logs:
        await bench.once()
    assert logs[0]["log_level"] == "error"
    assert "cannot patch services" in logs[0]["error"]
    assert "ClusterRole" in logs[0]["remedy"]


async def test_a_failure_that_keeps_coming_back_becomes_a_warning() -> None:
    bench = Bench(raising(Unavailable(503, "", "down")))
    for _ in range(WORTH_A_WARNING - 1):
        bench.queue.retry_after(KEY)
    with capture_logs() as logs:
        await bench.once()
    assert [(entry["log_level"], entry["failures"]) for entry in logs] == [
        ("warning", WORTH_A_WARNING)
    ]


async def test_waits_of_permanent_failures_grow_to_ten_minutes() -> None:
    bench = Bench(raising(Invalid(422, "Invalid", "no")))
    for _ in range(20):
        bench.queue.retry_after(KEY)
    with capture_logs() as logs:
        await bench.once()
    assert logs[0]["wait_seconds"] == 600


async def test_stopping_lets_a_begun_pass_end_and_begins_no_other() -> None:
    # given a pass under way and another key waiting
    release = asyncio.Event()

    async def reconcile(_key: Key) -> Look:
        await release.wait()
        return None

    bench = Bench(reconcile)
    bench.workers.start()
    for name in ("a", "b", "c"):
        bench.queue.add(Key("Model", "ns", name))
    await asyncio.sleep(0.01)
    assert bench.passes == 2
    # when
    stopping = asyncio.create_task(bench.workers.stop(5))
    await asyncio.sleep(0.01)
    release.set()
    # then
    assert await stopping
    assert bench.tally.results == ["done", "done"]
    assert bench.passes == 2
    assert not bench.workers.running


async def test_stopping_cuts_off_a_pass_that_takes_too_long() -> None:
    async def reconcile(_key: Key) -> Look:
        await asyncio.Event().wait()
        return None

    bench = Bench(reconcile)
    bench.workers.start()
    bench.queue.add(KEY)
    await asyncio.sleep(0.01)
    assert bench.workers.stalled_since() > 0
    assert not await bench.workers.stop(0.02)
    assert bench.tally.results == ["cut off"]
    assert bench.workers.stalled_since() == 0
    assert bench.queue.depth == 1


async def test_workers_can_be_started_again() -> None:
    bench = Bench(returning(None))
    await bench.once()
    bench.tally.results.clear()
    await bench.once()
    assert bench.tally.results == ["done"]
    assert not bench.workers.crippled()


async def test_passes_that_never_wait_leave_room_for_the_lease_between_them() -> None:
    # given many keys and workers, and somebody else who wants the event loop
    bench = Bench(returning(None))
    bench.workers = Workers(bench.queue, bench._run, bench.tally, count=8)
    bench.workers.start()
    for number in range(100):
        bench.queue.add(Key("Model", "ns", str(number)))
    passes_at_each_turn = [0]
    # when
    while bench.queue.depth:
        await asyncio.sleep(0)
        passes_at_each_turn.append(bench.passes)
    await bench.workers.stop(1)
    # then after the first passes, which begin together, there is one a turn
    later = passes_at_each_turn[3:]
    assert max(after - before for before, after in pairwise(later)) == 1
