"""How a pod's connections leave it: out of the Service, asked, gone, each step written down."""

from datetime import timedelta

from headgate.streamgateway.decide import Moves, decide, memory_of
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import Continuity, DrainStatus
from tests.builders.gateways import (
    NOW,
    SECOND,
    a_broken_edge,
    a_drain,
    a_gateway,
    a_starting_edge,
    an_edge,
)

DEADLINE = 120 * SECOND
WINDOW = 20 * SECOND


def draining(
    drain: DrainStatus, *, connections: int | None = 100, asked: int = 0, **changes: object
) -> Observed:
    """Return a pool of three, of which pod 2 is drained and out of the Service."""
    leaving = an_edge(2, connections=connections, serving=False)
    return a_gateway(
        an_edge(0),
        an_edge(1),
        leaving,
        remembered={"drain": drain},
        asked={"feed-edge-2": asked} if asked else {},
        **changes,  # type: ignore[arg-type]
    )


def remembered_drain(seen: Observed) -> DrainStatus | None:
    return decide(seen, NOW).memory.drain


def test_a_pod_is_taken_out_of_the_service_once_its_drain_is_written_down() -> None:
    # given
    pod = an_edge(2, connections=5)
    drain = a_drain(2, cordoned_at=NOW)
    seen = a_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": drain})
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory == memory_of(seen.status)
    assert plan.cordon == (pod,)


def test_the_time_for_proxies_begins_anew_where_the_pod_is_still_in_the_service() -> None:
    # given
    pod = an_edge(2, connections=5)
    seen = a_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": a_drain(2)})
    # then
    assert remembered_drain(seen) == a_drain(2, cordoned_at=NOW)


def test_a_drain_is_called_off_where_others_broke_before_its_pod_left_the_service() -> None:
    # given
    drain = a_drain(2, cordoned_at=NOW)
    seen = a_gateway(an_edge(0), a_broken_edge(1), an_edge(2), remembered={"drain": drain})
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain is None
    assert not plan.cordon


def test_a_drain_is_called_off_where_more_pods_are_wanted_meanwhile() -> None:
    # given
    drain = a_drain(2, cordoned_at=NOW)
    seen = a_gateway(
        an_edge(0), an_edge(1), an_edge(2), spec={"replicas": 3}, remembered={"drain": drain}
    )
    # then
    assert remembered_drain(seen) is None


def test_nobody_is_asked_while_proxies_may_still_send_clients() -> None:
    # given
    seen = draining(a_drain(2, cordoned_at=NOW - 2 * SECOND))
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory == memory_of(seen.status)
    assert not plan.moves


def test_a_pod_that_is_empty_at_once_still_waits_for_the_proxies() -> None:
    seen = draining(a_drain(2, cordoned_at=NOW - 2 * SECOND), connections=0)
    assert remembered_drain(seen) == seen.status.drain


def test_asking_begins_with_the_number_there_is() -> None:
    seen = draining(a_drain(2))
    assert remembered_drain(seen) == a_drain(2, asking_since=NOW, connections=100)


def test_asking_waits_for_a_pod_that_does_not_say_how_many_it_has() -> None:
    # given
    long_since = NOW - 10 * DEADLINE
    seen = draining(a_drain(2, cordoned_at=long_since), connections=None)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory == memory_of(seen.status)
    assert not plan.delete
    assert "does not say" in plan.message


def test_connections_are_asked_in_a_line_over_the_window() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - WINDOW / 4, connections=100)
    seen = draining(drain, connections=95, asked=8)
    # then
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-2", count=12),)


def test_nobody_is_asked_twice_within_a_moment() -> None:
    drain = a_drain(2, asking_since=NOW - WINDOW / 4, connections=100)
    assert not decide(draining(drain, connections=95, asked=20), NOW).moves


def test_all_that_are_left_are_asked_after_the_window() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - WINDOW - SECOND, connections=100)
    seen = draining(drain, connections=7, asked_at=NOW - 2 * SECOND)
    # then
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-2", count=7),)


def test_an_empty_pod_is_done_with_and_all_are_counted_as_moved() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - WINDOW, connections=100)
    seen = draining(drain, connections=0)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.continuity == Continuity(moved=100, since=NOW)
    assert plan.memory.drain == drain.model_copy(update={"done_at": NOW})
    assert not plan.delete


def test_a_pod_is_deleted_once_the_end_of_its_drain_is_written_down() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - WINDOW, connections=100, done_at=NOW)
    seen = draining(drain, connections=0)
    # when
    plan = decide(seen, NOW)
    # then
    assert [pod.name for pod in plan.delete] == ["feed-edge-2"]
    assert plan.memory == memory_of(seen.status)


def test_who_is_there_at_the_deadline_is_counted_before_the_pod_is_deleted() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - DEADLINE, connections=100)
    seen = draining(drain, connections=3, asked=3, asked_at=NOW - SECOND)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.continuity == Continuity(moved=97, forced_closes=3, since=NOW)
    assert not plan.delete


def test_the_deadline_is_honoured_for_clients_that_never_listen() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - DEADLINE, connections=100)
    seen = draining(drain, connections=100, asked=100, asked_at=NOW - SECOND)
    # then
    assert decide(seen, NOW).memory.continuity.forced_closes == 100


def test_window_and_deadline_begin_anew_after_the_operator_was_away() -> None:
    # given
    drain = a_drain(
        2,
        cordoned_at=NOW - DEADLINE - 5 * SECOND,
        asking_since=NOW - DEADLINE - SECOND,
        connections=100,
    )
    seen = draining(drain, connections=90, asked_at=None)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain == drain.model_copy(update={"asking_since": NOW})
    assert plan.memory.continuity.forced_closes == 0


def test_a_pod_goes_after_many_deadlines_even_if_nobody_could_be_asked() -> None:
    # given
    drain = a_drain(2, cordoned_at=NOW - 5 * DEADLINE, asking_since=NOW - DEADLINE, connections=100)
    seen = draining(drain, connections=90, asked_at=None)
    # then
    assert decide(seen, NOW).memory.continuity.forced_closes == 90


def test_few_clients_and_a_long_window_are_no_neglect() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - 60 * SECOND, connections=2)
    seen = draining(
        drain, connections=2, asked_at=NOW - 59 * SECOND, spec={"drain": {"window": "120s"}}
    )
    # then
    assert decide(seen, NOW).moves == (Moves(pod="feed-edge-2", count=1),)


def test_a_silent_pod_gets_half_a_minute_more_at_its_deadline() -> None:
    drain = a_drain(2, asking_since=NOW - DEADLINE - 29 * SECOND, connections=100)
    assert remembered_drain(draining(drain, connections=None)) == drain


def test_a_pod_that_stays_silent_at_its_deadline_counts_as_full() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - DEADLINE - 30 * SECOND, connections=100)
    seen = draining(drain, connections=None)
    # then
    assert decide(seen, NOW).memory.continuity.forced_closes == 100


def test_time_stands_still_while_no_other_pod_takes_connections() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - DEADLINE, connections=100)
    seen = a_gateway(
        a_broken_edge(0),
        a_starting_edge(1),
        an_edge(2, serving=False),
        remembered={"drain": drain},
    )
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain == a_drain(2, connections=100)
    assert plan.memory.continuity.forced_closes == 0


def test_a_pod_on_trial_is_no_place_to_go() -> None:
    # given
    drain = a_drain(1, asking_since=NOW - 5 * SECOND, connections=100)
    seen = a_gateway(
        a_broken_edge(0),
        an_edge(1, serving=False),
        an_edge(2, revision="r2"),
        wanted="r2",
        remembered={"drain": drain, "candidate": {"revision": "r2", "started_at": NOW}},
    )
    # then
    assert remembered_drain(seen) == a_drain(1, connections=100)


def test_a_crashed_pod_has_nobody_to_wait_for() -> None:
    # given
    seen = a_gateway(
        an_edge(0), an_edge(1), a_broken_edge(2, serving=False), remembered={"drain": a_drain(2)}
    )
    # when
    drain = remembered_drain(seen)
    # then
    assert drain is not None
    assert drain.done_at == NOW


def test_a_pod_that_never_had_an_address_has_nobody_to_wait_for() -> None:
    # given
    pod = a_starting_edge(2, ip="", serving=False)
    seen = a_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": a_drain(2)})
    # when
    drain = remembered_drain(seen)
    # then
    assert drain is not None
    assert drain.done_at == NOW


def test_a_dead_pod_that_says_nothing_goes_at_its_deadline() -> None:
    # given
    pod = an_edge(2, ready_since=None, connections=None, serving=False)
    drain = a_drain(2, cordoned_at=NOW - DEADLINE)
    seen = a_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": drain})
    # when
    after = remembered_drain(seen)
    # then
    assert after is not None
    assert after.done_at == NOW


def test_a_drain_ends_when_its_pod_is_on_its_way_out_and_is_not_counted_twice() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - WINDOW, connections=100, done_at=NOW)
    pod = an_edge(2, serving=False, leaving=True, connections=0)
    counted = Continuity(moved=100, since=NOW)
    seen = a_gateway(
        an_edge(0), an_edge(1), pod, remembered={"drain": drain, "continuity": counted}
    )
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain is None
    assert plan.memory.continuity == counted


def test_of_a_pod_that_others_deleted_those_count_as_moved_that_had_left() -> None:
    # given
    drain = a_drain(2, asking_since=NOW - SECOND, connections=100)
    pod = an_edge(2, serving=False, leaving=True, connections=30)
    seen = a_gateway(an_edge(0), an_edge(1), pod, remembered={"drain": drain})
    # then
    assert decide(seen, NOW).memory.continuity == Continuity(moved=70, since=NOW)


def test_another_pod_of_the_same_name_is_not_the_one_that_was_drained() -> None:
    # given
    reborn = an_edge(2, uid="uid-of-another")
    seen = a_gateway(
        an_edge(0), an_edge(1), reborn, spec={"replicas": 3}, remembered={"drain": a_drain(2)}
    )
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.drain is None
    assert not plan.cordon


def test_no_new_drain_begins_while_clients_leave_a_deleted_pod() -> None:
    # given
    gone = an_edge(3, leaving=True, serving=False, connections=4)
    seen = a_gateway(an_edge(0), an_edge(1), an_edge(2), gone)
    # then
    assert remembered_drain(seen) is None


def test_a_pod_that_ended_by_itself_is_cleared_away() -> None:
    # given
    over = an_edge(2, over=True, ready_since=None, connections=None)
    seen = a_gateway(an_edge(0), an_edge(1), over)
    # then
    assert decide(seen, NOW).delete == (over,)


def test_one_looks_every_second_during_a_drain() -> None:
    seen = draining(a_drain(2))
    assert decide(seen, NOW).wake_at == NOW + timedelta(seconds=1)
