"""The autoscaler of gateways against others' published algorithms, in one small run of each trace.

In five seeds and four settings: `python tests/load/gateway_autoscaling.py`.
"""

import numpy as np
import pytest

from tests.load.autoscaling.headgate import Headgate
from tests.load.autoscaling.horizontal import Horizontal, recommendation
from tests.load.autoscaling.knative import Knative
from tests.load.autoscaling.policy import PodSeen
from tests.load.autoscaling.pool import Phase
from tests.load.autoscaling.simulation import simulate
from tests.load.autoscaling.traces import flapping, ramp, reconnect_storm, spike

SEED = 7


def test_fewer_connections_are_refused_in_a_spike_than_by_hpa_and_knative() -> None:
    trace = spike(np.random.default_rng(SEED))
    ours, hpa, kpa = (
        simulate(trace, policy, SEED).refused for policy in (Headgate(), Horizontal(), Knative())
    )
    assert ours < hpa < kpa


def test_on_a_ramp_a_rebalanced_pool_refuses_nobody_and_others_do() -> None:
    trace = ramp(np.random.default_rng(SEED))
    ours = simulate(trace, Headgate(), SEED, rebalances=True).refused
    hpa, kpa = (simulate(trace, policy, SEED).refused for policy in (Horizontal(), Knative()))
    assert ours == 0
    assert min(hpa, kpa) > 0


def test_a_load_that_flaps_is_carried_with_few_changes() -> None:
    outcome = simulate(flapping(np.random.default_rng(SEED)), Headgate(), SEED)
    assert outcome.refused == 0
    assert outcome.events <= 4


def test_a_storm_of_reconnects_does_not_overshoot() -> None:
    outcome = simulate(reconnect_storm(np.random.default_rng(SEED)), Headgate(), SEED)
    assert outcome.most_pods == 8, "20,000 clients, 2,800 a pod"


def a_pod(connections: int | None, phase: Phase = Phase.READY) -> PodSeen:
    return PodSeen(number=0, phase=phase, age=600, connections=connections)


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ([a_pod(2_800), a_pod(3_000)], 2),
        ([a_pod(3_500), a_pod(3_500)], 3),
        ([a_pod(1_000), a_pod(1_000)], 1),
        ([a_pod(1_000), a_pod(None)], 2),
        ([a_pod(4_000), a_pod(None)], 2),
        ([a_pod(4_000), a_pod(4_000), a_pod(None, Phase.STARTING)], 3),
        ([a_pod(None), a_pod(None)], None),
        ([a_pod(2_800), a_pod(2_800), a_pod(4_000, Phase.LEAVING)], 2),
    ],
)
def test_the_pod_autoscaler_of_kubernetes_recommends_what_its_documentation_says(
    pods: list[PodSeen], expected: int | None
) -> None:
    current = sum(pod.phase is not Phase.LEAVING for pod in pods)
    assert recommendation(pods, current) == expected


def test_knative_goes_by_a_minute_and_panics_by_six_seconds() -> None:
    # given
    kpa, calm = Knative(), [a_pod(2_000), a_pod(2_000)]
    decisions = [kpa.replicas(now, calm, 2) for now in range(0, 120, 2)]
    # when
    surge = [a_pod(9_000), a_pod(9_000)]
    panicking = [kpa.replicas(now, surge, 2) for now in range(120, 130, 2)]
    # then
    assert set(decisions) == {2}
    assert panicking[-1] == 7, "18,000 / 2,800, long before the minute's average asks for it"


def test_knative_never_scales_down_in_panic() -> None:
    kpa = Knative()
    busy, idle = [a_pod(9_000), a_pod(9_000)], [a_pod(10), a_pod(10)]
    most = [kpa.replicas(now, busy, 2) for now in range(0, 10, 2)][-1]
    after = [kpa.replicas(now, idle, most) for now in range(10, 120, 2)]
    assert after[20] == most
    assert after[-1] < most
