"""The spec changes while something is under way."""

from typing import Any

from headgate.core.reasons import Reason
from headgate.model.decide import Announcement, Change, Plan, Route, decide
from headgate.model.decide.steps import steps_digest
from headgate.model.observed import Observed
from headgate.model.status_types import (
    HistoryEntry,
    Outcome,
    Rollout,
    RolloutKind,
)
from tests.builders.observed import (
    HOUR,
    NOW,
    a_canary_seen,
    a_leaving,
    a_memory,
    a_model_seen,
    a_previous,
    a_rejection,
    a_rollout,
    a_spec,
    a_version,
    at_pause,
    no_version,
)

STARTED_V3 = Rollout(
    version="v3",
    kind=RolloutKind.CANARY,
    started_at=NOW,
    steps_digest=steps_digest(a_spec()),
    waiting_since=NOW,
    weight=10,
)


def given_up(for_version: str) -> tuple[HistoryEntry, ...]:
    return (
        HistoryEntry(
            version="v2",
            at=NOW,
            outcome=Outcome.SUPERSEDED,
            message=f"the spec names {for_version} now",
        ),
    )


def test_a_newer_version_takes_the_place_of_the_one_under_way() -> None:
    change = decide(a_canary_seen(spec=a_spec("v3")), NOW).change
    assert change == Change(
        memory=a_memory(rollout=STARTED_V3, history=given_up("v3")),
        announcements=(
            Announcement(reason=Reason.SUPERSEDED, message="v2 is given up for v3"),
            Announcement(reason=Reason.ROLLOUT_STARTED, message="v3 is rolled out (Canary)"),
        ),
    )


def test_then_the_stable_version_has_everything_until_the_old_canary_is_gone() -> None:
    seen = a_canary_seen(
        {"v1": 2, "v2": 1, "v3": 1}, spec=a_spec("v3"), memory=a_memory(rollout=STARTED_V3)
    )
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.route == Route(pinned="v1")
    assert plan.replicas == (("v1", 2), ("v2", 1), ("v3", 1))


def test_naming_the_stable_version_again_gives_the_canary_up() -> None:
    change = decide(a_canary_seen(spec=a_spec("v1")), NOW).change
    assert change == Change(
        memory=a_memory(history=given_up("v1")),
        announcements=(
            Announcement(reason=Reason.SUPERSEDED, message="v2 is given up: the spec names v1"),
        ),
    )


def test_naming_a_rejected_version_again_gives_the_canary_up() -> None:
    spec = a_spec("v3")
    rejected = (a_rejection("v3", spec),)
    seen = a_canary_seen(spec=spec, memory=a_memory(rollout=at_pause(), rejected=rejected))
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory == a_memory(rejected=rejected, history=given_up("v3"))


def test_paused_a_canary_is_not_given_up() -> None:
    assert decide(a_canary_seen(spec=a_spec("v3", paused=True)), NOW).change is None


def test_naming_a_version_that_does_not_exist_holds_everything() -> None:
    versions = {name: a_version(name) for name in ("v1", "v2")} | {"v9": no_version("v9")}
    ended = a_memory(rollout=at_pause(step_started_at=NOW - HOUR))
    plan = decide(a_canary_seen(spec=a_spec("v9"), memory=ended, versions=versions), NOW)
    assert plan.change is None
    assert plan.weights == (("v1", 90), ("v2", 10))
    assert plan.state.reason is Reason.VERSION_NOT_FOUND


def test_naming_a_version_of_another_model_holds_everything() -> None:
    versions = {"v1": a_version("v1"), "v2": a_version("v2", model="fraud")}
    plan = decide(a_model_seen(spec=a_spec("v2"), versions=versions), NOW)
    assert plan.change is None
    assert plan.state.message == (
        "spec.version: ModelVersion v2 belongs to Model fraud, not to churn"
    )


def test_an_older_version_than_the_last_good_one_is_rolled_out_by_steps() -> None:
    seen = a_model_seen(
        {"v3": 2, "v2": 1},
        pinned="v3",
        spec=a_spec("v1"),
        memory=a_memory("v3", previous=a_previous("v2")),
    )
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.rollout is not None
    assert not change.memory.rollout.full
    assert change.memory.rollout.weight == 10


class TestScaling:
    """spec.replicas is followed whatever else goes on."""

    def test_at_rest(self) -> None:
        plan = decide(a_model_seen(spec=a_spec(replicas=4)), NOW)
        assert plan.replicas == (("v1", 4),)

    def test_under_way_both_versions_follow(self) -> None:
        seen = a_canary_seen(
            spec=a_spec("v2", replicas=18), memory=a_memory(rollout=at_pause(weight=10))
        )
        assert decide(seen, NOW).replicas == (("v1", 18), ("v2", 2))

    def test_to_zero_under_way_nothing_is_promoted_and_nothing_runs(self) -> None:
        last = a_memory(rollout=at_pause(step=4, step_started_at=None))
        seen = a_canary_seen({}, spec=a_spec("v2", replicas=0), memory=last, pinned="v1")
        plan = decide(seen, NOW)
        assert plan.change is None
        assert plan.replicas == (("v1", 0), ("v2", 0))

    def test_at_zero_a_rollout_that_is_not_named_any_more_is_given_up(self) -> None:
        seen = a_canary_seen({}, spec=a_spec("v3", replicas=0), memory=a_memory(rollout=at_pause()))
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.rollout is None
        assert change.memory.history[0].outcome is Outcome.SUPERSEDED

    def test_at_zero_a_rollout_that_has_no_pods_yet_does_not_grow_old(self) -> None:
        only_just = a_memory(rollout=a_rollout(weight=0))
        seen = a_model_seen({"v1": 0}, spec=a_spec("v2", replicas=0), memory=only_just)
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory == a_memory()

    def test_from_zero_the_version_that_served_comes_back_first(self) -> None:
        seen = a_model_seen({"v1": 0}, spec=a_spec("v2", replicas=2), endpoints={})
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.stable == "v1"
        started = a_model_seen({"v1": 0}, spec=a_spec("v2"), memory=change.memory, endpoints={})
        plan = decide(started, NOW)
        assert plan.replicas == (("v1", 2), ("v2", 1))
        assert plan.route == Route(pinned="v1")


def test_what_a_pass_decides_it_does_not_carry_out_in_the_same_breath() -> None:
    """A crash between the two loses nothing, and a stale status fails on its version."""

    def carried_out(plan: Plan) -> tuple[Any, ...]:
        return (plan.replicas, plan.weights, plan.route, plan.deletes)

    for seen in (a_model_seen(spec=a_spec("v2")), a_canary_seen(spec=a_spec("v3"))):
        plan = decide(seen, NOW)
        assert plan.change is not None
        assert carried_out(plan) == ((), (), None, ())
        assert plan.wake_at == NOW


def test_a_version_asked_for_again_is_no_longer_said_to_be_leaving() -> None:
    """v2 was to leave for v3 once its dependents had; then the spec named v2 again."""
    seen = a_canary_seen(memory=a_memory(rollout=at_pause(), leaving=a_leaving("v2")))
    assert decide(seen, NOW).change == Change(memory=a_memory(rollout=at_pause()))


def test_two_rollouts_never_run_at_once() -> None:
    seen: Observed = a_canary_seen(
        {"v1": 2, "v2": 1, "v3": 1}, spec=a_spec("v3"), memory=a_memory(rollout=a_rollout("v3"))
    )
    weights = dict(decide(seen, NOW).weights)
    assert set(weights) == {"v1", "v3"}


def test_between_a_changed_spec_and_the_start_of_its_rollout_nothing_false_is_said() -> None:
    # given a version that was rejected under another spec: forgetting that is a decision of its own
    spec = a_spec("v3")
    seen = a_model_seen(spec=spec, memory=a_memory(rejected=(a_rejection("v2", a_spec("v2")),)))
    # when
    plan = decide(seen, NOW)
    # then
    assert plan.change is not None
    assert plan.change.memory.rejected == ()
    assert plan.state.message == "v3 is about to be rolled out"
