"""What a reader costs the servers, by the way in which it reads a stream.

Live: the stream is repeated on a subject that all subscribe to. Consumer: each reader has a
consumer of its own. The same clients, the same messages, on fresh servers each time.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.builders.nats_admin import connected
from tests.builders.nats_cluster import NatsCluster, NatsServer
from tests.load.lines import Line, arguments, percentile, report, say
from tests.load.stream.publisher import SteadyPublisher
from tests.load.stream.subscribers import Target, contract_crowd

STREAM = "predictions"
SETTLE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one way costs."""

    core_rest: float
    """Percent of a processor that all cores take while nothing is published."""
    edge_rest: float
    core_cpu: float
    """Microseconds of all cores for one delivery, beyond what they take at rest."""
    edge_cpu: float
    core_kilobytes: float
    """Memory of all cores for one client."""
    edge_kilobytes: float
    p99_milliseconds: float
    deliveries: int


def cpu(servers: Sequence[NatsServer]) -> float:
    return sum(server.cpu_seconds() for server in servers)


async def load_of(cluster: NatsCluster, seconds: float) -> tuple[float, float]:
    """Return the processor time that all cores, and all edges, take in so many seconds."""
    before = cpu(cluster.cores), cpu(cluster.edges)
    await asyncio.sleep(seconds)
    return cpu(cluster.cores) - before[0], cpu(cluster.edges) - before[1]


def resident(servers: Sequence[NatsServer]) -> int:
    return sum(server.resident_bytes() for server in servers)


async def cost_of(clients: int, rate: float, seconds: float, *, live: bool) -> Cost:
    """Measure one way on servers of its own."""
    with tempfile.TemporaryDirectory() as folder, NatsCluster(Path(folder)) as cluster:
        cores, edges = cluster.cores, cluster.edges
        async with connected(cluster) as admin:
            await admin.create_stream(STREAM, **({} if live else {"republish": None}))
            target = Target(
                urls=cluster.websocket_urls, stream=STREAM, live_subject=f"live.{STREAM}.>"
            )
            crowd = contract_crowd(target, clients, first=1)
            empty = resident(cores), resident(edges)
            await crowd.start(per_second=100)
            await asyncio.sleep(SETTLE_SECONDS)
            held = resident(cores), resident(edges)
            rest = await load_of(cluster, seconds)
            async with SteadyPublisher(
                cluster.core_urls, f"{STREAM}.load", per_second=rate
            ) as publisher:
                await asyncio.sleep(SETTLE_SECONDS)
                before = publisher.count
                crowd.latencies.clear()
                busy = await load_of(cluster, seconds)
                deliveries = (publisher.count - before) * clients
                latencies = list(crowd.latencies)
            await crowd.have_all(publisher.last, 10)
            balance = crowd.ledger.balance(publisher.last)
            await crowd.stop()
    say(f"{'live' if live else 'consumer'}: {balance}")
    return Cost(
        core_rest=rest[0] / seconds * 100,
        edge_rest=rest[1] / seconds * 100,
        core_cpu=(busy[0] - rest[0]) / deliveries * 1e6,
        edge_cpu=(busy[1] - rest[1]) / deliveries * 1e6,
        core_kilobytes=(held[0] - empty[0]) / clients / 1024,
        edge_kilobytes=(held[1] - empty[1]) / clients / 1024,
        p99_milliseconds=percentile(latencies, 99) * 1000,
        deliveries=deliveries,
    )


def lines_of(way: str, cost: Cost) -> list[Line]:
    anything = float("inf")
    figures = (
        ("cores, processor at rest", cost.core_rest, "%"),
        ("edges, processor at rest", cost.edge_rest, "%"),
        ("cores, processor per delivery", cost.core_cpu, "us"),
        ("edges, processor per delivery", cost.edge_cpu, "us"),
        ("cores, memory per client", cost.core_kilobytes, "KB"),
        ("edges, memory per client", cost.edge_kilobytes, "KB"),
        ("delivery, p99", cost.p99_milliseconds, "ms"),
    )
    return [
        Line(
            name=f"{way}: {name}",
            value=value,
            unit=unit,
            limit=anything,
            detail=f"{cost.deliveries} deliveries",
        )
        for name, value, unit in figures
    ]


async def compare(clients: int, rate: float, seconds: float) -> list[Line]:
    live = await cost_of(clients, rate, seconds, live=True)
    consumer = await cost_of(clients, rate, seconds, live=False)
    return lines_of("live", live) + lines_of("consumer", consumer)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rate", type=float, default=2.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    return report(asyncio.run(compare(given.clients, given.rate, given.seconds)), given.json)


if __name__ == "__main__":
    sys.exit(main())
