"""What a pod of a new configuration shows, and how clients come to it."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.streamgateway.decide import Moves, decide
from headgate.streamgateway.decide.trial import Verdict, judge
from headgate.streamgateway.observed import EdgePod
from tests.builders.gateways import (
    CRASHED,
    NOW,
    SECOND,
    WAITING,
    a_candidate,
    a_gateway,
    an_edge,
)

HEALTHY = Verdict(healthy=True)


def on_trial(**changes: Any) -> EdgePod:
    """Return a pod that has been ready for 40 s."""
    fresh = {"created_at": NOW - 50 * SECOND, "ready_since": NOW - 40 * SECOND, "connections": 5}
    return an_edge(2, revision="r2", **{**fresh, "arrived": 9, **changes})


def shown(pod: EdgePod, *others: EdgePod, proven: bool = False) -> Verdict:
    seen = a_gateway(*(others or (an_edge(0), an_edge(1))), pod)
    return judge(pod, seen, NOW, proven=proven)


def test_a_pod_with_clients_is_healthy() -> None:
    assert shown(on_trial()) == HEALTHY


def test_a_pod_is_healthy_where_there_are_no_clients_at_all() -> None:
    idle = an_edge(0, connections=0)
    assert shown(on_trial(connections=0, arrived=0), idle) == HEALTHY


def test_a_pod_without_others_is_healthy() -> None:
    pod = on_trial(connections=0, arrived=0)
    assert judge(pod, a_gateway(pod), NOW) == HEALTHY


def test_silence_of_the_others_is_not_taken_for_idleness() -> None:
    verdict = shown(on_trial(connections=0), an_edge(0, connections=None))
    assert verdict == Verdict(message="feed-edge-0 does not say how many clients it has")


def test_silence_of_the_pod_is_not_taken_for_health() -> None:
    verdict = shown(on_trial(connections=None), an_edge(0, connections=0))
    assert verdict == Verdict(message="feed-edge-2 does not say how many clients it has")


def test_a_crash_fails() -> None:
    verdict = shown(on_trial(ready_since=None, trouble=CRASHED))
    assert verdict.failing is Reason.POD_FAILING
    assert "exited with code 1" in verdict.message


def test_a_pod_has_a_minute_to_start() -> None:
    assert shown(on_trial(ready_since=None)) == Verdict(message="feed-edge-2 is not ready yet")


def test_a_pod_that_does_not_start_in_time_fails_and_it_is_said_what_keeps_it() -> None:
    # given
    pod = on_trial(ready_since=None, created_at=NOW - 60 * SECOND, trouble=WAITING)
    # when
    verdict = shown(pod)
    # then
    assert verdict.failing is Reason.NOT_READY_IN_TIME
    assert "no node has room" in verdict.message


def test_a_pod_that_is_not_ready_for_a_moment_does_not_fail() -> None:
    # given
    pod = on_trial(ready_since=None, created_at=NOW - 900 * SECOND, unready_since=NOW - SECOND)
    # then
    assert shown(pod).failing is None


def test_nobody_needs_to_come_in_the_first_half_minute() -> None:
    pod = on_trial(connections=0, arrived=0, ready_since=NOW - 29 * SECOND)
    assert shown(pod) == Verdict(message="feed-edge-2 has no clients yet")


@pytest.mark.parametrize("arrived", [3, 50, None])
def test_clients_that_do_not_stay_fail_it(arrived: int | None) -> None:
    assert shown(on_trial(connections=0, arrived=arrived)).failing is Reason.NO_CLIENTS_ARRIVE


def test_clients_that_do_not_move_are_no_fault_of_the_pod() -> None:
    assert shown(on_trial(connections=0, arrived=0)) == HEALTHY


def test_more_slow_clients_than_on_any_other_pod_fail_a_first_pod() -> None:
    assert shown(on_trial(slow_consumers=3)).failing is Reason.SLOW_CONSUMERS


def test_one_or_two_slow_clients_are_their_own_fault() -> None:
    assert shown(on_trial(slow_consumers=2)) == HEALTHY


def test_clients_that_are_slow_everywhere_do_not_fail_it() -> None:
    slow_too = an_edge(0, slow_consumers=4)
    assert shown(on_trial(slow_consumers=3), slow_too) == HEALTHY


def test_slow_clients_do_not_fail_a_proven_configuration() -> None:
    assert shown(on_trial(slow_consumers=3), an_edge(0), proven=True) == HEALTHY


def asked(*edges: EdgePod, **changes: Any) -> tuple[Moves, ...]:
    candidate = {"candidate": a_candidate("r2")}
    return decide(a_gateway(*edges, wanted="r2", remembered=candidate, **changes), NOW).moves


def waiting(**changes: Any) -> EdgePod:
    return on_trial(connections=0, arrived=0, ready_since=NOW - 5 * SECOND, **changes)


def test_some_clients_of_the_fullest_pod_are_asked_to_come() -> None:
    moves = asked(an_edge(0), an_edge(1, connections=300), waiting())
    assert moves == (Moves(pod="feed-edge-1", count=20),)


def test_of_few_clients_most_stay_where_they_are() -> None:
    moves = asked(an_edge(0, connections=7), waiting(), spec={"replicas": 1})
    assert moves == (Moves(pod="feed-edge-0", count=3),)


def test_a_single_client_is_asked_as_there_is_no_other() -> None:
    moves = asked(an_edge(0, connections=1), waiting(), spec={"replicas": 1})
    assert moves == (Moves(pod="feed-edge-0", count=1),)


def test_who_was_asked_a_moment_ago_is_not_asked_again() -> None:
    assert asked(an_edge(0), an_edge(1), waiting(), asked={"feed-edge-1": 20}) == ()


def test_nobody_is_asked_to_come_to_a_pod_that_does_not_say_what_it_has() -> None:
    assert asked(an_edge(0), an_edge(1), on_trial(connections=None)) == ()


def test_a_pod_that_does_not_say_what_it_has_is_waited_for() -> None:
    # given
    pods = [an_edge(0), an_edge(1), on_trial(connections=None, ready_since=NOW - 600 * SECOND)]
    # when
    plan = decide(a_gateway(*pods, wanted="r2", remembered={"candidate": a_candidate()}), NOW)
    # then: one lost answer is no reason to go back
    assert plan.memory.rejected is None
    assert plan.memory.candidate is not None
