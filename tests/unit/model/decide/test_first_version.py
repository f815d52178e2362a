"""A Model's first version: there is nothing to compare with and nothing to go back to."""

from dataclasses import replace
from typing import Any

from headgate.core.reasons import Reason
from headgate.model.decide import Announcement, Change, Plan, Route, State, decide
from headgate.model.observed import Memory, Observed
from headgate.model.status_types import HistoryEntry, Outcome, Phase, Rollout, RolloutKind
from tests.builders.observed import (
    MINUTE,
    NOW,
    a_deployment,
    a_failing_pod,
    a_memory,
    a_model_seen,
    a_spec,
    an_unready_pod,
    no_version,
    pods,
)

STARTED = Rollout(
    version="v1",
    kind=RolloutKind.INITIAL,
    started_at=NOW,
    waiting_since=NOW,
    weight=100,
)


def just_created(**changes: Any) -> Observed:
    return a_model_seen({}, memory=Memory(), service=None, **changes)


def under_way(**changes: Any) -> Observed:
    return a_model_seen({"v1": 2}, **({"memory": a_memory(None, rollout=STARTED)} | changes))


def test_it_starts_at_once() -> None:
    assert decide(just_created(), NOW) == Plan(
        change=Change(
            memory=Memory(rollout=STARTED),
            announcements=(
                Announcement(reason=Reason.ROLLOUT_STARTED, message="v1 is rolled out (Initial)"),
            ),
        ),
        state=State(
            phase=Phase.PROGRESSING,
            reason=Reason.WAITING_FOR_PODS,
            message="v1: promotion, 0 of 2 pods ready",
        ),
        wake_at=NOW,
    )


def test_it_gets_all_its_pods_and_all_the_traffic() -> None:
    seen = replace(just_created(), memory=Memory(rollout=STARTED))
    assert decide(seen, NOW) == Plan(
        replicas=(("v1", 2),),
        weights=(("v1", 100),),
        route=Route(pinned="v1"),
        state=State(
            phase=Phase.PROGRESSING,
            reason=Reason.WAITING_FOR_PODS,
            message="v1: promotion, 0 of 2 pods ready",
        ),
        wake_at=NOW + 10 * MINUTE,
    )


def test_it_is_the_stable_version_once_its_pods_are_ready() -> None:
    change = decide(under_way(), NOW).change
    assert change == Change(
        memory=Memory(
            stable="v1",
            history=(HistoryEntry(version="v1", at=NOW, outcome=Outcome.PROMOTED),),
        ),
        announcements=(Announcement(reason=Reason.PROMOTED, message="v1 serves all traffic now"),),
    )


def test_it_waits_for_its_pods() -> None:
    some = {"v1": (*pods("v1", 1), an_unready_pod("v1", 2))}
    assert decide(under_way(pods=some), NOW).change is None


def test_it_says_why_it_fails_and_goes_on_trying() -> None:
    plan = decide(under_way(pods={"v1": (a_failing_pod("v1"),)}), NOW)
    assert plan.change is None
    assert plan.state == State(
        phase=Phase.DEGRADED,
        reason=Reason.CRASH_LOOPING,
        message="pod v1-1, container server: exited 3 times, last with 1: it left no message; "
        "see kubectl logs --previous. It is the first version: there is none to go back to",
    )
    assert plan.replicas == (("v1", 2),)


def test_it_is_replaced_when_the_spec_names_another() -> None:
    seen = under_way(spec=a_spec("v2"), pods={"v1": (a_failing_pod("v1"),)})
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.rollout == STARTED.model_copy(update={"version": "v2"})
    assert [told.reason for told in change.announcements] == [
        Reason.SUPERSEDED,
        Reason.ROLLOUT_STARTED,
    ]


def test_a_replaced_one_loses_its_pods_when_the_service_has_left_it() -> None:
    second = STARTED.model_copy(update={"version": "v2"})
    seen = under_way(
        spec=a_spec("v2"),
        memory=a_memory(None, rollout=second),
        pods={"v1": (a_failing_pod("v1"),)},
        deployments={"v1": a_deployment("v1", 2), "v2": a_deployment("v2", 2)},
        endpoints={},
    )
    # given the Service still selects v1, of which no pod is ready, and v2 has none yet
    first = decide(seen, NOW)
    assert (first.route, dict(first.replicas)) == (Route(pinned="v1"), {"v1": 2, "v2": 2})
    # when v2's first pod is ready, then the Service turns
    second_look = replace(seen, pods={**seen.pods, "v2": pods("v2", 1)})
    assert decide(second_look, NOW).route == Route(pinned="v2")


def test_no_version_no_rollout() -> None:
    plan = decide(just_created(versions={"v1": no_version("v1")}), NOW)
    assert plan == Plan(
        state=State(
            phase=Phase.DEGRADED,
            reason=Reason.VERSION_NOT_FOUND,
            message="spec.version: there is no ModelVersion v1 in team-a; create it, "
            "or name another",
        )
    )


def test_scaled_to_zero_from_the_beginning_it_waits() -> None:
    plan = decide(just_created(spec=a_spec(replicas=0)), NOW)
    assert plan == Plan(
        state=State(
            phase=Phase.PAUSED,
            reason=Reason.SCALED_TO_ZERO,
            message="v1 waits: spec.replicas is 0, so it could not be tried",
        )
    )


def test_paused_from_the_beginning_it_waits() -> None:
    plan = decide(just_created(spec=a_spec(paused=True)), NOW)
    assert plan.change is None
    assert plan.state == State(
        phase=Phase.PAUSED,
        reason=Reason.PAUSED_BY_SPEC,
        message="v1 waits: spec.paused is true",
    )
