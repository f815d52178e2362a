"""Whatever is wanted and whatever happens, no client is cut without need, and all ends well.

Hypothesis plays user, clients, cluster and misfortune. HEADGATE_PROPERTY_EXAMPLES=1000 looks
harder.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.builders.gateway_pods import BEHAVIOURS, SimulatedPod
from tests.builders.gateway_world import GatewayWorld
from tests.builders.gateways import SECOND
from tests.property.streamgateway.checked_world import CheckedWorld

pytestmark = pytest.mark.timeout(900)  # a dozen seconds of work, on a machine with other work
EXAMPLES = int(os.environ.get("HEADGATE_PROPERTY_EXAMPLES", "40"))
ENOUGH = 40
"""So many clients that some come to a pod on trial."""

good = tuple(name for name, behaviour in BEHAVIOURS.items() if behaviour.is_good)
gentle = tuple(name for name in BEHAVIOURS if name != "crashes-late")


class Pool(RuleBasedStateMachine):
    """What any user may do, while the operator may die and pods may fail to answer."""

    @initialize(seed=st.integers(0, 2**16), replicas=st.integers(1, 4))
    def begin(self, seed: int, replicas: int) -> None:
        self.world = CheckedWorld(seed=seed, replicas=replicas)
        self.world.run(40)
        self.world.arrive(ENOUGH)

    @rule(seconds=st.sampled_from((1, 2, 5, 20, 60)))
    def time_passes(self, seconds: int) -> None:
        self.world.run(seconds)

    @rule(replicas=st.integers(1, 5))
    def scale(self, replicas: int) -> None:
        self.world.replicas = replicas
        self.world.wake_at = self.world.now

    @rule(visits=st.sampled_from((0, 3)))
    def clients_come_and_go(self, visits: int) -> None:
        self.world.short_visits = visits

    @rule(seconds=st.integers(3, 15), effects=st.integers(0, 2))
    def shrink_and_the_operator_dies(self, seconds: int, effects: int) -> None:
        self.scale(4)
        self.world.run(20)
        self.scale(1)
        self.world.run(seconds)
        self.the_operator_dies(effects)
        self.world.run(60)

    @rule(revision=st.sampled_from((*good, *gentle)))
    def change_configuration(self, revision: str) -> None:
        self.world.wanted = revision
        self.world.wake_at = self.world.now

    @rule(revision=st.sampled_from(gentle), seconds=st.sampled_from((20, 45, 70)))
    def change_configuration_and_wait(self, revision: str, seconds: int) -> None:
        self.change_configuration(revision)
        self.world.run(seconds)

    @rule(rate=st.sampled_from((1, 5, 50)))
    def set_rate(self, rate: int) -> None:
        self.world.moves_per_second = rate

    @rule()
    def break_the_secret(self) -> None:
        self.world.wanted = None

    @rule(count=st.sampled_from((1, 30, 100)))
    def clients_arrive(self, count: int) -> None:
        self.world.arrive(count)

    @rule(number=st.integers(0, 9), share=st.sampled_from((2, 1)))
    def clients_of_a_pod_leave(self, number: int, share: int) -> None:
        total = sum(len(pod.clients) for pod in self.world.pods)
        pod = self._pick(number)
        if pod is not None:
            del pod.clients[: max(0, min(len(pod.clients) // share, total - ENOUGH))]

    @rule(number=st.integers(0, 9), seconds=st.sampled_from((3, 30)))
    def a_pod_does_not_answer(self, number: int, seconds: int) -> None:
        pod = self._pick(number)
        if pod is not None:
            pod.silent_until = self.world.now + seconds * SECOND

    @rule(effects=st.integers(0, 4))
    def the_operator_dies(self, effects: int) -> None:
        self.world.dies_after = effects
        self.world.died = True

    def _pick(self, number: int) -> SimulatedPod | None:
        there = [pod for pod in self.world.pods if pod.gone_at is None]
        return there[number % len(there)] if there else None

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        if self.world.wanted is None:
            self.world.wanted = "r1"
        self.world.settle()
        self.world.check_outcome()


class GoodClients(Pool):
    """With clients that keep to the contract, and nobody but us who takes pods away."""

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "world"):
            assert self.world.traffic.broken_off == 0
            assert not self.world.traffic.homeless
            assert self.world.status.continuity.forced_closes == 0


class Misfortunes(Pool):
    """With clients that ignore us, and pods that are deleted, evicted, or crash under clients."""

    @rule(count=st.sampled_from((1, 30)))
    def plain_clients_arrive(self, count: int) -> None:
        self.world.arrive(count, good=False)

    @rule(number=st.integers(0, 9))
    def somebody_deletes_a_pod(self, number: int) -> None:
        pod = self._pick(number)
        if pod is not None:
            GatewayWorld.delete(self.world, pod)  # not the operator: nothing is checked

    @rule(number=st.integers(0, 9))
    def a_pod_is_evicted(self, number: int) -> None:
        pod = self._pick(number)
        if pod is not None:
            pod.over = True
            self.world.wake_at = self.world.now

    @rule(number=st.integers(0, 9), seconds=st.sampled_from((3, 100)))
    def a_pod_is_not_ready_for_a_while(self, number: int, seconds: int) -> None:
        pod = self._pick(number)
        if pod is not None:
            pod.unready_since = self.world.now
            self.world.broken_by_hand.add(pod.revision)
            pod.unready_until = self.world.now + seconds * SECOND
            self.world.wake_at = self.world.now

    @rule(number=st.integers(0, 9))
    def a_pod_breaks_for_good(self, number: int) -> None:
        pod = self._pick(number)
        if pod is not None:
            pod.crashes_at = self.world.now
            self.world.broken_by_hand.add(pod.revision)
            self.world.wake_at = self.world.now

    @precondition(lambda self: self.world.status.drain is None)
    @rule(number=st.integers(0, 9))
    def somebody_takes_a_pod_out_of_the_service(self, number: int) -> None:
        pod = self._pick(number)
        if pod is not None and pod.cordoned_at is None:
            pod.cordoned_at = self.world.now
            self.world.wake_at = self.world.now

    @rule(revision=st.just("crashes-late"))
    def want_one_that_crashes_late(self, revision: str) -> None:
        self.change_configuration(revision)

    @rule(rollback=st.booleans())
    def set_rollback(self, rollback: bool) -> None:
        self.world.rollback = rollback

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.rollback = True
        super().teardown()


def _as_test(machine: Any, steps: int) -> Any:
    case = machine.TestCase
    case.settings = settings(
        max_examples=EXAMPLES,
        stateful_step_count=steps,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a script takes minutes
        suppress_health_check=list(HealthCheck),
    )
    return case


TestGoodClients = _as_test(GoodClients, 15)
TestMisfortunes = _as_test(Misfortunes, 20)
