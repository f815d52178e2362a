"""The operator at 2,000 Models: memory, latency of spec edits, silence at rest.

On an API server without a node; fleet.py stands in for pods, so all Models are Healthy at rest.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.kube.resources import MODELS
from tests.load.apiserver import a_session, an_api_server
from tests.load.fleet import Fleet
from tests.load.lines import Line, arguments, percentile, report, say
from tests.load.operator_process import OperatorProcess, running
from tests.load.stopwatch import Stopwatch
from tests.load.writes import Writes, count_writes

RESYNC_SECONDS = 30.0
RESYNCS = 3
PATIENCE_SECONDS = 400.0
QUIET_SECONDS = 5.0


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    models: int = 2000
    edits_per_second: int = 50
    seconds: int = 30

    @property
    def edits(self) -> int:
        return self.edits_per_second * self.seconds


@dataclass(frozen=True)
class Edits:
    """What came of the edits."""

    to_status: Sequence[float]
    to_deployment: Sequence[float]
    sent: int
    rate: float
    writes: Writes
    accepted_p99: float
    """Seconds until the API server had taken an edit: part of the wait, and not ours."""


async def until(what: str, holds: Callable[[], Awaitable[bool]]) -> float:
    """Wait for something; return how many seconds it took."""
    begun = time.monotonic()
    while not await holds():
        if time.monotonic() - begun > PATIENCE_SECONDS:
            raise TimeoutError(f"not within {PATIENCE_SECONDS:.0f} s: {what}")
        await asyncio.sleep(0.5)
    return time.monotonic() - begun


async def all_in_phase(fleet: Fleet, phase: str) -> bool:
    found = await fleet.list(MODELS)
    return all((model.get("status") or {}).get("phase") == phase for model in found)


async def quiet(fleet: Fleet) -> None:
    """Wait until nobody has written anything for a while."""

    async def nothing_written() -> bool:
        before = await count_writes(fleet.session)
        await asyncio.sleep(QUIET_SECONDS)
        return not (await count_writes(fleet.session) - before).total

    await until("nothing is written any more", nothing_written)


async def populate(fleet: Fleet, operator: OperatorProcess) -> None:
    """Have every Model Healthy with its first version."""
    await fleet.create()
    before = await count_writes(fleet.session)
    with running(operator):
        took = await until("children made", lambda: all_in_phase(fleet, "Progressing"))
        say(f"first versions of {len(fleet.places)} Models in {took:.0f} s")
        await fleet.stand_in_for_nodes()
        await until("all Healthy", lambda: all_in_phase(fleet, "Healthy"))
        await quiet(fleet)
        memory = operator.highest_resident_mb()
    writes = await count_writes(fleet.session) - before
    say(f"all Healthy; {memory:.0f} MB at most; writes: {writes}")


async def resyncs(fleet: Fleet, operator: OperatorProcess) -> tuple[Writes, float]:
    """Watch a fresh operator at rest through three resyncs; return its writes and passes."""
    before = await count_writes(fleet.session)
    await asyncio.sleep(RESYNC_SECONDS)  # the start itself is a look at everything as well
    passes = operator.metric("headgate_reconciles_total")
    await asyncio.sleep(RESYNC_SECONDS * RESYNCS * 1.2)
    writes = await count_writes(fleet.session) - before
    return writes, operator.metric("headgate_reconciles_total") - passes


async def edit(fleet: Fleet, size: Size) -> Edits:
    """Send the edits at their rate, whatever becomes of them, and wait for the answers."""
    stopwatch, watching = Stopwatch(fleet.session), asyncio.Event()
    follower = asyncio.create_task(stopwatch.run(watching))
    await watching.wait()
    before, begun = await count_writes(fleet.session), time.monotonic()
    places, sent = fleet.places[: size.edits], []
    for number, place in enumerate(places):
        await asyncio.sleep(begun + number / size.edits_per_second - time.monotonic())
        stopwatch.edited[place.model] = time.monotonic()
        sent.append(asyncio.create_task(_timed(fleet.name_version(place, 2))))
    rate = len(places) / (time.monotonic() - begun)
    accepted = await asyncio.gather(*sent)

    async def all_answered() -> bool:
        if follower.done():
            follower.result()  # raises what ended it
        return len(stopwatch.answered) == len(places)

    with suppress(TimeoutError):  # those that never came count as missing below
        await until("answers to all edits", all_answered)
    await quiet(fleet)
    follower.cancel()
    writes = await count_writes(fleet.session) - before
    return Edits(
        stopwatch.waits(stopwatch.status),
        stopwatch.waits(stopwatch.deployment),
        len(places),
        rate,
        writes,
        percentile(accepted, 99),
    )


async def _timed(work: Awaitable[object]) -> float:
    begun = time.monotonic()
    await work
    return time.monotonic() - begun


async def measure(size: Size) -> list[Line]:
    with an_api_server() as server:
        log = server.folder.parent / "operator.log"
        often = {"HEADGATE_RESYNC_SECONDS": str(RESYNC_SECONDS)}
        operator = OperatorProcess(server.kubeconfig, log, settings=often)
        async with a_session(server) as session:
            fleet = Fleet(session, size.models)
            await populate(fleet, operator)
            with running(operator):
                at_rest, passes = await resyncs(fleet, operator)
                memory = operator.highest_resident_mb()
                say(f"{passes:.0f} passes in three resyncs, writes: {at_rest.total} {at_rest}")
                say(f"{operator.resident_mb():.0f} MB now, {memory:.0f} MB at most")
            operator = OperatorProcess(server.kubeconfig, log)  # as installed: it resyncs rarely
            with running(operator):
                await fleet.create_versions(2, fleet.places[: size.edits])
                await quiet(fleet)
                cpu = operator.cpu_seconds()
                edits = await edit(fleet, size)
                cpu = operator.cpu_seconds() - cpu
                after = operator.highest_resident_mb()
                say(f"{len(edits.to_status)} of {edits.sent} edits answered, {cpu:.0f} CPU s")
                say(f"writes: {edits.writes}; {after:.0f} MB at most")
    return lines_of(size, at_rest, memory, after, edits)


def lines_of(size: Size, at_rest: Writes, memory: float, after: float, edits: Edits) -> list[Line]:
    missing = [float("inf")] * (edits.sent - len(edits.to_status))
    waits = [*edits.to_status, *missing]
    made = [*edits.to_deployment, *missing]
    how = f"{edits.sent} edits at {edits.rate:.1f}/s; made p50 {percentile(made, 50):.2f} s"
    status_writes = edits.writes.by_resource.get("models/status", 0) / edits.sent
    return [
        Line(
            name=f"operator memory at {size.models} Models",
            value=memory,
            unit="MB",
            limit=120,
            detail=f"most ever resident; {after:.0f} MB during the edits",
        ),
        Line(
            name="spec edit to status p50",
            value=percentile(waits, 50),
            unit="s",
            limit=0.2,
            detail=how,
        ),
        Line(
            name="spec edit to status p99",
            value=percentile(waits, 99),
            unit="s",
            limit=1.0,
            detail=f"the longest {max(waits):.2f} s; edits taken p99 {edits.accepted_p99:.2f} s; "
            f"Deployment made p99 {percentile(made, 99):.2f} s",
        ),
        Line(
            name="writes at rest in 3 resyncs",
            value=at_rest.total,
            unit="writes",
            limit=0,
            detail="and a start; counted by the API server, the lease left out",
        ),
        Line(
            name="status writes per transition",
            value=status_writes,
            unit="writes",
            limit=1,
            detail=f"all writes: {edits.writes}",
        ),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--models", type=int, default=Size.models)
    parser.add_argument("--seconds", type=int, default=Size.seconds)
    options = parser.parse_args()
    size = Size(models=options.models, seconds=options.seconds)
    return report(asyncio.run(measure(size)), options.json)


if __name__ == "__main__":
    sys.exit(main())
