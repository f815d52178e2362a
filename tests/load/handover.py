"""Two operators on one API server: how long nobody reconciles when the leading one goes.

Models are edited all the while, and a watch tells when each edit is in the status. The gap is the
longest time for which an edit that had been made was answered by nobody. What was written is
counted by the API server: an edit is due one status write, and nothing else.
"""

import asyncio
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.kube.resources import LEASES
from headgate.kube.session import Request
from tests.load.apiserver import a_session, an_api_server
from tests.load.fleet import Fleet, Place
from tests.load.lines import Line, arguments, report, say
from tests.load.operator_process import OperatorProcess, running
from tests.load.operator_scale import populate, quiet
from tests.load.stopwatch import Touches
from tests.load.writes import Writes, count_writes

MODELS = 40
EDIT_EVERY_SECONDS = 0.05
BEFORE_SECONDS, AFTER_SECONDS = 4.0, 14.0
ROUNDS = 3


@dataclass(frozen=True)
class Handover:
    """What one change of leaders cost."""

    gap: float
    edits: int
    writes: Writes

    @property
    def not_due(self) -> int:
        """Return the writes that no edit asked for."""
        status = self.writes.by_resource.get("models/status", 0)
        edits = self.writes.by_resource.get("models", 0)
        return max(0, status - self.edits) + self.writes.total - status - edits


async def holder(fleet: Fleet) -> str:
    path = LEASES.path("default", "headgate-operator")
    lease = await fleet.session.call(Request("get", "leases", "GET", path))
    return str(lease["spec"].get("holderIdentity") or "")


async def hand_over(
    fleet: Fleet, operators: dict[str, OperatorProcess], how: signal.Signals
) -> Handover:
    """End the leading operator in the middle of the edits; start it again afterwards."""
    leader = operators[await holder(fleet)]
    touches, watching = Touches(fleet.session), asyncio.Event()
    follower = asyncio.create_task(touches.run(watching))
    await watching.wait()
    before = await count_writes(fleet.session)
    enough = asyncio.Event()
    editing = asyncio.create_task(edit_until(enough, fleet, touches))
    await asyncio.sleep(BEFORE_SECONDS)
    await asyncio.to_thread(leader.stop, how)
    await asyncio.sleep(AFTER_SECONDS)
    enough.set()
    await editing  # not cancelled: an edit on its way would be done and not counted
    await quiet(fleet)
    follower.cancel()
    writes = await count_writes(fleet.session) - before
    await asyncio.to_thread(leader.start)
    found = Handover(touches.longest_gap(), len(touches.edited), writes)
    say(f"{how.name}: {found.gap:.2f} s, {found.edits} edits, writes: {writes}")
    return found


async def edit_until(enough: asyncio.Event, fleet: Fleet, touches: Touches) -> None:
    number = 0
    while not enough.is_set():
        place: Place = fleet.places[number % len(fleet.places)]
        # Nothing follows from another deadline but that the status has seen it.
        body = {"spec": {"progressDeadlineSeconds": 700 + number // len(fleet.places)}}
        sent = time.monotonic()
        model = await fleet.edit(place, body)
        touches.edited[place.model, model["metadata"]["generation"]] = sent
        number += 1
        await asyncio.sleep(EDIT_EVERY_SECONDS)


async def measure(rounds: int) -> list[Line]:
    with an_api_server() as server, ExitStack() as stack:
        log = server.folder.parent
        async with a_session(server) as session:
            fleet = Fleet(session, MODELS)
            await populate(fleet, OperatorProcess(server.kubeconfig, log / "first.log"))
            operators = {
                name: stack.enter_context(
                    running(OperatorProcess(server.kubeconfig, log / f"{name}.log", name))
                )
                for name in ("left", "right")
            }
            await quiet(fleet)
            graceful = [await hand_over(fleet, operators, signal.SIGTERM) for _ in range(rounds)]
            killed = [await hand_over(fleet, operators, signal.SIGKILL) for _ in range(rounds)]
    how = f"the longest of {rounds}, {MODELS} Models edited {1 / EDIT_EVERY_SECONDS:.0f}/s"
    return [
        Line(
            name="handover after a graceful stop",
            value=max(each.gap for each in graceful),
            unit="s",
            limit=2,
            detail=how,
        ),
        Line(
            name="handover after kill -9",
            value=max(each.gap for each in killed),
            unit="s",
            limit=10,
            detail=how,
        ),
        Line(
            name="writes not due in handovers",
            value=sum(each.not_due for each in [*graceful, *killed]),
            unit="writes",
            limit=0,
            detail=f"of {sum(each.writes.total for each in [*graceful, *killed])} writes",
        ),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    return report(asyncio.run(measure(options.rounds)), options.json)


if __name__ == "__main__":
    sys.exit(main())
