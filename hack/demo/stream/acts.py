"""What happens to a gateway full of clients, one act after the other, each with its figures."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hack.demo.stream.crowd import Crowd
from hack.demo.stream.gateway import Gateway, WaitedInVainError
from headgate.streamgateway.status_types import GatewayPhase, StreamGatewayStatus

POLL_SECONDS = 0.2
CONNECT_SECONDS, CATCH_UP_SECONDS = 300.0, 90.0
SCALE_SECONDS, ROLL_SECONDS, REVERT_SECONDS = 400.0, 1200.0, 300.0
BALANCED_SKEW = 1.15
NOTHING_THERE = "docker.io/headgate/nothing-there:1"


@dataclass(frozen=True)
class Act:
    """One thing that was done, from its beginning until the pool was at rest again."""

    seconds: float
    since: float
    until: float
    """Seconds since 1970, as the clients' pods tell them."""
    p50: float | None
    p99: float | None
    """Seconds from publishing to delivery meanwhile."""


@dataclass
class Theatre:
    """A gateway, its clients, and what has been counted so far."""

    gateway: Gateway
    crowd: Crowd
    clients: int = 0

    def connect(self, pods: int, each: int, *, rate: float, seconds: int) -> float:
        """Start a publisher and all clients; return the seconds until all have heard something."""
        self.crowd.start("publisher", rate=rate, seconds=seconds)
        begun = time.monotonic()
        for number in range(pods):
            self.crowd.start(f"clients-{number}", clients=each, seconds=seconds)
        self.clients = pods * each
        ledger = self.crowd.ledger
        self.until(
            f"{self.clients} clients hear",
            CONNECT_SECONDS,
            lambda: ledger.total("hearing") == self.clients,
        )
        return time.monotonic() - begun

    def beside(self, clients: int, *, seconds: int) -> Crowd:
        """Start clients that merely reconnect, with a ledger of their own."""
        known = self.crowd
        others = Crowd(known.kubectl, known.namespace, known.url, known.user, known.password)
        others.start("plain", clients=clients, seconds=seconds, kind="plain")
        self.until(
            f"{clients} plain clients hear",
            CONNECT_SECONDS,
            lambda: others.ledger.total("hearing") == clients,
        )
        return others

    def rest(self, seconds: float) -> Act:
        """Let messages flow for a while."""
        return self._measured(lambda: time.sleep(seconds))

    def scale(self, replicas: int, meanwhile: Callable[[], None] | None = None) -> Act:
        """Scale by the spec, and wait until the pool is at rest and even."""

        def scaled(status: StreamGatewayStatus) -> bool:
            return is_at_rest(status) and status.ready_replicas == status.replicas == replicas

        def run() -> None:
            self.gateway.edit(replicas=replicas)
            if meanwhile is not None:
                meanwhile()
            self.gateway.wait(f"{replicas} pods, at rest", SCALE_SECONDS, scaled)

        return self._measured(run)

    def seconds_to_even(self, replicas: int) -> float:
        """Return the seconds from so many pods being ready until they are even."""
        self.gateway.wait(
            f"{replicas} pods ready",
            SCALE_SECONDS,
            lambda status: status.ready_replicas >= replicas,
        )
        begun = time.monotonic()
        self.gateway.wait("even connections", SCALE_SECONDS, is_even)
        return time.monotonic() - begun

    def roll(self, **spec: object) -> Act:
        """Change the configuration, and wait until all pods have it."""
        before = self.gateway.status.stable_revision

        def rolled(status: StreamGatewayStatus) -> bool:
            if status.rejected is not None:
                raise WaitedInVainError(f"rejected: {status.rejected.message}")
            return is_at_rest(status) and status.stable_revision != before

        def run() -> None:
            self.gateway.edit(**spec)
            self.gateway.wait("all pods have the configuration", ROLL_SECONDS, rolled)

        return self._measured(run)

    def revert(self) -> tuple[Act, str]:
        """Name an image that is not there until it is rejected and its pod gone; mend the spec.

        Returns what it cost, and why it was rejected.
        """

        def run() -> None:
            self.gateway.edit(engine={"nats": {"image": NOTHING_THERE}})
            self.gateway.wait(
                "rejected, its pod gone",
                REVERT_SECONDS,
                lambda status: status.rejected is not None and status.candidate is None,
            )

        act = self._measured(run)
        rejected = self.gateway.status.rejected
        self.gateway.edit(engine={"nats": {"image": None}})
        self.gateway.wait("mended", REVERT_SECONDS, is_at_rest)
        return act, rejected.reason if rejected is not None else ""

    def publish(self, rate: float, *, seconds: int) -> None:
        """Start another publisher, and return when all clients have something of it."""
        before = self.crowd.ledger.last_sequence
        self.crowd.start("publisher", rate=rate, seconds=seconds)
        self.until(
            "all hear the publisher",
            CATCH_UP_SECONDS,
            lambda: self.crowd.ledger.least_last > before,
        )

    def all_have_all(self) -> int:
        """End the publisher, wait until every client has the last message; return its sequence."""
        self.crowd.end("publisher")
        last = self.crowd.ledger.last_sequence
        self.until(
            "every client has the last message",
            CATCH_UP_SECONDS,
            lambda: self.crowd.ledger.least_last >= last,
        )
        time.sleep(1)  # lines of all pods with it
        return last

    def until(self, what: str, seconds: float, holds: Callable[[], bool]) -> None:
        """Wait for something that the clients tell."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                ledger = self.crowd.ledger
                told = {name: ledger.total(name) for name in ("clients", "connected", "hearing")}
                raise WaitedInVainError(f"{what}: not within {seconds:g} s; {told}")
            time.sleep(POLL_SECONDS)

    def _measured(self, run: Callable[[], None]) -> Act:
        since = time.time()
        run()
        until = time.time()
        time.sleep(1)  # the pods' lines of it
        ledger = self.crowd.ledger
        return Act(
            seconds=until - since,
            since=since,
            until=until,
            p50=ledger.delay(0.5, since, until + 1),
            p99=ledger.delay(0.99, since, until + 1),
        )


def is_at_rest(status: StreamGatewayStatus) -> bool:
    """Say whether nothing is under way, nor about to begin: uneven pools are rebalanced soon."""
    given_up = status.rebalance is not None and status.rebalance.given_up_at is not None
    is_even = all(each.status != "False" for each in status.conditions if each.type == "Balanced")
    return (
        status.phase is GatewayPhase.HEALTHY
        and status.drain is None
        and status.candidate is None
        and (given_up or (status.rebalance is None and is_even))
    )


def is_even(status: StreamGatewayStatus) -> bool:
    """Say whether no pod has more than its share."""
    return status.connections is not None and status.connections.skew <= BALANCED_SKEW
