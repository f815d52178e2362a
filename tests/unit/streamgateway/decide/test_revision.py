"""One pod first, then all, the core last; or back, and not again."""

from dataclasses import replace
from typing import Any

from headgate.core.reasons import Reason
from headgate.streamgateway.decide import decide
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.observed import CoreServers, Observed
from headgate.streamgateway.status_types import Candidate, GatewayPhase, RejectedRevision
from tests.builders.gateways import (
    NOW,
    SECOND,
    a_broken_edge,
    a_candidate,
    a_gateway,
    a_starting_edge,
    an_edge,
)


def remembered(seen: Observed) -> Memory:
    return decide(seen, NOW).memory


def a_rejection(revision: str = "r2") -> RejectedRevision:
    return RejectedRevision(revision=revision, reason="PodFailing", message="crashed", at=NOW)


def a_trial(candidate: Candidate, *, crashed: bool = False, **changes: Any) -> Observed:
    """Return two pods of r1, and one of r2 that is ready and has clients, or has crashed."""
    third = a_broken_edge(2, revision="r2") if crashed else an_edge(2, revision="r2")
    fields = {"wanted": "r2", "remembered": {"candidate": candidate}, **changes}
    return a_gateway(an_edge(0), an_edge(1), third, **fields)


def rolled_out(candidate: Candidate, core: str = "r1", **changes: Any) -> Observed:
    """Return two pods of r2, and none else."""
    pods = [an_edge(number, revision="r2") for number in (2, 3)]
    fields = {"wanted": "r2", "core": core, "remembered": {"candidate": candidate}, **changes}
    return a_gateway(*pods, **fields)


def test_the_first_configuration_is_rolled_out_without_a_trial() -> None:
    seen = a_gateway(core=None, remembered={"stable_revision": None})
    assert remembered(seen).candidate == Candidate(revision="r1", started_at=NOW, proven=True)


def test_the_first_one_is_stable_when_all_pods_and_the_core_have_it() -> None:
    # given
    first = {"stable_revision": None, "candidate": a_candidate("r1", proven=True)}
    # then
    assert remembered(a_gateway(an_edge(0), an_edge(1), remembered=first)) == Memory(
        stable_revision="r1"
    )


def test_it_is_not_stable_while_pods_are_short_of_the_number() -> None:
    first = {"stable_revision": None, "candidate": a_candidate("r1", proven=True)}
    assert remembered(a_gateway(an_edge(0), remembered=first)).stable_revision is None


def test_before_any_was_stable_one_that_fails_is_neither_rejected_nor_kept_from_changes() -> None:
    # given
    first = {"stable_revision": None, "candidate": a_candidate("r1", proven=True)}
    broken = (a_broken_edge(0), a_broken_edge(1))
    # then
    assert remembered(a_gateway(*broken, remembered=first)).rejected is None
    after = remembered(a_gateway(*broken, wanted="r2", remembered=first))
    assert after.candidate == Candidate(revision="r2", started_at=NOW, proven=True)


def test_another_configuration_begins_as_a_candidate() -> None:
    seen = a_gateway(an_edge(0), an_edge(1), wanted="r2")
    assert remembered(seen).candidate == Candidate(revision="r2", started_at=NOW)


def test_health_is_noted_when_it_is_first_seen() -> None:
    seen = a_trial(a_candidate())
    assert remembered(seen).candidate == a_candidate(healthy_since=NOW)


def test_it_is_proven_after_a_while_of_health() -> None:
    healthy = a_candidate(healthy_since=NOW - 15 * SECOND)
    after = remembered(a_trial(healthy)).candidate
    assert after is not None
    assert after.proven


def test_its_time_begins_anew_when_clients_leave_it() -> None:
    # given
    healthy = a_candidate(healthy_since=NOW - 15 * SECOND)
    trial = an_edge(2, revision="r2", connections=0, arrived=9, ready_since=NOW - 20 * SECOND)
    seen = a_gateway(an_edge(0), an_edge(1), trial, wanted="r2", remembered={"candidate": healthy})
    # then
    assert remembered(seen).candidate == a_candidate(healthy_since=None, empty_since=NOW)


def without_clients(**changes: Any) -> Observed:
    """Return a trial whose pod is ready for long, and has no client of 50 that came."""
    trial = an_edge(2, revision="r2", connections=0, arrived=50)
    candidate = a_candidate(**changes)
    return a_gateway(
        an_edge(0), an_edge(1), trial, wanted="r2", remembered={"candidate": candidate}
    )


def test_one_on_which_no_client_stays_for_half_a_minute_is_rejected() -> None:
    after = remembered(without_clients(empty_since=NOW - 30 * SECOND))
    assert after.rejected is not None
    assert after.rejected.reason == Reason.NO_CLIENTS_ARRIVE


def test_one_that_is_empty_for_a_moment_is_not_rejected_as_clients_come_and_go() -> None:
    seen = without_clients(proven=True)
    assert remembered(seen).candidate == a_candidate(proven=True, empty_since=NOW)


def test_one_that_fails_is_rejected_with_what_was_seen() -> None:
    # when
    after = remembered(a_trial(a_candidate(), crashed=True))
    # then
    assert after.candidate is None
    assert after.rejected == RejectedRevision(
        revision="r2",
        reason=Reason.POD_FAILING,
        message="feed-edge-2: exited with code 1",
        at=NOW,
    )


def test_a_proven_one_that_fails_half_rolled_out_is_rejected_too() -> None:
    after = remembered(a_trial(a_candidate(proven=True), crashed=True))
    assert after.candidate is None
    assert after.stable_revision == "r1"


def test_one_that_fails_is_held_where_the_spec_says_so() -> None:
    # given
    spec = {"rollback": {"onFailedHealthChecks": False}}
    seen = a_trial(a_candidate(healthy_since=NOW), crashed=True, spec=spec)
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.candidate == a_candidate()
    assert plan.phase is GatewayPhase.DEGRADED
    assert plan.message == "configuration r2 is held: feed-edge-2: exited with code 1"


def test_a_rejected_one_is_not_tried_again() -> None:
    seen = a_gateway(an_edge(0), an_edge(1), wanted="r2", remembered={"rejected": a_rejection()})
    assert remembered(seen) == Memory(stable_revision="r1", rejected=a_rejection())


def test_another_one_is_tried_after_a_rejection() -> None:
    seen = a_gateway(an_edge(0), an_edge(1), wanted="r3", remembered={"rejected": a_rejection()})
    after = remembered(seen)
    assert after.candidate == Candidate(revision="r3", started_at=NOW)
    assert after.rejected is None


def test_going_back_to_the_stable_one_clears_the_rejection() -> None:
    seen = a_gateway(an_edge(0), an_edge(1), remembered={"rejected": a_rejection()})
    assert remembered(seen) == Memory(stable_revision="r1")


def test_going_back_gives_up_what_is_half_rolled_out() -> None:
    seen = a_trial(a_candidate(proven=True), wanted="r1")
    assert remembered(seen).candidate is None


def test_what_is_under_way_stays_as_it_is_while_the_spec_cannot_be_used() -> None:
    seen = a_trial(a_candidate(), wanted=None)
    assert remembered(seen).candidate == a_candidate()


def test_the_core_follows_when_all_edge_pods_have_it() -> None:
    # given
    seen = rolled_out(a_candidate(proven=True))
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.memory.candidate == a_candidate(proven=True, core_since=NOW)
    assert plan.memory.stable_revision == "r1"


def test_the_core_keeps_its_own_while_an_old_pod_is_there_even_one_out_of_the_service() -> None:
    # given
    pods = [an_edge(number, revision="r2") for number in (2, 3)]
    seen = a_gateway(
        *pods,
        an_edge(0, serving=False),
        wanted="r2",
        remembered={"candidate": a_candidate(proven=True)},
    )
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.core_revision == "r1"
    assert plan.memory.candidate == a_candidate(proven=True)


def test_the_core_goes_on_though_a_pod_is_lost_meanwhile() -> None:
    # given
    begun = a_candidate(proven=True, core_since=NOW - SECOND)
    seen = a_gateway(
        an_edge(2, revision="r2"), wanted="r2", core="r2", remembered={"candidate": begun}
    )
    # then
    assert decide(seen, NOW).core_revision == "r2"


def test_it_is_stable_when_the_core_has_it_as_well() -> None:
    begun = a_candidate(proven=True, core_since=NOW - SECOND)
    assert remembered(rolled_out(begun, core="r2")) == Memory(stable_revision="r2")


def test_it_is_not_stable_while_the_core_still_changes() -> None:
    # given
    begun = a_candidate(proven=True, core_since=NOW - SECOND)
    servers = CoreServers(wanted=3, ready=2, revision="r2", updated=1)
    seen = replace(rolled_out(begun), core=servers)
    # then
    assert remembered(seen).stable_revision == "r1"


def test_a_configuration_that_the_core_does_not_come_up_with_is_rejected() -> None:
    # given
    begun = a_candidate(proven=True, core_since=NOW - 361 * SECOND)
    # when
    after = remembered(rolled_out(begun))
    # then
    assert after.rejected is not None
    assert after.rejected.reason == Reason.NOT_READY_IN_TIME
    assert after.rejected.message.startswith("core: ")


def test_the_core_goes_back_with_the_edge_pods() -> None:
    seen = rolled_out(a_candidate(), core="r2", wanted="r1", remembered={})
    assert decide(seen, NOW).core_revision == "r1"


def test_a_proven_one_replaced_by_another_leaves_the_stable_one_to_go_back_to() -> None:
    # given
    seen = a_trial(a_candidate("r2", proven=True), wanted="r3")
    # when
    after = remembered(seen)
    # then
    assert after.stable_revision == "r1"
    assert after.candidate == Candidate(revision="r3", started_at=NOW)


def test_a_starting_pod_is_no_reason_to_reject() -> None:
    # given
    seen = a_gateway(
        an_edge(0),
        an_edge(1),
        a_starting_edge(2, revision="r2"),
        wanted="r2",
        remembered={"candidate": a_candidate()},
    )
    # then
    assert remembered(seen).rejected is None
