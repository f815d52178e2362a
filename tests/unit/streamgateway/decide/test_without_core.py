"""Servers of one's own: no core, and some that cannot move single connections."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.streamgateway.decide import Moves, decide, memory_of
from headgate.streamgateway.decide.plan import Plan
from headgate.streamgateway.decide.trial import Verdict, judge
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.status_types import GatewayPhase, RebalanceStatus, WhyDrained
from tests.builders.custom_gateways import a_custom_gateway
from tests.builders.gateways import NOW, SECOND, a_candidate, a_drain, an_edge

SILENT = "GET /headgate/v1/status: connections is missing from its answer"
FIXED = (
    "feed-edge-0 cannot ask single connections to leave (capability move):"
    " nothing is moved for balance"
)


def a_balanced(plan: Plan) -> tuple[str, Reason, str]:
    fact = next(fact for fact in plan.facts if fact.type == "Balanced")
    return fact.status, fact.reason, fact.message


def on_trial(**changes: Any) -> EdgePod:
    fresh = {"created_at": NOW - 50 * SECOND, "ready_since": NOW - 40 * SECOND}
    return an_edge(2, revision="r2", **{**fresh, **changes})


def test_a_gateway_without_core_is_healthy_and_says_nothing_of_streams() -> None:
    # when
    plan = decide(a_custom_gateway(an_edge(0), an_edge(1)), NOW)
    # then
    assert (plan.phase, plan.core_revision) == (GatewayPhase.HEALTHY, None)
    assert "StreamsReady" not in {fact.type for fact in plan.facts}


def test_a_configuration_is_stable_once_all_edges_have_it() -> None:
    # given
    candidate = a_candidate("r2", proven=True)
    edges = [an_edge(0, revision="r2"), an_edge(1, revision="r2")]
    seen = a_custom_gateway(*edges, wanted="r2", remembered={"candidate": candidate})
    # when
    memory = decide(seen, NOW).memory
    # then
    assert (memory.stable_revision, memory.candidate) == ("r2", None)


def test_connections_that_cannot_be_moved_are_not_and_the_condition_says_so() -> None:
    # given
    full, empty = an_edge(0, connections=300, movable=False), an_edge(1, connections=0)
    # when
    plan = decide(a_custom_gateway(full, empty), NOW)
    # then
    assert plan.memory.rebalance is None
    assert not plan.moves
    assert a_balanced(plan) == (
        "False",
        Reason.CONNECTIONS_UNEVEN,
        FIXED,
    )


def test_a_rebalance_ends_where_a_pod_comes_that_cannot_move_any() -> None:
    # given
    under_way = RebalanceStatus(since=NOW, connections=100)
    edges = [an_edge(0, connections=300), an_edge(1, connections=100, movable=False)]
    seen = a_custom_gateway(*edges, remembered={"rebalance": under_way})
    # then
    assert decide(seen, NOW).memory.rebalance is None


def test_a_trial_asks_those_that_can_be_asked() -> None:
    # given
    fullest, other = an_edge(0, connections=300, movable=False), an_edge(1, connections=50)
    seen = a_custom_gateway(
        fullest,
        other,
        on_trial(connections=0, arrived=0),
        wanted="r2",
        remembered={"candidate": a_candidate()},
    )
    # when, then
    settled = decide(seen, NOW)
    assert settled.moves == (Moves(pod="feed-edge-1", count=20),)


def test_a_trial_that_nobody_can_be_asked_to_join_is_not_failed_for_it() -> None:
    # given
    pod = on_trial(connections=0, arrived=0, movable=False)
    others = (an_edge(0, movable=False), an_edge(1, movable=False))
    # when
    verdict = judge(pod, a_custom_gateway(*others, pod), NOW)
    # then
    assert verdict == Verdict(healthy=True)


@pytest.mark.parametrize("seconds", [14, 15])
def test_a_server_that_breaks_the_contract_fails_its_trial_in_time(seconds: int) -> None:
    # given
    ready = NOW - seconds * SECOND
    pod = on_trial(ready_since=ready, connections=None, complaint=SILENT)
    # when
    verdict = judge(pod, a_custom_gateway(an_edge(0), pod), NOW)
    # then
    assert (verdict.failing is Reason.CONTRACT_BROKEN) == (seconds == 15)
    assert (SILENT in verdict.message) == (seconds == 15)


def test_a_pod_that_drains_by_itself_is_not_asked_again() -> None:
    # given: it says that it drains, so all of its connections count as asked
    drain = a_drain(2, asking_since=NOW - 15 * SECOND, connections=100)
    pod = an_edge(2, serving=False, connections=90, ready_since=None)
    seen = a_custom_gateway(
        an_edge(0), an_edge(1), pod, remembered={"drain": drain}, asked={"feed-edge-2": 90}
    )
    # when: another operator looks, that has asked nobody itself
    plan = decide(seen, NOW)
    # then
    assert (plan.memory, plan.moves, plan.delete) == (memory_of(seen.status), (), ())


def test_a_pod_that_drains_by_itself_is_cut_at_its_deadline_and_counted() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - 120 * SECOND, connections=100)
    pod = an_edge(2, serving=False, connections=4, ready_since=None)
    seen = a_custom_gateway(
        an_edge(0), an_edge(1), pod, remembered={"drain": drain}, asked={"feed-edge-2": 4}
    )
    # when
    memory = decide(seen, NOW).memory
    # then
    assert (memory.continuity.moved, memory.continuity.forced_closes) == (96, 4)


def test_a_drain_that_a_server_refuses_says_what_it_answered() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - SECOND, connections=100)
    refused = "POST /headgate/v1/drain on port 8081 was answered 500"
    pod = an_edge(2, serving=False, complaint=refused)
    seen = a_custom_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": drain})
    # then
    assert decide(seen, NOW).message.endswith(f"100 are left; {refused}")


def test_a_server_that_cannot_be_counted_is_told_of_and_nothing_leaves() -> None:
    # given: one more than wanted
    silent = an_edge(2, connections=None, complaint=SILENT)
    seen = a_custom_gateway(an_edge(0), an_edge(1), silent)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain is None
    assert SILENT in plan.message
    assert a_balanced(plan)[:2] == ("Unknown", Reason.METRICS_MISSING)
    assert SILENT in a_balanced(plan)[2]


def test_a_server_that_cannot_be_counted_makes_the_gateway_degraded() -> None:
    silent = an_edge(1, connections=None, complaint=SILENT)
    plan = decide(a_custom_gateway(an_edge(0), silent), NOW)
    assert (plan.phase, SILENT in plan.message) == (GatewayPhase.DEGRADED, True)


def a_mute(number: int, **changes: Any) -> EdgePod:
    """Return a pod that runs, and whose answers are wrong."""
    found = {"ip": "10.0.0.9", "control_port": 8081}
    return an_edge(number, **{"connections": None, "complaint": SILENT, **found, **changes})


def test_a_pod_that_was_rejected_for_its_answers_leaves() -> None:
    # given
    rejected = {"revision": "r2", "reason": "ContractBroken", "message": SILENT, "at": NOW}
    seen = a_custom_gateway(
        an_edge(0),
        an_edge(1),
        a_mute(2, revision="r2"),
        wanted="r2",
        remembered={"rejected": rejected},
    )
    # when
    drain = decide(seen, NOW).memory.drain
    # then
    assert drain is not None
    assert (drain.pod, drain.why) == ("feed-edge-2", WhyDrained.REVISION_REJECTED)


def test_pods_whose_answers_are_wrong_leave_for_a_configuration_that_mends_them() -> None:
    # given: both old ones are so, and one of the new kind is there
    candidate = a_candidate("r2", proven=True)
    edges = (a_mute(0), a_mute(1), an_edge(2, revision="r2"))
    seen = a_custom_gateway(*edges, wanted="r2", remembered={"candidate": candidate})
    # when
    drain = decide(seen, NOW).memory.drain
    # then
    assert drain is not None
    assert (drain.pod, drain.why) == ("feed-edge-0", WhyDrained.NEW_REVISION)


def test_a_trial_does_not_wait_for_figures_that_are_wrong() -> None:
    # given
    pod = on_trial(connections=0, arrived=0)
    # when
    verdict = judge(pod, a_custom_gateway(a_mute(0), a_mute(1), pod), NOW)
    # then
    assert verdict == Verdict(healthy=True)


def test_a_pod_whose_answers_are_wrong_is_told_to_drain_all_the_same() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - SECOND)
    out = a_mute(2, serving=False)
    seen = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": drain})
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.moves == (Moves(pod="feed-edge-2", count=1),)
    assert not plan.delete


def test_a_pod_whose_answers_are_wrong_goes_half_a_minute_after_its_deadline() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - 151 * SECOND)
    out = a_mute(2, serving=False)
    seen = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": drain})
    # when
    memory = decide(seen, NOW).memory
    # then
    assert memory.drain is not None
    assert memory.drain.done_at == NOW


def test_a_pod_that_is_not_ready_any_more_and_cannot_be_counted_is_told_to_drain() -> None:
    # given: it honours the cordon, and its readiness fell before the asking began
    out = a_mute(2, serving=False, ready_since=None, complaint="")
    seen = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": a_drain(2)})
    # when
    begun = decide(seen, NOW).memory.drain
    asked = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": begun})
    # then
    assert begun == a_drain(2, asking_since=NOW)
    assert decide(asked, NOW).moves == (Moves(pod="feed-edge-2", count=1),)


def test_a_pod_that_is_not_ready_and_cannot_be_counted_is_not_cut_at_its_deadline_at_once() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - 149 * SECOND)
    out = a_mute(2, serving=False, ready_since=None)
    seen = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": drain})
    # then
    assert decide(seen, NOW).memory.drain == drain


def test_clients_of_a_pod_that_was_asked_before_it_could_be_counted_are_counted_later() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - SECOND)
    out = a_mute(2, serving=False, connections=100, complaint="")
    seen = a_custom_gateway(an_edge(0), an_edge(1), out, remembered={"drain": drain})
    # then
    assert decide(seen, NOW).memory.drain == drain.model_copy(update={"connections": 100})
