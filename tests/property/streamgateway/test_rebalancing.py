"""Spreading connections anew ends, keeps to its rate, and does not begin again at once."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.streamgateway.decide import rebalance
from headgate.streamgateway.status_types import StreamGatewayStatus
from tests.builders.gateway_clients import SimulatedClient
from tests.builders.gateways import SECOND
from tests.property.streamgateway.checked_world import CheckedWorld

EXAMPLES = int(os.environ.get("HEADGATE_PROPERTY_EXAMPLES", "40"))
counts = st.lists(st.integers(0, 400), min_size=2, max_size=5)
rates = st.sampled_from((5, 20, 300))


class UnevenWorld(CheckedWorld):
    """A pool at rest, whose pods have so many clients; counts how often spreading begins."""

    begun = 0

    def write(self, status: StreamGatewayStatus) -> None:
        self.begun += self.status.rebalance is None and status.rebalance is not None
        super().write(status)


def an_uneven_world(seed: int, clients: list[int], rate: int, *, good: bool) -> UnevenWorld:
    world = UnevenWorld(seed=seed, replicas=len(clients), moves_per_second=rate)
    world.run(40)
    for pod, count in zip(world.pods, clients, strict=True):
        pod.clients = [SimulatedClient(good=good) for _ in range(count)]
    world.wake_at = world.now + SECOND
    return world


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**16), clients=counts, rate=rates)
def test_clients_that_move_when_asked_end_up_even(seed: int, clients: list[int], rate: int) -> None:
    # given
    world = an_uneven_world(seed, clients, rate, good=True)
    most = world.spec().rebalance.max_skew
    # when
    world.run(sum(clients) // rate + 90)
    # then
    pods = rebalance.taking(world.observe())
    assert rebalance.is_even(pods, most)
    assert world.is_at_rest()
    assert world.begun <= 2
    assert sum(count for _, count in world.asks) <= sum(clients)
    assert world.traffic.broken_off == 0


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**16), clients=counts, rate=rates)
def test_clients_that_do_not_move_are_left_alone_after_a_while(
    seed: int, clients: list[int], rate: int
) -> None:
    # given
    world = an_uneven_world(seed, clients, rate, good=False)
    # when
    world.run(min(len(clients) * sum(clients) // rate + 90, 500))  # later they are asked once more
    # then
    assert world.is_at_rest()
    assert [len(pod.clients) for pod in world.pods] == clients


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 2**16), replicas=st.integers(2, 4), joined=st.integers(1, 3))
def test_pods_that_join_get_their_share_within_30_s(seed: int, replicas: int, joined: int) -> None:
    # given
    clients = 300
    world = an_uneven_world(seed, [clients] * replicas, 300, good=True)
    # when
    world.replicas += joined
    world.wake_at = world.now
    while len(world.serving) < world.replicas:
        world.second()
    world.run(30)
    # then
    pods = rebalance.taking(world.observe())
    assert rebalance.is_even(pods, world.spec().rebalance.max_skew)
