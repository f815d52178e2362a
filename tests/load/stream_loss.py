"""Messages lost while servers come and go: clients of the contract, and clients that reconnect.

Three servers with streams and two edges on this machine; every client gets every message, over
WebSocket. Both kinds are there at once and go through the same: both edges in lame duck mode one
after the other, then an edge killed, then the stream's leader.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders.nats_admin import NatsAdmin, connected
from tests.builders.nats_cluster import NatsCluster, NatsServer
from tests.builders.waiting import until
from tests.load.lines import Line, arguments, percentile, report, say
from tests.load.stream.publisher import SteadyPublisher
from tests.load.stream.subscribers import Crowd, Target, contract_crowd, plain_crowd

STREAM = "predictions"
SETTLE_SECONDS = 5.0
GRACE_SECONDS = 10.0
"""As NATS has it; the clients move at a random moment of half of it."""
LONGEST_DRAIN_SECONDS = 60.0
BACK_WITHIN_SECONDS = 8.0


@dataclass(frozen=True)
class Scene:
    """What takes part."""

    cluster: NatsCluster
    admin: NatsAdmin
    publisher: SteadyPublisher
    contract: Crowd
    plain: Crowd


def is_gone(server: NatsServer) -> bool:
    return not server.is_running


async def roll(scene: Scene) -> None:
    """Put each edge in lame duck mode, wait until it is empty, start it anew."""
    for edge in scene.cluster.edges:
        say(f"{edge.name} in lame duck mode")
        edge.lame_duck()
        with suppress(TimeoutError):  # it may outlive its clients: then it is ended
            await until(partial(is_gone, edge), LONGEST_DRAIN_SECONDS)
        await asyncio.to_thread(scene.cluster.restart, edge)
        await asyncio.sleep(SETTLE_SECONDS)


async def kill(scene: Scene, server: NatsServer) -> float:
    """Kill a server; return the seconds until all clients of the contract have what followed."""
    say(f"kill {server.name}")
    begun = time.monotonic()
    before = scene.publisher.last
    await asyncio.to_thread(server.kill)
    await until(lambda: scene.publisher.last > before + 2, 60)
    await scene.contract.have_all(scene.publisher.last, 60)
    seconds = time.monotonic() - begun
    await asyncio.to_thread(scene.cluster.restart, server)
    await asyncio.sleep(SETTLE_SECONDS)
    return seconds


async def play(folder: Path, clients: int, rate: float) -> list[Line]:
    with NatsCluster(folder, grace_seconds=GRACE_SECONDS) as cluster:
        async with connected(cluster) as admin:
            await admin.create_stream(STREAM)
            target = Target(
                urls=cluster.websocket_urls, stream=STREAM, live_subject=f"live.{STREAM}.>"
            )
            contract = contract_crowd(target, clients // 2, first=1)
            plain = plain_crowd(target, clients - clients // 2, first=1)
            say(f"{clients} clients connect")
            await contract.start()
            await plain.start()
            await asyncio.sleep(SETTLE_SECONDS)
            publisher = SteadyPublisher(cluster.core_urls, f"{STREAM}.load", per_second=rate)
            async with publisher:
                scene = Scene(cluster, admin, publisher, contract, plain)
                lines = await measure(scene, rate)
            await contract.stop()
            await plain.stop()
    return lines


async def measure(scene: Scene, rate: float) -> list[Line]:
    await asyncio.sleep(SETTLE_SECONDS)
    at_rest = percentile(scene.contract.latencies, 99)
    await roll(scene)
    lines = rolled(scene, rate)
    edge_back = await kill(scene, scene.cluster.edges[0])
    leader = scene.cluster.server(await scene.admin.leader_of(STREAM))
    leader_back = await kill(scene, leader)
    await scene.publisher.stop()
    await scene.contract.have_all(scene.publisher.last, 60)
    whole = scene.contract.ledger.balance(scene.publisher.last)
    other = scene.plain.ledger.balance(scene.publisher.last)
    say(f"whole run, contract: {whole}")
    say(f"whole run, plain: {other}")
    return [
        *lines,
        Line(name="edge killed: all have all again", value=edge_back, unit="s", limit=8),
        Line(name="leader killed: all have all again", value=leader_back, unit="s", limit=8),
        Line(name="whole run: lost, contract", value=whole.missing, unit="messages", limit=0),
        Line(name="whole run: twice, contract", value=whole.duplicates, unit="messages", limit=0),
        Line(
            name="on loopback: delivery at rest, p99",
            value=at_rest * 1000,
            unit="ms",
            limit=float("inf"),
            detail=f"whole run {percentile(scene.contract.latencies, 99) * 1000:.1f} ms",
        ),
    ]


def rolled(scene: Scene, rate: float) -> list[Line]:
    """Return the lines of the rolling lame duck mode; messages of the last second are left out."""
    last = scene.publisher.last - round(rate)
    contract, plain = scene.contract.ledger.balance(last), scene.plain.ledger.balance(last)
    detail = f"{contract.deliveries} deliveries, {scene.contract.moves} moves"
    return [
        Line(
            name="roll: lost, contract",
            value=contract.missing,
            unit="messages",
            limit=0,
            detail=detail,
        ),
        Line(name="roll: twice, contract", value=contract.duplicates, unit="messages", limit=0),
        Line(
            name="roll: interruptions, contract",
            value=scene.contract.interruptions,
            unit="times",
            limit=0,
        ),
        Line(
            name="roll: lost, plain",
            value=plain.missing,
            unit="messages",
            limit=float("inf"),
            detail=f"{plain.deliveries} deliveries, {scene.plain.interruptions} interruptions, "
            f"{plain.incomplete_clients} of {plain.clients} clients",
        ),
    ]


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = asyncio.run(play(Path(folder), given.clients, given.rate))
    return report(lines, given.json)


if __name__ == "__main__":
    sys.exit(main())
