"""Which pod is the next to leave, and that it can be spared."""

import pytest

from headgate.streamgateway.decide import decide
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import WhyDrained
from tests.builders.gateways import (
    CRASHED,
    NOW,
    SECOND,
    WAITING,
    a_broken_edge,
    a_candidate,
    a_gateway,
    a_starting_edge,
    an_edge,
)

PROVEN = {"candidate": a_candidate("r2", proven=True)}


def leaver(seen: Observed) -> tuple[str, WhyDrained] | None:
    drain = decide(seen, NOW).memory.drain
    return (drain.pod, drain.why) if drain is not None else None


def test_nobody_leaves_a_pool_of_the_right_size() -> None:
    assert leaver(a_gateway(an_edge(0), an_edge(1))) is None


def test_the_emptiest_leaves_when_the_pool_shrinks() -> None:
    seen = a_gateway(an_edge(0), an_edge(1, connections=20), an_edge(2))
    assert leaver(seen) == ("feed-edge-1", WhyDrained.SCALE_DOWN)


def test_a_pod_that_is_not_ready_leaves_before_one_that_is() -> None:
    seen = a_gateway(an_edge(0, connections=0), an_edge(1), a_starting_edge(2))
    assert leaver(seen) == ("feed-edge-2", WhyDrained.SCALE_DOWN)


def test_the_pool_does_not_shrink_while_a_pod_does_not_say_what_it_has() -> None:
    seen = a_gateway(an_edge(0), an_edge(1, connections=0), an_edge(2, connections=None))
    assert leaver(seen) is None


def test_the_pool_does_not_shrink_below_what_takes_clients() -> None:
    starting = a_starting_edge(3)
    seen = a_gateway(an_edge(0), an_edge(1), a_broken_edge(2), starting, spec={"replicas": 3})
    assert leaver(seen) is None


def test_an_old_pod_leaves_when_its_successor_takes_clients() -> None:
    # given
    new = an_edge(2, revision="r2", connections=0, arrived=0)
    seen = a_gateway(an_edge(0), an_edge(1, connections=7), new, wanted="r2", remembered=PROVEN)
    # then
    assert leaver(seen) == ("feed-edge-1", WhyDrained.NEW_REVISION)


@pytest.mark.parametrize("age", [0, 2])
def test_a_successor_counts_once_all_proxies_know_of_it(age: int) -> None:
    # given
    new = an_edge(2, revision="r2", connections=0, arrived=0, ready_since=NOW - age * SECOND)
    seen = a_gateway(an_edge(0), an_edge(1), new, wanted="r2", remembered=PROVEN)
    # then
    assert leaver(seen) is None


def test_the_last_old_pod_stays_while_two_new_ones_only_start() -> None:
    # given
    coming = [a_starting_edge(number, revision="r2") for number in (1, 2)]
    seen = a_gateway(an_edge(0), *coming, wanted="r2", spec={"replicas": 1}, remembered=PROVEN)
    # then
    assert leaver(seen) is None


def test_an_old_pod_that_does_not_say_what_it_has_waits_for_its_turn() -> None:
    # given
    new = an_edge(2, revision="r2", connections=0, arrived=0)
    seen = a_gateway(an_edge(0), an_edge(1, connections=None), new, wanted="r2", remembered=PROVEN)
    # then
    assert leaver(seen) == ("feed-edge-0", WhyDrained.NEW_REVISION)


def test_nobody_leaves_while_a_pod_is_on_trial() -> None:
    # given
    trial = an_edge(3, revision="r2", connections=5)
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        an_edge(2),
        trial,
        wanted="r2",
        remembered={"candidate": a_candidate("r2", healthy_since=NOW)},
    )
    # then
    assert leaver(seen) is None


def test_the_pool_shrinks_while_a_failing_configuration_is_held() -> None:
    # given
    trial = a_broken_edge(3, revision="r2")
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        an_edge(2),
        trial,
        wanted="r2",
        spec={"rollback": {"onFailedHealthChecks": False}},
        remembered={"candidate": a_candidate("r2")},
    )
    # then
    assert leaver(seen) == ("feed-edge-0", WhyDrained.SCALE_DOWN)


def test_a_rejected_pod_leaves_once_the_stable_ones_are_back_in_number() -> None:
    # given
    rejected = an_edge(2, revision="r2")
    # then
    assert leaver(a_gateway(an_edge(0), an_edge(1), rejected)) == (
        "feed-edge-2",
        WhyDrained.REVISION_REJECTED,
    )


def test_a_rejected_pod_that_takes_clients_stays_until_then() -> None:
    rejected = an_edge(2, revision="r2")
    assert leaver(a_gateway(an_edge(0), a_starting_edge(1), rejected)) is None


def test_a_rejected_pod_does_not_wait_for_stable_ones_that_are_in_trouble() -> None:
    # given
    stuck = a_starting_edge(1, trouble=WAITING)
    seen = a_gateway(an_edge(0), stuck, an_edge(2, revision="r2"))
    # then
    assert leaver(seen) == ("feed-edge-2", WhyDrained.REVISION_REJECTED)


def test_a_rejected_pod_that_takes_no_clients_leaves_at_once() -> None:
    # given
    seen = a_gateway(an_edge(0), a_starting_edge(1), a_broken_edge(2, revision="r2"))
    # then
    assert leaver(seen) == ("feed-edge-2", WhyDrained.REVISION_REJECTED)


def test_the_pool_does_not_shrink_while_a_rejected_pod_waits_to_leave() -> None:
    rejected = an_edge(3, revision="r2", connections=None)
    assert leaver(a_gateway(an_edge(0), an_edge(1), an_edge(2), rejected)) is None


def test_a_broken_pod_leaves_when_a_younger_one_works() -> None:
    seen = a_gateway(a_broken_edge(0), an_edge(1), an_edge(2))
    assert leaver(seen) == ("feed-edge-0", WhyDrained.BROKEN)


def test_a_broken_pod_stays_where_its_replacement_broke_as_well() -> None:
    seen = a_gateway(an_edge(0), a_broken_edge(1), a_broken_edge(2))
    assert leaver(seen) is None


def test_of_a_proven_configuration_that_is_held_no_broken_pod_is_followed_by_more() -> None:
    # given
    seen = a_gateway(
        an_edge(0),
        an_edge(1, revision="r2", trouble=CRASHED, ready_since=None),
        an_edge(2, revision="r2"),
        wanted="r2",
        spec={"rollback": {"onFailedHealthChecks": False}},
        remembered=PROVEN,
    )
    # then
    assert leaver(seen) is None


def test_a_pod_taken_out_by_hand_is_drained_like_others() -> None:
    seen = a_gateway(an_edge(0), an_edge(1), an_edge(2, serving=False))
    assert leaver(seen) == ("feed-edge-2", WhyDrained.TAKEN_OUT)


def test_the_last_pod_of_one_leaves_when_its_successor_takes_clients() -> None:
    # given
    new = an_edge(1, revision="r2")
    seen = a_gateway(an_edge(0), new, wanted="r2", spec={"replicas": 1}, remembered=PROVEN)
    # then
    assert leaver(seen) == ("feed-edge-0", WhyDrained.NEW_REVISION)
