"""What is written of a gateway, and what is told of it."""

from dataclasses import replace

from headgate.streamgateway.announce import announcements
from headgate.streamgateway.decide import decide, memory_of
from headgate.streamgateway.status import status_of
from headgate.streamgateway.status_types import Connections, Continuity, RebalanceStatus
from tests.builders.gateways import NOW, a_drain, a_gateway, an_edge


def test_everything_that_is_remembered_is_written() -> None:
    # given: a plan that remembers something in every field
    seen = a_gateway(an_edge(0), an_edge(1))
    plan = decide(seen, NOW)
    memory = replace(
        plan.memory, drain=a_drain(0), rebalance=RebalanceStatus(since=NOW, connections=3)
    )
    # when
    status = status_of(seen, replace(plan, memory=memory), NOW)
    # then
    assert memory_of(status) == memory


def test_a_few_clients_more_are_not_worth_a_write() -> None:
    # given
    before = Connections(total=2000, per_pod_max=1000, skew=1.0)
    seen = a_gateway(an_edge(0, connections=1010), an_edge(1, connections=1000))
    seen = replace(seen, status=seen.status.model_copy(update={"connections": before}))
    # when
    status = status_of(seen, decide(seen, NOW), NOW)
    # then
    assert status.connections == before


def test_events_tell_of_a_drain_and_of_those_it_cut() -> None:
    # given
    seen = a_gateway(an_edge(0), an_edge(1))
    before = status_of(seen, decide(seen, NOW), NOW)
    draining = before.model_copy(update={"drain": a_drain(1)})
    cost = Continuity(moved=4, forced_closes=2)
    after = draining.model_copy(update={"drain": None, "continuity": cost})
    # when
    told = [*announcements(before, draining), *announcements(draining, after)]
    # then
    assert [(each.reason, each.warning) for each in told] == [
        ("DrainUnderWay", False),
        ("ConnectionsCut", True),
    ]
    assert told[1].message == "2 connections did not move before their deadline, and were cut"


def test_events_tell_why_the_pool_grows() -> None:
    # given
    seen = a_gateway(an_edge(0), an_edge(1))
    before = status_of(seen, decide(seen, NOW), NOW)
    after = before.model_copy(update={"desired_replicas": 3, "reason": "spec.replicas is 3"})
    # when
    (told,) = announcements(before, after)
    # then
    assert told.message == "2 to 3 edge pods: spec.replicas is 3"
