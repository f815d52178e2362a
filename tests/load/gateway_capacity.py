"""How many connections one edge server holds, and what they cost it: at rest, and as it is left.

Servers of the operator's own configuration on this machine; bare WebSocket clients in two
processes, all on one edge. Then every connection is asked to move, as a drain does it, to the
other edge. Run: `python tests/load/gateway_capacity.py`; `--clients 2000` for a quick look.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from headgate.streamgateway.engines.nats.errors import EngineError
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.stream_types import Create
from headgate.streamgateway.engines.nats.streams import stream_config
from headgate.streamgateway.engines.nats.system import SystemAccount
from tests.builders.nats_engine import Engine, Server
from tests.builders.streams import a_wanted_stream
from tests.load.lines import Line, arguments, in_milliseconds, report, say
from tests.load.stream.local_crowd import LocalCrowd

CLIENTS = 19_000
PROCESSES = 2
RATE = 0.5
REST_SECONDS = 30.0
SETTLE_SECONDS = 5.0
MOVES_PER_SECOND = 300
CONNECT_SECONDS, LEAVE_SECONDS, CATCH_UP_SECONDS = 300.0, 300.0, 60.0
LIMITLESS = float("inf")


async def until(what: str, seconds: float, holds: Callable[[], bool]) -> float:
    """Return how long it took; AssertionError where it did not come."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() < begun + seconds, f"{what}: not within {seconds:g} s"
        await asyncio.sleep(0.2)
    return time.monotonic() - begun


async def drain(engine: Engine, edge: Server, rate: float) -> int:
    """Ask every connection of an edge to move, at that rate; return how many were asked."""
    client = await engine.connect_as_system()
    system = SystemAccount(client)
    servers = await system.servers(expected=len(engine.servers))
    server_id = next(each.server_id for each in servers if each.name == edge.name) or ""
    asked: list[int] = []
    while True:
        page = await system.connections(server_id, offset=len(asked))
        if not page.connections:
            break
        asked += [connection.cid for connection in page.connections]
    begun = time.monotonic()
    for number, cid in enumerate(asked):
        await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
        try:
            await system.ask_to_move(server_id, cid)
        except EngineError as error:
            say(f"connection {cid}: {error}")
    await client.close()
    return len(asked)


async def measure(folder: Path, clients: int) -> list[Line]:
    with Engine(folder=folder) as engine, LocalCrowd() as crowd:
        operator = await engine.connect_as_operator()
        made = Create(name="predictions", config=stream_config(a_wanted_stream()))
        await Streams(operator).carry_out(made)
        await operator.close()
        full, other = engine.edges
        empty_bytes = full.resident_bytes()
        crowd.start("publisher", "in_pod.py", "--url", other.websocket_url, "--clients", "0",
                    "--rate", str(RATE), "--seconds", "3600")  # fmt: skip
        each = -(-clients // PROCESSES)
        for number in range(PROCESSES):
            crowd.start(f"clients-{number}", "bare_crowd.py", "--clients", str(each),
                        "--url", full.websocket_url, "--url", other.websocket_url)  # fmt: skip
        ledger, everyone = crowd.ledger, each * PROCESSES
        took = await until(
            "all connected", CONNECT_SECONDS, lambda: ledger.total("hearing") == everyone
        )
        say(f"{everyone} clients connected in {took:.1f} s")
        await asyncio.sleep(SETTLE_SECONDS)
        used, since = full.cpu_seconds(), time.time()
        await asyncio.sleep(REST_SECONDS)
        busy = 100 * (full.cpu_seconds() - used) / REST_SECONDS
        held = full.resident_bytes() - empty_bytes
        at_rest = [ledger.delay(quantile, since, time.time()) for quantile in (0.5, 0.99)]
        since = time.time()
        asked = await drain(engine, full, MOVES_PER_SECOND)
        await until("all moved", LEAVE_SECONDS, lambda: ledger.total("moves") == everyone)
        seconds = time.time() - since
        in_drain = [ledger.delay(quantile, since, time.time()) for quantile in (0.5, 0.99)]
        crowd.end("publisher")
        last = ledger.last_sequence
        await until("all have all", CATCH_UP_SECONDS, lambda: ledger.least_last >= last)
        await asyncio.sleep(1)
        how = f"{everyone} WebSocket clients on one server, {RATE:g} messages/s to each"
        moved = f"{asked} asked, {seconds:.0f} s"
        return [
            a_line("memory of a connection", held / everyone / 1024, "KiB", how),
            a_line("processor of that server, at rest", busy, "% of a core", how),
            a_line("delivery at rest, p50", in_milliseconds(at_rest[0]), "ms", how),
            a_line("delivery at rest, p99", in_milliseconds(at_rest[1]), "ms", how),
            a_line("delivery in its drain, p50", in_milliseconds(in_drain[0]), "ms", moved),
            a_line("delivery in its drain, p99", in_milliseconds(in_drain[1]), "ms", moved),
            a_line("lost in its drain", ledger.missing(last), "messages", moved, limit=0),
            a_line("cut off in its drain", ledger.total("reconnects"), "clients", moved, limit=0),
        ]


def a_line(name: str, value: float | None, unit: str, how: str, limit: float = LIMITLESS) -> Line:
    return Line(name=f"full edge: {name}", value=value, unit=unit, limit=limit, detail=how)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = asyncio.run(measure(Path(folder), given.clients))
    return report(lines, given.json)


if __name__ == "__main__":
    sys.exit(main())
