"""Which pods get no new clients while connections are spread anew, and until when."""

from typing import Any

from headgate.streamgateway.decide import Plan, decide
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.status_types import RebalanceStatus
from tests.builders.gateways import NOW, SECOND, a_drain, a_gateway, a_starting_edge, an_edge

UNDER_WAY: dict[str, Any] = {"rebalance": RebalanceStatus(since=NOW, connections=100)}


def planned(*edges: EdgePod, remembered: dict[str, Any] = UNDER_WAY, **changes: Any) -> Plan:
    spec = {"replicas": len(edges), "rebalance": {"maxSkew": 1.15}}
    return decide(a_gateway(*edges, spec=spec, remembered=remembered, **changes), NOW)


def closed(plan: Plan) -> list[str]:
    return [pod.name for pod in plan.close]


def opened(plan: Plan) -> list[str]:
    return [pod.name for pod in plan.open]


def full(number: int, **changes: Any) -> EdgePod:
    return an_edge(number, full=True, **changes)


def test_pods_above_the_mean_get_no_new_clients_while_connections_are_spread() -> None:
    plan = planned(
        an_edge(0, connections=300), an_edge(1, connections=280), an_edge(2, connections=0)
    )
    assert closed(plan) == ["feed-edge-0", "feed-edge-1"]


def test_nobody_leaves_the_service_before_it_is_written_that_connections_are_spread() -> None:
    plan = planned(an_edge(0, connections=300), an_edge(1, connections=0), remembered={})
    assert plan.memory.rebalance is not None
    # when it is written, and only then
    assert closed(planned(an_edge(0, connections=300), an_edge(1, connections=0))) == [
        "feed-edge-0"
    ]


def test_a_pod_a_little_above_the_mean_stays_open() -> None:
    plan = planned(
        an_edge(0, connections=300), an_edge(1, connections=180), an_edge(2, connections=45)
    )
    assert closed(plan) == ["feed-edge-0"]


def test_a_full_pod_is_closed_once_only_and_until_it_has_no_more_than_the_mean() -> None:
    still = planned(
        full(0, connections=202), an_edge(1, connections=280), an_edge(2, connections=118)
    )
    assert (opened(still), closed(still)) == ([], ["feed-edge-1"])
    # when
    then = planned(full(0, connections=200), full(1, connections=282), an_edge(2, connections=118))
    assert (opened(then), closed(then)) == (["feed-edge-0"], [])


def test_all_are_open_again_when_it_is_over() -> None:
    plan = planned(full(0), an_edge(1), remembered={})
    assert opened(plan) == ["feed-edge-0"]


def test_all_are_open_again_when_it_is_given_up() -> None:
    gone = RebalanceStatus(since=NOW - 99 * SECOND, connections=100, given_up_at=NOW)
    plan = planned(full(0, connections=300), an_edge(1), remembered={"rebalance": gone})
    assert opened(plan) == ["feed-edge-0"]


def test_all_are_open_while_a_pod_leaves() -> None:
    plan = planned(
        full(0, connections=300),
        an_edge(1, connections=0),
        an_edge(2, serving=False, connections=5),
        remembered={"drain": a_drain(2)},
    )
    assert opened(plan) == ["feed-edge-0"]


def test_who_is_full_stays_so_while_a_pod_does_not_say_what_it_has() -> None:
    plan = planned(full(0, connections=300), an_edge(1, connections=None))
    assert (opened(plan), closed(plan)) == ([], [])


def test_all_are_open_where_the_only_other_pod_is_not_ready_any_more() -> None:
    plan = planned(full(0, connections=300), an_edge(1, ready_since=None, connections=None))
    assert opened(plan) == ["feed-edge-0"]


def test_all_are_open_while_a_pod_starts() -> None:
    plan = planned(full(0, connections=300), a_starting_edge(1))
    assert opened(plan) == ["feed-edge-0"]


def test_nobody_is_closed_where_single_connections_cannot_be_moved() -> None:
    edges = [an_edge(0, connections=300), an_edge(1, connections=0, movable=False)]
    assert closed(planned(*edges)) == []


def test_a_full_pod_stays_one_of_the_pool() -> None:
    # given: two are wanted, and one of them is full
    plan = planned(full(0, connections=300), an_edge(1, connections=100))
    # then: none is made in its stead, and it does not leave
    assert not plan.create
    assert not plan.cordon
    assert plan.memory.drain is None


def test_who_is_full_comes_back_when_a_pod_stays_silent_too_long() -> None:
    # given
    begun = RebalanceStatus(since=NOW - 200 * SECOND, connections=100)
    pods = [an_edge(0, connections=300, full=True), an_edge(1, connections=None)]
    seen = a_gateway(*pods, remembered={"rebalance": begun})
    # when
    plan = decide(seen, NOW)
    # then
    assert [pod.name for pod in plan.open] == ["feed-edge-0"]
