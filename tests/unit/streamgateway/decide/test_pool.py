"""Which pods are made."""

from headgate.streamgateway.decide import NewEdge, decide
from headgate.streamgateway.observed import Observed
from tests.builders.gateways import (
    NOW,
    SECOND,
    a_broken_edge,
    a_candidate,
    a_drain,
    a_gateway,
    a_starting_edge,
    an_edge,
)

PROVEN = {"candidate": a_candidate("r2", proven=True)}


def made(seen: Observed) -> list[tuple[str, str]]:
    return [(edge.name, edge.revision) for edge in decide(seen, NOW).create]


def test_a_new_gateway_gets_all_its_pods_at_once() -> None:
    # given
    first = {"stable_revision": None, "candidate": a_candidate("r1", proven=True)}
    # when
    plan = decide(a_gateway(core=None, remembered=first), NOW)
    # then
    assert plan.create == (
        NewEdge(name="feed-edge-0", revision="r1"),
        NewEdge(name="feed-edge-1", revision="r1"),
    )


def test_the_lowest_names_that_are_free_are_taken() -> None:
    seen = a_gateway(an_edge(1), spec={"replicas": 3})
    assert made(seen) == [("feed-edge-0", "r1"), ("feed-edge-2", "r1")]


def test_a_pod_that_is_going_keeps_its_name_and_does_not_count() -> None:
    seen = a_gateway(an_edge(0, leaving=True), an_edge(1))
    assert made(seen) == [("feed-edge-2", "r1")]


def test_a_pod_that_is_drained_does_not_count() -> None:
    # given
    drained = an_edge(1, serving=False)
    seen = a_gateway(an_edge(0), drained, remembered={"drain": a_drain(1)})
    # then
    assert made(seen) == [("feed-edge-2", "r1")]


def test_a_configuration_is_tried_on_one_pod_more() -> None:
    # given
    seen = a_gateway(
        an_edge(0), an_edge(1), wanted="r2", remembered={"candidate": a_candidate("r2")}
    )
    # then
    assert made(seen) == [("feed-edge-2", "r2")]


def test_a_trial_has_one_pod() -> None:
    # given
    trial = a_starting_edge(2, revision="r2")
    seen = a_gateway(
        an_edge(0), an_edge(1), trial, wanted="r2", remembered={"candidate": a_candidate("r2")}
    )
    # then
    assert made(seen) == []


def test_what_may_mend_a_broken_pool_is_tried_at_once() -> None:
    # given
    broken = (a_broken_edge(0), a_broken_edge(1), a_broken_edge(2))
    seen = a_gateway(*broken, wanted="r2", remembered={"candidate": a_candidate("r2")})
    # then
    assert made(seen) == [("feed-edge-3", "r2")]


def test_a_trial_does_not_begin_while_connections_leave_a_pod() -> None:
    # given
    drained = an_edge(2, serving=False)
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        drained,
        wanted="r2",
        remembered={"candidate": a_candidate("r2"), "drain": a_drain(2)},
    )
    # then
    assert made(seen) == []


def test_a_trial_begins_where_the_drained_pod_waits_for_it() -> None:
    # given
    drained = an_edge(2, serving=False)
    seen = a_gateway(
        a_broken_edge(0),
        a_broken_edge(1),
        drained,
        wanted="r2",
        remembered={"candidate": a_candidate("r2"), "drain": a_drain(2)},
    )
    # then
    assert ("feed-edge-4", "r2") in made(seen)


def test_a_new_one_is_made_before_an_old_one_leaves() -> None:
    # given
    seen = a_gateway(an_edge(0), an_edge(1, revision="r2"), wanted="r2", remembered=PROVEN)
    # then
    assert made(seen) == [("feed-edge-2", "r2")]


def test_one_is_made_at_a_time_to_replace_others() -> None:
    # given
    coming = a_starting_edge(2, revision="r2")
    seen = a_gateway(an_edge(0), an_edge(1), coming, wanted="r2", remembered=PROVEN)
    # then
    assert made(seen) == []


def test_a_pod_that_crashed_a_moment_ago_is_started_again_by_the_kubelet() -> None:
    seen = a_gateway(an_edge(0), a_broken_edge(1, unready_since=NOW - 9 * SECOND))
    assert not decide(seen, NOW).create


def test_a_broken_pod_gets_a_replacement() -> None:
    seen = a_gateway(an_edge(0), a_broken_edge(1))
    assert made(seen) == [("feed-edge-2", "r1")]


def test_a_replacement_that_breaks_gets_none() -> None:
    seen = a_gateway(an_edge(0), a_broken_edge(1), a_broken_edge(2))
    assert made(seen) == []


def test_stable_pods_are_made_in_number_when_a_half_rolled_out_one_is_given_up() -> None:
    # given
    rejected = [an_edge(number, revision="r2") for number in (1, 2)]
    seen = a_gateway(an_edge(0), *rejected, spec={"replicas": 3})
    # then
    assert made(seen) == [("feed-edge-3", "r1"), ("feed-edge-4", "r1")]


def test_stable_pods_are_made_while_another_candidate_takes_the_place_of_a_proven_one() -> None:
    # given
    half = [an_edge(number, revision="r2") for number in (1, 2)]
    seen = a_gateway(
        an_edge(0),
        *half,
        wanted="r3",
        spec={"replicas": 3},
        remembered={"candidate": a_candidate("r3")},
    )
    # then
    assert made(seen) == [("feed-edge-3", "r1"), ("feed-edge-4", "r1")]


def test_nothing_is_made_while_no_configuration_is_known() -> None:
    seen = a_gateway(wanted=None, core=None, remembered={"stable_revision": None})
    assert made(seen) == []
