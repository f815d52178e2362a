"""A gateway at rest is left alone; what it says of itself, and when one looks again."""

from dataclasses import replace
from datetime import timedelta

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.streamgateway.decide import decide, memory_of
from headgate.streamgateway.decide.plan import Plan
from headgate.streamgateway.observed import CoreServers, Observed
from headgate.streamgateway.status_types import GatewayPhase
from tests.builders.gateways import (
    NOW,
    WAITING,
    a_candidate,
    a_drain,
    a_gateway,
    a_starting_edge,
    an_edge,
)

CALM = timedelta(seconds=5)
BUSY = timedelta(seconds=1)


def decided(seen: Observed) -> Plan:
    return decide(seen, NOW)


def told(plan: Plan, kind: str) -> tuple[str, Reason]:
    fact = next(fact for fact in plan.facts if fact.type == kind)
    return fact.status, fact.reason


def test_nothing_is_done_at_rest() -> None:
    # given
    seen = a_gateway(an_edge(0), an_edge(1))
    # when
    plan = decided(seen)
    # then
    assert plan.memory == memory_of(seen.status)
    assert (plan.create, plan.cordon, plan.moves, plan.delete) == ((), (), (), ())
    assert plan.core_revision == "r1"
    assert plan.wake_at == NOW + CALM


def test_a_healthy_gateway_says_so() -> None:
    # when
    plan = decided(a_gateway(an_edge(0), an_edge(1)))
    # then
    assert (plan.phase, plan.message) == (GatewayPhase.HEALTHY, "")
    assert {fact.type: fact.status for fact in plan.facts} == {
        "Accepted": "True",
        "Available": "True",
        "Balanced": "True",
        "RevisionHealthy": "True",
        "StreamsReady": "True",
    }


def test_what_is_wrong_with_the_spec_goes_before_everything_else() -> None:
    # given
    problem = Problem("spec.auth.secretRef.name", "there is no Secret users")
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        an_edge(2, serving=False),
        wanted=None,
        problems=(problem,),
        remembered={"drain": a_drain(2)},
    )
    # when
    plan = decided(seen)
    # then
    assert plan.phase is GatewayPhase.DEGRADED
    assert plan.message == "spec.auth.secretRef.name: there is no Secret users"
    assert told(plan, "Accepted") == ("False", Reason.SECRET_UNUSABLE)


def test_a_pool_that_grows_says_what_keeps_it() -> None:
    # when
    plan = decided(a_gateway(an_edge(0), a_starting_edge(1, trouble=WAITING)))
    # then
    assert plan.phase is GatewayPhase.SCALING
    assert plan.message == "1 of 2 edge pods are ready: feed-edge-1: no node has room"


def test_a_pool_that_cannot_shrink_says_why() -> None:
    # when
    plan = decided(a_gateway(an_edge(0), an_edge(1), an_edge(2, connections=None)))
    # then
    assert plan.message == (
        "3 of 2 edge pods are ready: feed-edge-2 does not say how many connections it has"
    )


def test_a_drain_says_how_many_are_left() -> None:
    # given
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        an_edge(2, connections=7, serving=False),
        remembered={"drain": a_drain(2, asking_since=NOW, connections=100)},
    )
    # when
    plan = decided(seen)
    # then
    assert plan.phase is GatewayPhase.DRAINING
    assert plan.message == "feed-edge-2 is being left: the pool shrinks, 7 are left"


def test_a_gateway_without_ready_pods_is_not_available() -> None:
    plan = decided(a_gateway(a_starting_edge(0), a_starting_edge(1)))
    assert told(plan, "Available") == ("False", Reason.NO_REPLICAS)


def test_balance_is_unknown_while_a_pod_does_not_say_what_it_has() -> None:
    plan = decided(a_gateway(an_edge(0), an_edge(1, connections=None)))
    assert told(plan, "Balanced") == ("Unknown", Reason.METRICS_MISSING)


def test_streams_are_not_ready_without_a_majority_of_the_core() -> None:
    # given
    core = CoreServers(wanted=3, ready=1, revision="r1", updated=3)
    seen = replace(a_gateway(an_edge(0), an_edge(1)), core=core)
    # then
    assert told(decided(seen), "StreamsReady") == ("False", Reason.CORE_UNREACHABLE)


def test_one_looks_every_second_while_a_configuration_is_on_trial() -> None:
    # given
    trial = an_edge(2, revision="r2")
    seen = a_gateway(
        an_edge(0), an_edge(1), trial, wanted="r2", remembered={"candidate": a_candidate()}
    )
    # then
    assert decided(seen).wake_at == NOW + BUSY


def test_one_looks_calmly_at_a_failing_configuration_that_is_held() -> None:
    # given
    stuck = a_starting_edge(2, revision="r2", created_at=NOW - timedelta(hours=1))
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        stuck,
        wanted="r2",
        spec={"rollback": {"onFailedHealthChecks": False}},
        remembered={"candidate": a_candidate()},
    )
    # then
    assert decided(seen).wake_at == NOW + CALM
