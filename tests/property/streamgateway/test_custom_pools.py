"""The same of servers of one's own: they drain by themselves, and there is no core.

Once asked, such a server goes on asking its clients also while no operator lives.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import StreamGatewayStatus
from tests.builders.custom_gateways import NO_CORE, a_custom_spec
from tests.builders.gateway_pods import SimulatedPod
from tests.builders.gateways import SECOND
from tests.property.streamgateway.checked_world import CheckedWorld
from tests.property.streamgateway.test_pools import ENOUGH, GoodClients, _as_test, gentle, good

pytestmark = pytest.mark.timeout(900)
AGAIN = 3 * SECOND
"""So long after it was asked, a client that stayed is asked again, or closed and comes back."""
WINDOW = 6
"""Seconds of the drain's window."""


@dataclass
class OwnServers(CheckedWorld):
    """A cluster whose gateway runs servers of one's own."""

    movable: bool = True
    draining: dict[str, datetime] = field(default_factory=dict)
    """By uid, since when a server drains."""

    def spec(self) -> Any:
        return a_custom_spec(
            replicas=self.replicas,
            drain=self.drain,
            rebalance={"movesPerSecond": self.moves_per_second},
            rollback={"onFailedHealthChecks": self.rollback},
        )

    def observe(self) -> Observed:
        seen = super().observe()
        edges = tuple(replace(pod, movable=self.movable) for pod in seen.edges)
        drain = {pod.name: pod.connections or 0 for pod in edges if pod.uid in self.draining}
        asked = {name: count for name, count in {**seen.asked, **drain}.items() if count}
        return replace(seen, edges=edges, core=NO_CORE, asked=asked)

    def second(self) -> None:
        for pod in self.pods:
            if pod.uid in self.draining:
                self._go_on_asking(pod, self.draining[pod.uid])
        super().second()

    def _go_on_asking(self, pod: SimulatedPod, since: datetime) -> None:
        for client in pod.clients:
            if client.asked_at is not None and self.now - client.asked_at >= AGAIN:
                client.ask(self.now, 1)
        fresh = [client for client in pod.clients if client.asked_at is None]
        left = max(1, WINDOW - (self.now - since) // SECOND)
        for client in fresh[: -(-len(fresh) // left)]:
            client.ask(self.now, self.random.randint(1, 2))

    def cordon(self, pod: SimulatedPod) -> None:
        super().cordon(pod)
        pod.unready_since, pod.unready_until = self.now, self.now + timedelta(days=9)

    def ask(self, pod: SimulatedPod, count: int) -> None:
        if pod.serves:
            assert self.movable, "a server is asked for what it cannot do"
            super().ask(pod, count)
            return
        drain = self.status.drain
        assert drain is not None
        assert drain.pod == pod.name
        assert pod.uid not in self.draining, "a server that drains is not asked again"
        self.effects += 1
        self.asked_at = self.now
        self.draining[pod.uid] = self.now

    def roll_core(self, revision: str | None) -> None:
        assert revision is None, "there is no core"

    def write(self, status: StreamGatewayStatus) -> None:
        self.core = status.stable_revision
        super().write(status)


class CustomPool(GoodClients):
    """With clients that keep to the contract, as of NATS."""

    world: OwnServers

    @initialize(seed=st.integers(0, 2**16), replicas=st.integers(1, 4), movable=st.booleans())
    def begin(self, seed: int, replicas: int, movable: bool) -> None:
        self.world = OwnServers(seed=seed, replicas=replicas, movable=movable)
        self.world.run(40)
        self.world.arrive(ENOUGH)

    @rule(revision=st.sampled_from((*good, *gentle)))
    def change_configuration(self, revision: str) -> None:
        if revision == "breaks-core":
            revision = "r2"  # there is none to break
        elif revision == "refuses" and not self.world.movable:
            revision = "crashes"  # nobody can be asked to try it, and it passes where nobody comes
        self.world.wanted = revision
        self.world.wake_at = self.world.now


TestCustomPool = _as_test(CustomPool, 15)
