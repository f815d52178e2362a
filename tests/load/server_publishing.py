"""What publishing costs requests: three servers of one model, asked in turn in one run.

One publishes nothing, one to a gateway on this machine, one to a gateway that is not there. Each
gets the same requests at the same moments, in an order drawn anew each time, so that what else the
machine does is shared by all; the ratios say what publishing adds. Then the first two are
asked by a few clients without a pause, to see what is left of the requests that a server can
answer. The gateway's four servers share the machine, and take their part of what is missing there.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders.artifacts import iris_files
from tests.builders.model_server import ModelServer
from tests.builders.nats_engine import Engine, some_ports
from tests.builders.published import Gateway, publishing_to
from tests.builders.steady_client import Line as Connection
from tests.load.lines import Line, arguments, percentile, report, say

SUBJECT = "predictions.load"
OFF, ON, DOWN = "off", "on", "down"
CONNECTIONS = 16
WARM_UP_SECONDS = 3.0
CLIENTS = 4
SEED = 20261128
AGELESS: dict[str, Any] = {"HEADGATE_CONNECTION_AGE_SECONDS": 3600, "HEADGATE_DRAIN_SECONDS": 1}


@dataclass
class Asked:
    """One server, connections to it, and how long its answers took."""

    server: ModelServer
    free: asyncio.Queue[Connection] = field(default_factory=asyncio.Queue)
    seconds: list[float] = field(default_factory=list)

    async def connect(self) -> None:
        for _ in range(CONNECTIONS):
            self.free.put_nowait(await Connection.open(self.server.port))

    async def ask(self) -> None:
        begun = time.perf_counter()
        connection = await self.free.get()
        heard = await connection.ask()
        self.free.put_nowait(connection)
        assert heard.status == 200, heard
        self.seconds.append(time.perf_counter() - begun)

    def p(self, percent: float) -> float:
        return percentile(self.seconds, percent) * 1000


@contextmanager
def servers(folder: Path, gateway: Gateway) -> Iterator[dict[str, Asked]]:
    nowhere = f"nats://127.0.0.1:{some_ports(1)[0]}"
    up = publishing_to(gateway, folder, SUBJECT)
    ways = {OFF: {}, ON: up, DOWN: up | {"HEADGATE_PREDICTIONS_SERVER": nowhere}}
    with ExitStack() as started:
        yield {
            way: Asked(
                started.enter_context(
                    ModelServer(
                        folder / way, iris_files("xgboost"), "xgboost", **settings, **AGELESS
                    )
                )
            )
            for way, settings in ways.items()
        }


async def ask_steadily(asked: dict[str, Asked], rate: float, seconds: float) -> None:
    """Ask each server so often a second, whether or not it has answered yet."""
    chance = random.Random(SEED)  # noqa: S311  # an order, no secret
    running: set[asyncio.Task[None]] = set()
    begun = time.perf_counter()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(begun + number / rate - time.perf_counter())
        for way in chance.sample(sorted(asked), len(asked)):
            running.add(asyncio.create_task(asked[way].ask()))
        running = {task for task in running if not task.done()}
    await asyncio.gather(*running)


@dataclass(frozen=True)
class Turn:
    """What a server did for clients without a pause."""

    per_second: float
    cpu_seconds_each: float


async def most_answered(asked: Asked, seconds: float) -> Turn:
    """Let clients ask without a pause."""
    until, before = time.perf_counter() + seconds, len(asked.seconds)
    cpu_before = asked.server.metric("process_cpu_seconds_total")

    async def client() -> None:
        while time.perf_counter() < until:
            await asked.ask()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    answered = len(asked.seconds) - before
    cpu = asked.server.metric("process_cpu_seconds_total") - cpu_before
    return Turn(answered / seconds, cpu / answered)


async def measure(asked: dict[str, Asked], rate: float, seconds: float) -> list[Line]:
    for each in asked.values():
        await each.connect()
    say("warming up")
    await ask_steadily(asked, rate, WARM_UP_SECONDS)
    for each in asked.values():
        each.seconds.clear()
    say(f"{rate:g} requests a second to each of three servers, for {seconds:g} s")
    await ask_steadily(asked, rate, seconds)
    lines = [line for way in (ON, DOWN) for line in beside(asked, way, rate)]
    say("as many as two of them answer, in turn")
    most: dict[str, list[Turn]] = {OFF: [], ON: []}
    for _ in range(3):
        for way, found in most.items():
            found.append(await most_answered(asked[way], seconds / 6))
    return [*lines, *without_a_pause(most), *kept(asked[ON].server)]


def beside(asked: dict[str, Asked], way: str, rate: float) -> list[Line]:
    off, other = asked[OFF], asked[way]
    return [
        Line(
            name=f"request p{percent} with the gateway {way}, to that without publishing",
            value=other.p(percent) / off.p(percent),
            unit="times",
            limit=limit,
            detail=f"{other.p(percent):.2f} ms to {off.p(percent):.2f} ms, "
            f"{len(other.seconds)} requests at {rate:g}/s",
        )
        for percent, limit in ((50, 1.2), (99, 1.5))
    ]


def without_a_pause(most: dict[str, list[Turn]]) -> list[Line]:
    on, off = (max(turn.per_second for turn in most[way]) for way in (ON, OFF))
    cpu_on, cpu_off = (min(turn.cpu_seconds_each for turn in most[way]) * 1e6 for way in (ON, OFF))
    clients = f"{CLIENTS} clients, the best of 3 turns"
    return [
        Line(
            name="most requests answered while publishing, to those without",
            value=on / off,
            unit="times",
            limit=0.5,
            at_least=True,
            detail=f"{on:.0f}/s to {off:.0f}/s, {clients}",
        ),
        Line(
            name="processor time of a request while publishing, to that without",
            value=cpu_on / cpu_off,
            unit="times",
            limit=1.5,
            detail=f"{cpu_on:.0f} us to {cpu_off:.0f} us of the server's process, {clients}",
        ),
    ]


def kept(server: ModelServer) -> list[Line]:
    published = server.metric("headgate_predictions_published_total")
    lost = sum(
        server.metric("headgate_predictions_dropped_total", reason=reason)
        for reason in ("buffer_full", "not_stored", "too_large")
    )
    return [
        Line(
            name="predictions dropped with the gateway up",
            value=lost,
            unit="predictions",
            limit=0,
            detail=f"{published:.0f} published",
        )
    ]


def run(folder: Path, rate: float, seconds: float) -> list[Line]:
    with Engine(folder=folder / "engine", edge_count=1) as engine:
        gateway = Gateway(engine)

        async def all_of_it() -> list[Line]:
            await gateway.create_stream()
            with servers(folder, gateway) as asked:
                return await measure(asked, rate, seconds)

        return asyncio.run(all_of_it())


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--rate", type=float, default=100.0, help="requests a second and server")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = run(Path(folder), given.rate, given.seconds)
    return report(lines, given.json)


if __name__ == "__main__":
    sys.exit(main())
