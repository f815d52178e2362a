"""What is wrong around a gateway is told, and what runs is neither touched nor left alone by it."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.resource import Problem
from headgate.streamgateway.decide import decide, memory_of
from headgate.streamgateway.decide.scaling import sample_of
from headgate.streamgateway.observed import CoreServers, EdgePod, Observed
from headgate.streamgateway.status_types import GatewayPhase, RebalanceStatus
from tests.builders.gateways import (
    CRASHED,
    LONG_AGO,
    NOW,
    SECOND,
    WAITING,
    a_broken_edge,
    a_candidate,
    a_drain,
    a_gateway,
    a_starting_edge,
    an_edge,
)

SPOILT = Problem("spec.auth.secretRef.name", "Secret users: key alice: too short")
UNREADABLE: dict[str, Any] = {"problems": (Problem("spec", "no good"),), "wanted": None}
"""`spec` is then one of defaults: of what the user wants it says nothing."""


def test_a_spec_that_is_no_good_ends_nothing_and_begins_nothing() -> None:
    # given: three pods as a spec before wanted them, one of them broken, one half left
    pods = [an_edge(0), a_broken_edge(1), an_edge(2, serving=False)]
    status = {"desired_replicas": 3, "drain": a_drain(2, cordoned_at=LONG_AGO), "reason": "load"}
    seen = a_gateway(*pods, remembered=status, usable=False, **UNREADABLE)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory == memory_of(seen.status)
    assert plan.wake_at == NOW + 5 * SECOND
    to_do = (plan.create, plan.delete, plan.moves, plan.cordon, plan.open, plan.close)
    assert not any(to_do)
    assert (plan.phase, plan.message) == (GatewayPhase.DEGRADED, "spec: no good")
    assert (plan.desired, plan.reason) == (3, "load")


def test_whoever_is_asked_to_leave_has_the_whole_time_again_when_the_spec_is_good_again() -> None:
    # given
    asking = a_drain(1, cordoned_at=LONG_AGO, asking_since=LONG_AGO, connections=100)
    pods = [an_edge(0), an_edge(1, serving=False)]
    seen = a_gateway(*pods, remembered={"drain": asking}, usable=False, **UNREADABLE)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain == a_drain(1, cordoned_at=LONG_AGO, connections=100)


def test_full_pods_come_back_while_nobody_can_spread_connections() -> None:
    # given
    begun = {"rebalance": RebalanceStatus(since=NOW, connections=100)}
    pods = [an_edge(0, connections=300, full=True), an_edge(1)]
    # when
    plan = decide(a_gateway(*pods, remembered=begun, usable=False, **UNREADABLE), NOW)
    # then
    assert [pod.name for pod in plan.open] == ["feed-edge-0"]


def test_a_secret_that_is_no_good_keeps_no_pod_from_being_replaced() -> None:
    # given
    seen = a_gateway(an_edge(0), problems=(SPOILT,), wanted=None)
    # when
    plan = decide(seen, NOW)
    # then
    assert [new.revision for new in plan.create] == ["r1"]
    assert (plan.phase, plan.message) == (GatewayPhase.DEGRADED, str(SPOILT))


def test_what_cannot_be_made_is_told_before_what_is_under_way() -> None:
    # given
    why = "the API server refuses pod feed-edge-2: exceeded quota"
    seen = a_gateway(an_edge(0), an_edge(1), spec={"replicas": 3}, refused=why)
    # when
    plan = decide(seen, NOW)
    # then
    assert (plan.phase, plan.message) == (GatewayPhase.DEGRADED, why)


@pytest.mark.parametrize(
    ("ready", "phase"),
    [(3, GatewayPhase.HEALTHY), (2, GatewayPhase.HEALTHY), (1, GatewayPhase.DEGRADED),
     (0, GatewayPhase.DEGRADED)],
)  # fmt: skip
def test_without_more_than_half_of_the_core_a_gateway_is_degraded(
    ready: int, phase: GatewayPhase
) -> None:
    # given
    core = CoreServers(wanted=3, ready=ready, revision="r1", updated=ready, servers=3)
    # when
    plan = decide(replace(a_gateway(an_edge(0), an_edge(1)), core=core), NOW)
    # then
    assert plan.phase is phase
    if phase is GatewayPhase.DEGRADED:
        assert plan.message.startswith(f"{ready} of 3 servers of the core are ready")


def test_a_pod_that_was_ready_and_is_silent_counts_as_full_and_one_that_starts_does_not() -> None:
    # given: a node that is cut off says of its pods that they are not ready
    lost = a_starting_edge(1, was_ready=True, created_at=LONG_AGO, unready_since=NOW - 60 * SECOND)
    new = a_starting_edge(2)
    # when
    sample = sample_of(a_gateway(an_edge(0), lost, new), NOW)
    # then
    assert [pod.phase.value for pod in sample.pods] == ["Ready", "Unready", "Starting"]


def first_of_two(*pods: EdgePod, **status: Any) -> Observed:
    """Return a gateway that wants r2 and never worked, with these servers of the core."""
    core = CoreServers(wanted=3, ready=0, revision="r2", servers=3, pods=pods)
    first = {"stable_revision": None, "candidate": a_candidate("r2", proven=True), **status}
    seen = a_gateway(an_edge(0, revision="r2"), wanted="r2", remembered=first)
    return replace(seen, core=core)


def a_server(number: int, **changes: Any) -> EdgePod:
    return a_starting_edge(number, name=f"feed-core-{number}", **changes)


def test_servers_that_never_worked_do_not_keep_the_first_good_configuration_away() -> None:
    # given: the image of r1 was bad, r2 has another; nothing ever worked
    bad, slow = a_server(0, trouble=CRASHED), a_server(1, created_at=NOW - 120 * SECOND)
    young, new = a_server(2), a_server(3, revision="r2", trouble=WAITING)
    # when
    plan = decide(first_of_two(bad, slow, young, new), NOW)
    # then
    assert plan.delete == (bad, slow)


@pytest.mark.parametrize(
    ("other", "status"),
    [
        (a_server(1, was_ready=True), {}),
        (a_server(1, ready_since=NOW), {}),
        (a_server(1), {"stable_revision": "r1"}),
    ],
    ids=["one was ready", "one is ready", "a configuration has worked"],
)
def test_where_a_server_may_hold_something_none_is_deleted(
    other: EdgePod, status: dict[str, Any]
) -> None:
    assert decide(first_of_two(a_server(0, trouble=CRASHED), other, **status), NOW).delete == ()


def test_a_first_configuration_says_what_keeps_its_pods() -> None:
    # given
    first = {"stable_revision": None, "candidate": a_candidate("r1", proven=True)}
    core = CoreServers(
        wanted=3, ready=0, revision="r1", servers=3,
        pods=(a_starting_edge(10, name="feed-core-0", trouble=WAITING),),
    )  # fmt: skip
    seen = replace(a_gateway(an_edge(0), an_edge(1), remembered=first), core=core)
    # when, then
    assert decide(seen, NOW).message == (
        "configuration r1 is on 2 of 2 edge pods, core next: 0 of 3 servers are ready;"
        " feed-core-0: no node has room"
    )
