"""What changes and misfortunes of a gateway cost the clients that it is full of, on the cluster.

10,500 WebSocket clients of the contract in pods, each of which keeps a ledger. Pods more, pods
less, a new configuration, one that cannot work, the operator killed in the middle of a drain and of
a rebalance; then an edge's server and that of the stream's leader are killed, and at last some
clients that merely reconnect see a scale-down beside them. Run after `make cluster-up images`;
`--clients 500` for a quick look.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hack.demo.kubectl import Kubectl, KubectlError, Raw, of_this_clone
from hack.demo.stream.acts import Act, Theatre, is_at_rest
from hack.demo.stream.gateway import WaitedInVainError
from hack.demo.stream.stage import FEW, MANY, RATE, a_theatre
from headgate.streamgateway.status_types import StreamGatewayStatus
from tests.load.arena import kill_the_leader
from tests.load.lines import Line, arguments, in_milliseconds, report, say
from tests.load.pod_processes import kill_processes_of

NAMESPACE = "bench-gateway"
CLIENTS, PODS, PLAIN_CLIENTS = 10_500, 5, 100
LEADERS_KILLED = 3
LAME_DUCK_SECONDS = 45.0
"""So long a deleted pod takes at most until it has cut those who stayed."""
CORE = 3
LOAD_SECONDS = 3600
REST_SECONDS = 30.0
BACK_WITHIN_SECONDS = 8.0
EVEN_WITHIN_SECONDS = 30.0
SLOWER_AT_MOST = 3.0
WAIT_SECONDS = 120.0
LIMITLESS = float("inf")


@dataclass
class Bench:
    """The theatre, and the lines so far."""

    theatre: Theatre
    how: str
    lines: list[Line] = field(default_factory=list)

    def add(
        self, name: str, value: float | None, unit: str, limit: float = LIMITLESS, detail: str = ""
    ) -> None:
        """Keep a line, and say it: what comes later may fail."""
        line = Line(name=name, value=value, unit=unit, limit=limit, detail=detail or self.how)
        self.lines.append(line)
        say(f"{name}: {value} {unit}")

    def balance(self, what: str) -> int:
        """Count what the clients were not handed so far; return the last message's sequence."""
        last = self.theatre.all_have_all()
        ledger = self.theatre.crowd.ledger
        handed = f"of {ledger.total('received'):,} handed on; {ledger.total('moves'):,} moves"
        self.add(f"{what}: lost", ledger.missing(last), "messages", 0, handed)
        self.add(f"{what}: handed on twice", ledger.total("twice"), "messages", 0, handed)
        return last


def planned(bench: Bench) -> None:
    """Change the pool in every way that users do; the operator is killed in the midst of it."""
    theatre, ledger = bench.theatre, bench.theatre.crowd.ledger
    rest = theatre.rest(REST_SECONDS)
    even: list[float] = []
    up = theatre.scale(MANY, lambda: even.append(theatre.seconds_to_even(MANY)))
    bench.add("scale-up: ready to even", even[0], "s", EVEN_WITHIN_SECONDS, "skew at most 1.15")
    bench.add("delivery at rest, p50", in_milliseconds(rest.p50), "ms")
    bench.add("delivery at rest, p99", in_milliseconds(rest.p99), "ms")
    bench.add("delivery in a scale-up, p99", in_milliseconds(up.p99), "ms")
    ratio = up.p99 / rest.p99 if up.p99 and rest.p99 else None
    bench.add("delivery p99, scale-up over rest", ratio, "x", SLOWER_AT_MOST)
    down = theatre.scale(FEW, lambda: killed_when(theatre, "drain", is_draining))
    bench.add("scale-down, operator killed in a drain", down.seconds, "s", detail=slow(down))
    roll = theatre.roll(resources={"requests": {"cpu": "40m"}})
    bench.add("rolling change of all pods", roll.seconds, "s", detail=slow(roll))
    revert, why = theatre.revert()
    bench.add("bad configuration: reverted", revert.seconds, "s", detail=f"{why}; {slow(revert)}")
    again = theatre.scale(MANY, lambda: killed_when(theatre, "rebalance", is_rebalancing))
    bench.add("scale-up, operator killed in the rebalance", again.seconds, "s", detail=slow(again))
    bench.add("planned changes: reconnects", ledger.total("reconnects"), "times", 0)
    bench.balance("planned changes")
    cost = theatre.gateway.status.continuity
    bench.add("planned changes: forced closes", cost.forced_closes, "connections", 0)


def misfortunes(bench: Bench) -> None:
    """Kill an edge's server, then that of the stream's leader, again and again."""
    theatre, ledger = bench.theatre, bench.theatre.crowd.ledger
    edge = max(theatre.gateway.edges(), key=lambda pod: str(pod["metadata"]["name"]))
    seconds = seconds_until_back(theatre, edge)
    detail = f"{ledger.total('reconnects'):,} had to connect again"
    bench.add("edge killed: all back", seconds, "s", BACK_WITHIN_SECONDS, detail)
    tries = []
    for _ in range(LEADERS_KILLED):
        theatre.gateway.wait("all is well again", WAIT_SECONDS, is_well)
        theatre.rest(REST_SECONDS)
        tries.append(seconds_until_back(theatre, leader_of(theatre)))
    detail = ", ".join(f"{each:.1f}" for each in tries) + " s; an election takes 4 to 9"
    middle = statistics.median(tries)
    bench.add("stream's leader killed: all back", middle, "s", BACK_WITHIN_SECONDS, detail)


def beside_plain_ones(bench: Bench, clients: int) -> None:
    """Let clients that merely reconnect go through a scale-down beside the others."""
    theatre = bench.theatre
    theatre.gateway.wait("all is well again", WAIT_SECONDS, is_well)
    before = theatre.crowd.ledger.total("reconnects")
    plain = theatre.beside(clients, seconds=LOAD_SECONDS)
    try:
        theatre.gateway.edit(drain={"deadline": "45s"})
        theatre.scale(FEW)
        theatre.rest(LAME_DUCK_SECONDS)
        forced = theatre.gateway.status.continuity.forced_closes
        after = theatre.crowd.ledger.total("reconnects")
        bench.add("beside plain clients, scale-down: forced closes of plain", forced, "connections")
        bench.add(
            "beside plain clients, scale-down: reconnects of others", after - before, "times", 0
        )
        last = bench.balance("with servers killed")
        others = plain.ledger
        detail = f"{clients} clients, {others.total('reconnects')} reconnects"
        bench.add(
            "scale-down: lost by plain clients", others.missing(last), "messages", detail=detail
        )
    finally:
        plain.close()


def seconds_until_back(theatre: Theatre, pod: Raw) -> float:
    """Kill a pod's server; return the seconds until all have all that was published, and connect.

    It is killed once all have a message: the next one comes after the cut.
    """
    ledger = theatre.crowd.ledger
    seen = ledger.last_sequence
    theatre.until("all have a message", WAIT_SECONDS, lambda: ledger.least_last > seen)
    before = ledger.last_sequence
    begun = time.monotonic()
    if not kill_processes_of(pod, "nats-server"):
        raise WaitedInVainError(f"the server of {pod['metadata']['name']} is not seen from here")

    def all_are_back() -> bool:
        last = ledger.last_sequence
        has_all = ledger.least_last >= last > before
        return has_all and ledger.total("connected") >= theatre.clients

    theatre.until("all are back", WAIT_SECONDS, all_are_back)
    return time.monotonic() - begun


def leader_of(theatre: Theatre) -> Raw:
    """Return the pod whose server leads the stream, as any server of the core says."""
    kubectl, namespace = theatre.gateway.kubectl, theatre.gateway.namespace
    labels = "headgate.dev/streamgateway=predictions,headgate.dev/role=core"
    pods: Sequence[Raw] = kubectl.json("get", "pods", "-n", namespace, "-l", labels)["items"]
    path = f"/api/v1/namespaces/{namespace}/pods/{pods[0]['metadata']['name']}:8222/proxy"
    told = json.loads(kubectl.run("get", "--raw", f"{path}/jsz?streams=true&accounts=true"))
    streams = [
        stream for account in told["account_details"] for stream in account.get("stream_detail", ())
    ]
    leader = next(each["cluster"]["leader"] for each in streams if each["name"] == "predictions")
    return next(pod for pod in pods if pod["metadata"]["name"] == leader)


def killed_when(theatre: Theatre, what: str, holds: Callable[[StreamGatewayStatus], bool]) -> None:
    """Kill the operator in the middle of something."""
    theatre.gateway.wait(f"a {what}", WAIT_SECONDS, holds)
    kill_the_leader(theatre.gateway.kubectl)


def is_draining(status: StreamGatewayStatus) -> bool:
    return status.drain is not None and status.drain.asking_since is not None


def is_rebalancing(status: StreamGatewayStatus) -> bool:
    return status.rebalance is not None


def is_well(status: StreamGatewayStatus) -> bool:
    return is_at_rest(status) and status.core_replicas == CORE


def slow(act: Act) -> str:
    return f"delivery p99 meanwhile {act.p99 * 1000:.0f} ms" if act.p99 is not None else ""


def alone(clients: int, plain_clients: int, rate: float) -> list[Line]:
    """Play it, and take all clients away again: what is measured next has the machine to itself."""
    kubectl = of_this_clone()
    try:
        return play(kubectl, clients, plain_clients, rate)
    finally:
        kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true")


def play(kubectl: Kubectl, clients: int, plain_clients: int, rate: float) -> list[Line]:
    with a_theatre(kubectl, NAMESPACE, lambda _status: None) as theatre:
        each = -(-clients // PODS)
        how = f"{each * PODS:,} clients, {rate:g} messages/s to each"
        bench = Bench(theatre, how)
        seconds = theatre.connect(PODS, each, rate=rate, seconds=LOAD_SECONDS)
        bench.add("all clients connected", seconds, "s")
        try:
            planned(bench)
            theatre.publish(rate, seconds=LOAD_SECONDS)
            misfortunes(bench)
            beside_plain_ones(bench, plain_clients)
        except (WaitedInVainError, KubectlError) as error:
            say(f"stopped: {error}")
            bench.add("the story to its end", None, "", 0, str(error)[:200])
    return bench.lines


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--plain", type=int, default=PLAIN_CLIENTS)
    parser.add_argument("--rate", type=float, default=RATE, help="messages a second, to each")
    given = parser.parse_args()
    return report(alone(given.clients, given.plain, given.rate), given.json)


if __name__ == "__main__":
    sys.exit(main())
