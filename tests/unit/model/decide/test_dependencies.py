"""dependsOn: a version takes traffic only while what it depends on serves; dependents go first."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import Announcement, Change, Plan, Route, State, decide
from headgate.model.observed import DependencySeen, Observed
from headgate.model.status_types import Leaving, Phase, RolloutKind
from tests.builders.observed import (
    NOW,
    SECOND,
    a_canary_seen,
    a_dependency,
    a_failing_pod,
    a_leaving,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_previous,
    a_rollout,
    a_spec,
    a_version,
    at_pause,
    no_version,
    pods,
    steps,
)

SERVES = a_dependency("features-v1")
MISSING = a_missing_dependency("features-v1")
WITHDRAWN = a_missing_dependency("features-v1", leaving=True)
FAILING = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2"),)}


def with_v2_on(dependency: DependencySeen) -> dict[str, Any]:
    return {"v1": a_version("v1"), "v2": a_version("v2", dependencies=(dependency,))}


class TestStarting:
    """A version waits for what it depends on."""

    def test_it_waits_and_says_for_what(self) -> None:
        plan = decide(a_model_seen(spec=a_spec("v2"), versions=with_v2_on(MISSING)), NOW)
        assert plan == Plan(
            replicas=(("v1", 2),),
            weights=(("v1", 100),),
            route=Route(pinned="v1"),
            state=State(
                phase=Phase.PROGRESSING,
                reason=Reason.DEPENDENCY_NOT_SERVING,
                message="v2 waits for features-v1: Model features gives it no traffic",
            ),
        )

    def test_it_starts_when_they_serve(self) -> None:
        seen = a_model_seen(spec=a_spec("v2"), versions=with_v2_on(SERVES))
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.rollout is not None

    def test_a_cycle_is_not_accepted_and_says_so(self) -> None:
        cycle = a_version("v2", problems=(Problem("spec.dependsOn", "is a cycle: v2 -> v2"),))
        plan = decide(a_model_seen(spec=a_spec("v2"), versions={"v2": cycle}), NOW)
        assert plan.change is None
        assert plan.state == State(
            phase=Phase.DEGRADED,
            reason=Reason.VERSION_NOT_ACCEPTED,
            message="spec.version: ModelVersion v2 is not accepted: spec.dependsOn: "
            "is a cycle: v2 -> v2",
        )


class TestUnderWay:
    """A canary whose dependency stops serving loses its traffic, and waits."""

    def test_it_gets_no_traffic_and_goes_no_further(self) -> None:
        ended = a_memory(rollout=at_pause(step_started_at=NOW - 60 * SECOND))
        plan = decide(a_canary_seen(memory=ended, versions=with_v2_on(MISSING)), NOW)
        assert plan == Plan(
            replicas=(("v1", 2), ("v2", 1)),
            weights=(("v1", 100), ("v2", 0)),
            route=Route(pinned="v1"),
            state=State(
                phase=Phase.PROGRESSING,
                reason=Reason.DEPENDENCY_NOT_SERVING,
                message="v2 waits for features-v1: Model features gives it no traffic",
            ),
            wake_at=NOW + SECOND,
        )

    def test_it_goes_on_when_the_dependency_serves_again(self) -> None:
        seen = a_canary_seen(pinned="v1", versions=with_v2_on(SERVES))
        assert decide(seen, NOW).route == Route(pinned=None)


class TestAfterPromotion:
    """A stable version whose dependency is taken back goes back first."""

    def promoted(self, dependency: DependencySeen, **memory: Any) -> Observed:
        remembered = {"previous": a_previous("v1")} | memory
        return a_model_seen(
            {"v1": 1, "v2": 2},
            pinned="v2",
            spec=a_spec("v2"),
            memory=a_memory("v2", **remembered),
            versions=with_v2_on(dependency),
        )

    def test_it_goes_back_when_its_dependency_is_about_to_leave(self) -> None:
        change = decide(self.promoted(WITHDRAWN), NOW).change
        assert change is not None
        assert change.memory.stable == "v1"
        assert change.memory.rejected[0].reason == "DependencyWithdrawn"
        assert change.memory.rejected[0].message == (
            "v2 depends on features-v1, which is about to leave"
        )

    def test_it_stays_when_its_dependency_is_away_for_a_moment_and_says_so(self) -> None:
        plan = decide(self.promoted(MISSING), NOW)
        assert plan.change is None
        assert plan.weights == (("v2", 100),)
        assert plan.state.reason is Reason.DEPENDENCY_NOT_SERVING
        assert plan.state.phase is Phase.DEGRADED

    def test_it_stays_where_there_is_nothing_to_go_back_to(self) -> None:
        assert decide(self.promoted(WITHDRAWN, previous=None), NOW).change is None


class TestDependentsFirst:
    """A version that others depend on keeps its traffic until they have left it."""

    dependents = MappingProxyType({"v1": ("ranking-v7",), "v2": ("ranking-v7",)})

    def test_a_failing_canary_tells_its_dependents_before_it_leaves(self) -> None:
        seen = a_canary_seen(pods=FAILING, dependents=self.dependents)
        why = decide(replace(seen, dependents={}), NOW).change
        assert why is not None
        message = why.memory.rejected[0].message
        change = decide(seen, NOW).change
        assert change == Change(
            memory=a_memory(
                rollout=at_pause(),
                leaving=Leaving(version="v2", since=NOW, reason="CrashLooping", message=message),
            ),
            announcements=(
                Announcement(
                    reason=Reason.DEPENDENTS_FIRST,
                    message="v2 leaves once ranking-v7 no longer depends on it",
                ),
            ),
        )

    def leaving(self, seconds_ago: int, **changes: Any) -> Observed:
        note = a_leaving(
            "v2", reason="CrashLooping", message="it ended", since=NOW - seconds_ago * SECOND
        )
        memory = a_memory(rollout=at_pause(), leaving=note)
        usual: dict[str, Any] = {"memory": memory, "dependents": self.dependents}
        return a_canary_seen(**(usual | changes))

    def test_it_keeps_its_traffic_while_they_leave(self) -> None:
        plan = decide(self.leaving(4), NOW)
        assert plan.change is None
        assert plan.weights == (("v1", 90), ("v2", 10))
        assert plan.state == State(
            phase=Phase.PROGRESSING,
            reason=Reason.DEPENDENTS_FIRST,
            message="v2 keeps its traffic until ranking-v7 no longer depends on it",
        )

    def test_it_leaves_when_they_have_left_though_its_pods_look_well_again(self) -> None:
        change = decide(self.leaving(1, dependents={}), NOW).change
        assert change is not None
        assert change.memory.leaving is None
        assert [(r.name, r.reason, r.message) for r in change.memory.rejected] == [
            ("v2", "CrashLooping", "it ended")
        ]

    def test_a_failing_one_does_not_wait_for_ever(self) -> None:
        change = decide(self.leaving(5), NOW).change
        assert change is not None
        assert change.memory.rejected[0].name == "v2"

    def test_a_promoted_one_tells_its_dependents_too(self) -> None:
        seen = a_model_seen(
            {"v1": 1, "v2": 2},
            pinned="v2",
            spec=a_spec("v2"),
            memory=a_memory("v2", previous=a_previous("v1")),
            pods={"v1": pods("v1", 1), "v2": (a_failing_pod("v2"),)},
            dependents=self.dependents,
        )
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.stable == "v2"
        assert change.memory.leaving is not None
        assert change.memory.leaving.version == "v2"

    def test_the_end_of_the_window_does_not_strand_a_return_that_was_announced(self) -> None:
        note = a_leaving("v2", reason="CrashLooping", message="it ended", since=NOW - 5 * SECOND)
        old = a_previous("v1", since=NOW - 25 * 3600 * SECOND)
        seen = a_model_seen(
            {"v1": 1, "v2": 2},
            pinned="v2",
            spec=a_spec("v2"),
            memory=a_memory("v2", previous=old, leaving=note),
            dependents=self.dependents,
        )
        change = decide(seen, NOW).change
        assert change is not None
        assert (change.memory.stable, change.memory.leaving) == ("v1", None)

    @pytest.mark.parametrize("hours", [0, 1000])
    def test_a_stable_version_is_not_replaced_while_others_need_it(self, hours: int) -> None:
        last = at_pause(step=4, step_started_at=None)
        seen = a_canary_seen(
            {"v1": 2, "v2": 2}, memory=a_memory(rollout=last), dependents=self.dependents
        )
        marked = decide(seen, NOW).change
        assert marked is not None
        assert marked.memory == a_memory(rollout=last, leaving=Leaving(version="v1", since=NOW))
        later = decide(replace(seen, memory=marked.memory), NOW + hours * 3600 * SECOND)
        assert later.change is None
        free = decide(replace(seen, memory=marked.memory, dependents={}), NOW).change
        assert free is not None
        assert (free.memory.stable, free.memory.leaving) == ("v2", None)

    def test_a_canary_that_others_need_is_given_up_after_they_left(self) -> None:
        seen = a_canary_seen(spec=a_spec("v3"), dependents=self.dependents)
        marked = decide(seen, NOW).change
        assert marked is not None
        assert marked.memory.rollout == seen.memory.rollout
        assert marked.memory.leaving == Leaving(version="v2", since=NOW)
        free = decide(replace(seen, memory=marked.memory, dependents={}), NOW).change
        assert free is not None
        assert free.memory.rollout is not None
        assert free.memory.rollout.version == "v3"

    def test_a_failure_of_a_version_that_may_not_leave_is_not_remembered_for_ever(self) -> None:
        """The last good version was deleted after the return was announced: v2 has to stay."""
        note = a_leaving("v2", reason="CrashLooping", message="it ended", since=NOW - 9 * SECOND)
        seen = a_model_seen(
            {"v1": 1, "v2": 2},
            pinned="v2",
            spec=a_spec("v2"),
            memory=a_memory("v2", previous=a_previous("v1"), leaving=note),
            versions={"v1": no_version("v1"), "v2": a_version("v2")},
        )
        change = decide(seen, NOW).change
        assert change == Change(memory=a_memory("v2", previous=a_previous("v1")))

    def test_a_very_long_reason_fits_into_the_note(self) -> None:
        wordy = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2", exit_message="x" * 5000),)}
        change = decide(a_canary_seen(pods=wordy, dependents=self.dependents), NOW).change
        assert change is not None
        assert change.memory.leaving is not None
        assert len(change.memory.leaving.message) <= 1024


class TestAStepOfAllTraffic:
    """Until versions have left the stable one, it keeps some."""

    def seen(self, **changes: Any) -> Observed:
        strategy = steps({"setWeight": 100}, {"pause": {"duration": "1s"}})
        usual: dict[str, Any] = {
            "spec": a_spec("v2", strategy=strategy),
            "memory": a_memory(rollout=a_rollout(weight=100)),
            "dependents": {"v1": ("ranking-v1",)},
        }
        return a_canary_seen({"v1": 2, "v2": 2}, **(usual | changes))

    def test_it_is_shared_and_the_step_lasts(self) -> None:
        plan = decide(self.seen(), NOW)
        assert plan.change is None
        assert plan.weights == (("v1", 1), ("v2", 99))
        assert plan.route == Route(pinned=None)
        assert plan.state == State(
            phase=Phase.PROGRESSING,
            reason=Reason.DEPENDENTS_FIRST,
            message="v1 keeps some traffic until ranking-v1 no longer depends on it",
        )

    def test_then_it_gets_all(self) -> None:
        plan = decide(self.seen(dependents={}), NOW)
        assert plan.weights == (("v1", 0), ("v2", 100))
        assert plan.route == Route(pinned="v2")


def test_a_version_about_to_be_replaced_that_fails_waits_no_longer_than_any_that_fails() -> None:
    memory = a_memory(rollout=at_pause(), leaving=a_leaving("v2"))
    seen = a_canary_seen(
        spec=a_spec("v3"), memory=memory, pods=FAILING, dependents={"v2": ("ranking-v1",)}
    )
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.leaving is not None
    assert (change.memory.leaving.reason, change.memory.leaving.since) == ("CrashLooping", NOW)


def test_a_first_version_is_not_routed_to_before_what_it_depends_on_serves_again() -> None:
    """It served when the rollout began, and stopped while the pods were coming."""
    first = a_rollout(kind=RolloutKind.INITIAL, weight=100)
    seen = a_model_seen(
        {"v2": 2},
        spec=a_spec("v2"),
        memory=a_memory(None, rollout=first),
        versions=with_v2_on(MISSING),
        service=None,
        endpoints={},
    )
    plan = decide(seen, NOW)
    assert (plan.change, plan.route, plan.weights) == (None, None, ())
    assert plan.state.reason is Reason.DEPENDENCY_NOT_SERVING
    back = replace(seen, versions=with_v2_on(SERVES))
    change = decide(back, NOW).change
    assert change is not None
    assert change.memory.stable == "v2"
