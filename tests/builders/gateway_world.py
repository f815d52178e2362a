"""A simulated cluster with one gateway, second by second: pods, clients, the core, an operator.

decide() is the real one; what it asks for takes effect as in a cluster, and the operator may die
between any two effects. Nothing here is asserted: that is for those who use it.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from headgate.streamgateway.decide import Plan, decide, memory_of
from headgate.streamgateway.observed import CoreServers, Observed
from headgate.streamgateway.status_types import StreamGatewayStatus
from tests.builders.gateway_clients import SimulatedClient, Traffic
from tests.builders.gateway_pods import BEHAVIOURS, SimulatedPod
from tests.builders.gateways import NOW, SECOND, a_gateway_spec

ASKED_FOR = 4 * SECOND
"""So long a client that was asked counts as about to leave."""
CORE_SERVERS = 3
CORE_ROLL = 6
"""Seconds until the core's servers have a new configuration."""


@dataclass
class GatewayWorld:
    """The cluster as it is now."""

    seed: int = 0
    now: datetime = NOW
    wanted: str | None = "r1"
    replicas: int = 2
    drain: dict[str, str] = field(default_factory=lambda: {"window": "6s", "deadline": "20s"})
    moves_per_second: int = 20
    rollback: bool = True
    short_visits: int = 0
    """Clients that leave each second, and others that come in their stead."""
    status: StreamGatewayStatus = field(default_factory=StreamGatewayStatus)
    pods: list[SimulatedPod] = field(default_factory=list)
    core: str | None = None
    core_left: int = 0
    wake_at: datetime = NOW
    asked_at: datetime | None = None
    dead_until: datetime = NOW
    dies_after: int | None = None
    writes: int = 0
    effects: int = 0
    made: int = 0

    def __post_init__(self) -> None:
        """Make what depends on the seed."""
        self.random = random.Random(self.seed)  # noqa: S311 - a simulation
        self.traffic = Traffic(self.random)

    def observe(self) -> Observed:
        """Return what the operator sees."""
        asked = {
            pod.name: sum(
                client.asked_at is not None and self.now - client.asked_at < ASKED_FOR
                for client in pod.clients
            )
            for pod in self.pods
        }
        breaks = self.core is not None and BEHAVIOURS[self.core].breaks_core
        rolling = self.core_left > 0 or breaks
        return Observed(
            namespace="team-a",
            name="feed",
            uid="uid-feed",
            generation=1,
            spec=self.spec(),
            status=self.status,
            wanted=self.wanted,
            edges=tuple(pod.seen(self.now) for pod in self.pods),
            core=CoreServers(
                wanted=CORE_SERVERS,
                ready=CORE_SERVERS - rolling,
                revision=self.core,
                updated=0 if rolling else CORE_SERVERS,
            ),
            asked={name: count for name, count in asked.items() if count},
            asked_at=self.asked_at,
        )

    def spec(self) -> Any:
        """Return the spec as it is now."""
        return a_gateway_spec(
            replicas=self.replicas,
            drain=self.drain,
            rebalance={"movesPerSecond": self.moves_per_second},
            rollback={"onFailedHealthChecks": self.rollback},
        )

    def run(self, seconds: int) -> None:
        """Let time pass; the operator works when it said it would, or something has changed."""
        for _ in range(seconds):
            self.second()

    def second(self) -> None:
        """Let one second pass."""
        self.now += SECOND
        self.core_left = max(0, self.core_left - 1)
        before = [(pod.uid, pod.is_ready(self.now - SECOND)) for pod in self.pods]
        self._visit()
        self.traffic.second(self.pods, self.now)
        self.pods = [pod for pod in self.pods if not self._ends(pod)]
        if [(pod.uid, pod.is_ready(self.now)) for pod in self.pods] != before:
            self.wake_at = self.now
        if self.now >= self.wake_at and self.now >= self.dead_until:
            self.operate()

    def _visit(self) -> None:
        for _ in range(self.short_visits):
            pod = self.random.choice(self.pods) if self.pods else None
            if pod is not None and pod.clients:
                pod.clients.pop(0)
                self.traffic.homeless.append(SimulatedClient())

    def _ends(self, pod: SimulatedPod) -> bool:
        gone = pod.gone_at is not None and self.now >= pod.gone_at
        if gone or pod.over or pod.has_crashed(self.now):
            self.traffic.cut(pod, self.now)
        return gone

    def operate(self) -> None:
        """Reconcile until nothing is to be remembered, unless the operator dies on the way."""
        for _ in range(10):
            plan = decide(self.observe(), self.now)
            remembers = plan.memory != memory_of(self.status)
            for effect in self._effects_of(plan, remembers=remembers):
                if self.dies_after == 0:
                    self._die()
                    return
                self.dies_after = None if self.dies_after is None else self.dies_after - 1
                effect()
            if not remembers:
                self.wake_at = plan.wake_at or self.now + timedelta(hours=1)
                return
        message = f"ten passes at once, and there is still more to remember: {plan.memory}"
        raise AssertionError(message)

    def _die(self) -> None:
        self.dies_after = None
        self.asked_at = None
        self.dead_until = self.now + self.random.choice((1, 2, 5, 30)) * SECOND
        self.wake_at = self.dead_until

    def _effects_of(self, plan: Plan, *, remembers: bool) -> Iterator[Callable[[], None]]:
        if not remembers:
            for edge in plan.create:
                yield partial(self.create, edge.name, edge.revision)
            for cordoned in plan.cordon:
                yield partial(self.cordon, self.pod(cordoned.uid))
            for opened in plan.open:
                yield partial(self.open, self.pod(opened.uid))
            for closed in plan.close:
                yield partial(self.close, self.pod(closed.uid))
            for moves in plan.moves:
                yield partial(self.ask, self.named(moves.pod), moves.count)
            for deleted in plan.delete:
                yield partial(self.delete, self.pod(deleted.uid))
            if plan.core_revision != self.core:
                yield partial(self.roll_core, plan.core_revision)
        status = status_after(self.status, plan)
        if status != self.status:
            yield partial(self.write, status)

    def create(self, name: str, revision: str) -> None:
        """Make a pod."""
        self.effects += 1
        self.made += 1
        behaviour = BEHAVIOURS[revision]
        self.pods.append(
            SimulatedPod(
                name=name,
                uid=f"uid-{self.made}",
                revision=revision,
                created_at=self.now,
                ready_at=self.now + self.random.randint(2, 6) * SECOND
                if behaviour.gets_ready
                else None,
                crashes_at=None
                if behaviour.crashes_after is None
                else self.now + behaviour.crashes_after * SECOND,
                slow_at=self.now + 8 * SECOND if behaviour.is_slow else None,
                refuses=behaviour.refuses,
            )
        )

    def cordon(self, pod: SimulatedPod) -> None:
        """Take a pod out of the Service; proxies notice within 2 s."""
        self.effects += 1
        pod.cordoned_at = self.now

    def open(self, pod: SimulatedPod) -> None:
        """Put a pod that was full back into the Service."""
        self.effects += 1
        pod.full_since = None

    def close(self, pod: SimulatedPod) -> None:
        """Take a pod that is full out of the Service; proxies notice within 2 s."""
        self.effects += 1
        pod.full_since = self.now

    def ask(self, pod: SimulatedPod, count: int) -> None:
        """Ask connections to move."""
        self.effects += 1
        self.asked_at = self.now
        fresh = [client for client in pod.clients if client.asked_at is None]
        known = [client for client in pod.clients if client.asked_at is not None]
        for client in (fresh + known)[:count]:
            client.ask(self.now, self.random.randint(1, 3))

    def delete(self, pod: SimulatedPod) -> None:
        """Delete a pod: its clients are asked to move, and cut when it ends."""
        self.effects += 1
        pod.deleted_at = self.now
        pod.gone_at = self.now + self.random.randint(1, 6) * SECOND
        for client in pod.clients:
            client.ask(self.now, self.random.randint(1, 3))

    def roll_core(self, revision: str | None) -> None:
        """Change the configuration of the core."""
        self.effects += 1
        self.core, self.core_left = revision, CORE_ROLL

    def write(self, status: StreamGatewayStatus) -> None:
        """Write the status, as the API server keeps it."""
        self.writes += 1
        self.status = StreamGatewayStatus.model_validate_json(status.model_dump_json())

    def arrive(self, count: int, *, good: bool = True) -> None:
        """Let clients come."""
        self.traffic.homeless += [SimulatedClient(good=good) for _ in range(count)]
        self.traffic.second(self.pods, self.now)

    def pod(self, uid: str) -> SimulatedPod:
        """Return the pod of that uid."""
        return next(pod for pod in self.pods if pod.uid == uid)

    def named(self, name: str) -> SimulatedPod:
        """Return the pod of that name."""
        return next(pod for pod in self.pods if pod.name == name)

    @property
    def serving(self) -> list[SimulatedPod]:
        """Pods that the Service sends clients to."""
        return [pod for pod in self.pods if pod.serves and pod.is_ready(self.now)]


def status_after(before: StreamGatewayStatus, plan: Plan) -> StreamGatewayStatus:
    """Return the status that a plan leads to."""
    memory = plan.memory
    return before.model_copy(
        update={
            "phase": plan.phase,
            "message": plan.message[:1024],
            "stable_revision": memory.stable_revision,
            "candidate": memory.candidate,
            "rejected": memory.rejected,
            "drain": memory.drain,
            "rebalance": memory.rebalance,
            "continuity": memory.continuity,
        }
    )
