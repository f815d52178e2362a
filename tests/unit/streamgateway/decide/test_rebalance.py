"""When connections are spread anew, whom that moves, and how it ends."""

from datetime import datetime
from typing import Any

from headgate.streamgateway.decide import Moves, decide, memory_of
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import Continuity, GatewayPhase, RebalanceStatus
from tests.builders.gateways import (
    NOW,
    SECOND,
    WAITING,
    a_candidate,
    a_gateway,
    a_starting_edge,
    an_edge,
)

EVERY = {"replicas": 2, "rebalance": {"maxSkew": 1.15, "movesPerSecond": 50}}


def a_rebalance(
    connections: int = 100, since: datetime = NOW, given_up_at: datetime | None = None
) -> dict[str, Any]:
    status = RebalanceStatus(since=since, connections=connections, given_up_at=given_up_at)
    return {"rebalance": status}


def with_clients(*counts: int | None, **changes: Any) -> Observed:
    """Return pods with so many clients each."""
    edges = [an_edge(number, connections=count) for number, count in enumerate(counts)]
    fields = {"spec": {**EVERY, "replicas": len(counts)}, **changes}
    return a_gateway(*edges, **fields)


def remembered(seen: Observed) -> Memory:
    return decide(seen, NOW).memory


def test_it_begins_above_max_skew_and_says_how_many_are_to_move() -> None:
    after = remembered(with_clients(300, 100))
    assert after.rebalance == RebalanceStatus(since=NOW, connections=100)


def test_up_to_max_skew_nothing_moves() -> None:
    assert remembered(with_clients(115, 85)).rebalance is None


def test_few_connections_are_left_alone() -> None:
    assert remembered(with_clients(19, 1)).rebalance is None


def test_no_clients_are_even() -> None:
    assert remembered(with_clients(0, 0)).rebalance is None


def test_the_excess_moves_at_the_rate() -> None:
    seen = with_clients(300, 100, remembered=a_rebalance())
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-0", count=50),)


def test_the_rate_is_shared_by_all_pods() -> None:
    seen = with_clients(130, 120, 0, remembered=a_rebalance())
    assert decide(seen, NOW).moves == (
        Moves(pod="feed-edge-0", count=46),
        Moves(pod="feed-edge-1", count=4),
    )


def test_a_pass_soon_after_the_last_one_asks_for_less() -> None:
    seen = with_clients(300, 100, remembered=a_rebalance(), asked_at=NOW - SECOND / 5)
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-0", count=10),)


def test_a_pass_long_after_the_last_one_asks_for_no_more_than_a_second_s_share() -> None:
    seen = with_clients(300, 100, remembered=a_rebalance(), asked_at=NOW - 9 * SECOND)
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-0", count=50),)


def test_who_was_asked_counts_as_gone() -> None:
    seen = with_clients(300, 100, remembered=a_rebalance(), asked={"feed-edge-0": 70})
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-0", count=30),)


def test_no_more_are_asked_than_are_usually_on_their_way() -> None:
    # given: at 50 a second, 350
    some = with_clients(3000, 100, remembered=a_rebalance(), asked={"feed-edge-0": 340})
    assert decide(some, NOW).moves == (Moves(pod="feed-edge-0", count=10),)
    # when clients do not keep up
    many = with_clients(3000, 100, remembered=a_rebalance(), asked={"feed-edge-0": 360})
    assert not decide(many, NOW).moves


def test_it_goes_on_below_max_skew_so_that_it_does_not_begin_again_at_once() -> None:
    seen = with_clients(1100, 900, remembered=a_rebalance())
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-0", count=50),)


def test_it_ends_well_below_max_skew_and_is_counted() -> None:
    # given
    seen = with_clients(1020, 980, remembered=a_rebalance(connections=100))
    # when
    after = remembered(seen)
    # then
    assert after.rebalance is None
    assert after.continuity == Continuity(moved=80, since=NOW)


def test_it_is_given_up_where_clients_do_not_move() -> None:
    # given
    since = NOW - 33 * SECOND
    seen = with_clients(300, 100, remembered=a_rebalance(since=since))
    # then
    assert remembered(seen).rebalance == RebalanceStatus(
        since=since, connections=100, given_up_at=NOW
    )


def test_it_goes_on_for_as_long_as_it_comes_further() -> None:
    # given: long after it should have been done, a tenth more has moved
    since = NOW - 300 * SECOND
    before = RebalanceStatus(since=since, connections=100, left=60, progress_at=NOW - 33 * SECOND)
    # then
    went_on = remembered(with_clients(250, 150, remembered={"rebalance": before})).rebalance
    assert went_on == before.model_copy(update={"left": 50, "progress_at": NOW})
    stood_still = remembered(with_clients(251, 149, remembered={"rebalance": before})).rebalance
    assert stood_still == before.model_copy(update={"given_up_at": NOW})


def test_how_far_it_has_come_is_noted_at_each_tenth_only() -> None:
    before = a_rebalance(connections=1000, since=NOW - SECOND)
    seen = with_clients(1901, 0, remembered=before)
    assert remembered(seen).rebalance == before["rebalance"]


def test_nobody_is_asked_after_it_was_given_up_and_it_is_said_why() -> None:
    # given
    seen = with_clients(300, 100, remembered=a_rebalance(given_up_at=NOW - 60 * SECOND))
    # when
    plan = decide(seen, NOW)
    # then
    assert not plan.moves
    assert plan.phase is GatewayPhase.HEALTHY
    balanced = next(fact for fact in plan.facts if fact.type == "Balanced")
    assert "too few did" in balanced.message


def test_it_is_tried_again_later() -> None:
    seen = with_clients(300, 100, remembered=a_rebalance(given_up_at=NOW - 600 * SECOND))
    assert remembered(seen).rebalance is None


def test_what_was_given_up_is_forgotten_once_all_is_even() -> None:
    seen = with_clients(100, 100, remembered=a_rebalance(given_up_at=NOW - 60 * SECOND))
    assert remembered(seen).rebalance is None


def test_nothing_is_concluded_while_a_pod_does_not_say_what_it_has() -> None:
    # given
    seen = with_clients(300, None, remembered=a_rebalance())
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.rebalance is not None
    assert not plan.moves


def test_a_single_pod_has_nothing_to_spread() -> None:
    seen = with_clients(300, remembered=a_rebalance())
    assert remembered(seen).rebalance is None


def test_it_waits_for_pods_that_are_coming() -> None:
    seen = a_gateway(
        an_edge(0, connections=300), an_edge(1), a_starting_edge(2), spec={"replicas": 3}
    )
    assert remembered(seen).rebalance is None


def test_it_does_not_wait_for_pods_in_trouble() -> None:
    # given
    stuck = a_starting_edge(2, trouble=WAITING)
    seen = a_gateway(an_edge(0, connections=300), an_edge(1), stuck, spec={"replicas": 3})
    # then
    assert remembered(seen).rebalance is not None


def test_a_drain_ends_it() -> None:
    # given
    seen = with_clients(300, 100, 100, spec=EVERY, remembered=a_rebalance(connections=150))
    # when
    after = remembered(seen)
    # then
    assert after.drain is not None
    assert after.rebalance is None


def test_it_does_not_begin_while_a_configuration_is_on_its_way() -> None:
    seen = with_clients(300, 100, wanted="r2", remembered={"candidate": a_candidate("r2")})
    assert remembered(seen).rebalance is None


def test_it_waits_for_clients_of_a_pod_that_is_being_deleted() -> None:
    # given
    gone = an_edge(2, leaving=True, connections=50)
    seen = a_gateway(an_edge(0, connections=300), an_edge(1), gone)
    # then
    assert remembered(seen).rebalance is None


def test_a_pod_that_stays_silent_does_not_keep_it_up_for_ever() -> None:
    # given: 50 a second, so 2 s for 100 connections, and half a minute of patience
    soon = with_clients(300, None, remembered=a_rebalance(since=NOW - 30 * SECOND))
    late = with_clients(300, None, remembered=a_rebalance(since=NOW - 33 * SECOND))
    # when, then
    assert remembered(soon) == memory_of(soon.status)
    assert remembered(late).rebalance is None
