"""The version on trial fails: all traffic returns to the stable one, and it is named."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import Announcement, Change, Plan, Route, State, decide
from headgate.model.decide.steps import spec_digest
from headgate.model.observed import Observed, ServiceSeen
from headgate.model.status_types import (
    Evidence,
    HistoryEntry,
    Outcome,
    Phase,
    Rejection,
    RolloutKind,
)
from tests.builders.observed import (
    HOUR,
    NOW,
    SECOND,
    a_canary_seen,
    a_container,
    a_failing_pod,
    a_memory,
    a_model_seen,
    a_previous,
    a_rejection,
    a_rollout,
    a_spec,
    an_unready_pod,
    at_pause,
    errors_of,
    evidence_against,
    evidence_alone,
    pods,
    steps,
)

FAILING = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2", exit_message="out of luck"),)}
WHY = "pod v2-1, container server: exited 3 times, last with 1: out of luck"


def rejected_for(seen: Observed) -> Reason | None:
    """Return the reason of the rejection that is decided, None where it goes on."""
    change = decide(seen, NOW).change
    if change is None or not change.memory.rejected:
        return None
    assert change.memory.rollout is None
    assert change.memory.stable == seen.memory.stable
    return Reason(change.memory.rejected[0].reason)


def test_one_that_had_served_before_is_no_way_back_any_more() -> None:
    again = a_memory(rollout=a_rollout(), previous=a_previous("v2"))
    change = decide(a_canary_seen(pods=FAILING, memory=again), NOW).change
    assert change is not None
    assert change.memory.rejected[0].name == "v2"
    assert change.memory.previous is None


def test_it_is_rejected_with_a_reason_and_told_as_a_warning() -> None:
    seen = a_canary_seen(pods=FAILING)
    rejection = Rejection(
        name="v2",
        reason="CrashLooping",
        message=WHY,
        at=NOW,
        spec_digest=spec_digest(seen.spec),
    )
    history = (HistoryEntry(version="v2", at=NOW, outcome=Outcome.REJECTED, message=WHY),)
    assert decide(seen, NOW) == Plan(
        change=Change(
            memory=a_memory(rejected=(rejection,), history=history),
            announcements=(Announcement(warning=True, reason=Reason.CRASH_LOOPING, message=WHY),),
        ),
        state=State(
            phase=Phase.DEGRADED,
            reason=Reason.CRASH_LOOPING,
            message=f"v2 was rejected (CrashLooping), v1 serves: {WHY}. It is tried again when "
            "the spec changes, or on a retry request",
        ),
        wake_at=NOW,
    )


def test_then_the_route_turns_at_once_and_its_pods_stay_until_nothing_reaches_them() -> None:
    spec = a_spec("v2")
    rejected = a_memory(rejected=(a_rejection("v2", spec),))
    seen = a_canary_seen(memory=rejected, pods=FAILING, endpoints={"v1": 2})
    plan = decide(seen, NOW)
    assert plan.route == Route(pinned="v1")
    assert plan.replicas == (("v1", 2), ("v2", 1))
    assert plan.weights == (("v1", 100),)
    assert plan.wake_at == NOW + 0.5 * SECOND
    turned = replace(seen, service=ServiceSeen(pinned="v1"))
    assert decide(turned, NOW).replicas == (("v1", 2), ("v2", 0))


def test_it_is_not_tried_again_while_the_spec_stays() -> None:
    spec = a_spec("v2")
    seen = a_model_seen(spec=spec, memory=a_memory(rejected=(a_rejection("v2", spec),)))
    plan = decide(seen, NOW + 1000 * HOUR)
    assert plan == Plan(
        replicas=(("v1", 2),),
        weights=(("v1", 100),),
        route=Route(pinned="v1"),
        state=State(
            phase=Phase.DEGRADED,
            reason=Reason.CRASH_LOOPING,
            message="v2 was rejected (CrashLooping), v1 serves: it ended. It is tried again when "
            "the spec changes, or on a retry request",
        ),
    )


@pytest.mark.parametrize("changed", [{"replicas": 5}, {"paused": True}])
def test_scaling_or_pausing_is_no_change_that_could_make_it_succeed(
    changed: dict[str, Any],
) -> None:
    rejected = a_memory(rejected=(a_rejection("v2", a_spec("v2")),))
    seen = a_model_seen(spec=a_spec("v2", **changed), memory=rejected)
    assert decide(seen, NOW).change is None


@pytest.mark.parametrize(
    "changed",
    [
        {"analysis": {"errorRatio": {"max": 50}}},
        {"strategy": steps({"setWeight": 1})},
        {"progressDeadlineSeconds": 900},
    ],
)
def test_any_other_change_tries_it_again(changed: dict[str, Any]) -> None:
    rejected = a_memory(rejected=(a_rejection("v2", a_spec("v2")),))
    seen = a_model_seen(spec=a_spec("v2", **changed), memory=rejected)
    # when the rejection is forgotten
    change = decide(seen, NOW).change
    assert change == Change(memory=a_memory())
    # then it starts from the beginning
    started = decide(replace(seen, memory=change.memory), NOW).change
    assert started is not None
    assert started.memory.rollout is not None
    assert started.memory.rollout.version == "v2"


def test_spelling_a_default_out_is_no_change() -> None:
    rejected = a_memory(rejected=(a_rejection("v2", a_spec("v2")),))
    spec = a_spec("v2", progressDeadlineSeconds=600, rollback={"window": "24h", "keepWarm": 1})
    assert decide(a_model_seen(spec=spec, memory=rejected), NOW).change is None


@pytest.mark.parametrize("paused", [False, True])
def test_a_paused_model_goes_back_all_the_same(paused: bool) -> None:
    seen = a_canary_seen(spec=a_spec("v2", paused=paused), pods=FAILING)
    assert rejected_for(seen) is Reason.CRASH_LOOPING


def test_a_model_whose_spec_is_refused_goes_back_all_the_same() -> None:
    seen = a_canary_seen(problems=(Problem("spec.strategy", "is odd"),), pods=FAILING)
    assert rejected_for(seen) is Reason.CRASH_LOOPING


def test_a_failure_comes_before_the_step_that_is_due() -> None:
    ended = a_memory(rollout=at_pause(step_started_at=NOW - HOUR))
    assert rejected_for(a_canary_seen(memory=ended, pods=FAILING)) is Reason.CRASH_LOOPING


def test_a_failure_comes_before_promotion() -> None:
    last = a_memory(rollout=at_pause(step=4, step_started_at=None))
    both = {"v1": pods("v1", 2), "v2": (*pods("v2", 2), a_failing_pod("v2", 3))}
    assert rejected_for(a_canary_seen(memory=last, pods=both)) is Reason.CRASH_LOOPING


class TestReasons:
    """What is seen within seconds, and what takes a deadline or a gate."""

    def rejected_with(self, **container: Any) -> Reason | None:
        pod = an_unready_pod("v2", containers=(a_container(**container),))
        return rejected_for(a_canary_seen(pods={"v1": pods("v1", 2), "v2": (pod,)}))

    def test_an_image_that_cannot_be_pulled(self) -> None:
        assert self.rejected_with(waiting="ImagePullBackOff") is Reason.IMAGE_PULL_FAILED

    def test_a_container_that_cannot_be_configured(self) -> None:
        found = self.rejected_with(waiting="CreateContainerConfigError")
        assert found is Reason.CONTAINER_CONFIG_INVALID

    def test_an_artifact_with_another_digest(self) -> None:
        words = '{"reason": "DigestMismatch", "message": "is abc"}'
        found = self.rejected_with(name="fetch", init=True, exit_message=words)
        assert found is Reason.DIGEST_MISMATCH

    def test_pods_that_are_only_slow_are_given_the_deadline(self) -> None:
        slow = {"v1": pods("v1", 2), "v2": (an_unready_pod("v2"),)}
        spec = a_spec("v2", progressDeadlineSeconds=60)
        early = a_memory(rollout=a_rollout(waiting_since=NOW - 59 * SECOND))
        late = a_memory(rollout=a_rollout(waiting_since=NOW - 60 * SECOND))
        assert rejected_for(a_canary_seen(spec=spec, memory=early, pods=slow)) is None
        seen = a_canary_seen(spec=spec, memory=late, pods=slow)
        assert rejected_for(seen) is Reason.PROGRESS_DEADLINE_EXCEEDED
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.rejected[0].message == (
            "v2 has 0 of 1 pods ready 60 s after they were asked for (progressDeadlineSeconds)"
        )

    def test_a_long_pause_counts_against_no_deadline(self) -> None:
        spec = a_spec("v2", strategy=steps({"setWeight": 10}, {"pause": {}}))
        old = NOW - 5 * HOUR
        paused = a_memory(rollout=at_pause(waiting_since=old, step_started_at=old))
        assert rejected_for(a_canary_seen(spec=spec, memory=paused)) is None

    def test_errors_out_of_proportion(self) -> None:
        seen = a_canary_seen(evidence=evidence_against(errors_of(100, 20), errors_of(900, 4)))
        assert rejected_for(seen) is Reason.ERROR_RATIO_EXCEEDED
        change = decide(seen, NOW).change
        assert change is not None
        assert change.memory.rejected[0].message == (
            "v2 answered 20 of 100 requests with an error, v1 4 of 900 requests: a ratio of 41, "
            "limit 2 (analysis.errorRatio, alpha 0.01)"
        )

    def test_slow_answers(self) -> None:
        slow = Evidence(
            slow_canary=errors_of(50, 20),
            slow_stable=errors_of(450, 2),
            latency_log_likelihoods=(9.0,) * 24,
        )
        assert rejected_for(a_canary_seen(evidence=slow)) is Reason.LATENCY_EXCEEDED

    def test_errors_while_the_canary_has_all_the_traffic(self) -> None:
        """Nothing runs beside it: it is held against what the stable version answered before."""
        seen = a_canary_seen(
            {"v1": 2, "v2": 2},
            pinned="v2",
            memory=a_memory(rollout=at_pause(weight=100)),
            evidence=evidence_alone(errors_of(1_000, 200), errors_of(5_000, 25)),
        )
        assert rejected_for(seen) is Reason.ERROR_RATIO_EXCEEDED

    def test_the_stable_versions_own_error_rate_is_no_reason(self) -> None:
        seen = a_canary_seen(
            {"v1": 2, "v2": 2},
            pinned="v2",
            memory=a_memory(rollout=at_pause(weight=100)),
            evidence=evidence_alone(errors_of(1_000, 5), errors_of(5_000, 25)),
        )
        assert rejected_for(seen) is None

    def test_no_traffic_at_all_is_no_reason(self) -> None:
        assert rejected_for(a_canary_seen(evidence=Evidence())) is None


def test_recreate_goes_back_too() -> None:
    rollout = a_rollout(kind=RolloutKind.RECREATE, weight=100)
    seen = a_model_seen(
        {"v1": 0, "v2": 2},
        spec=a_spec("v2", strategy={"recreate": {}}),
        memory=a_memory(rollout=rollout),
        pods={"v2": (a_failing_pod("v2"),)},
        endpoints={},
    )
    assert rejected_for(seen) is Reason.CRASH_LOOPING
    change = decide(seen, NOW).change
    assert change is not None
    back = decide(replace(seen, memory=change.memory), NOW)
    assert back.replicas == (("v1", 0), ("v2", 0))
    alone = replace(seen, memory=change.memory, pods={})
    assert decide(alone, NOW).replicas == (("v1", 2), ("v2", 0))
    ready = replace(seen, memory=change.memory, pods={**seen.pods, "v1": pods("v1", 1)})
    assert decide(ready, NOW).route == Route(pinned="v1")


def test_only_the_latest_rejections_are_kept() -> None:
    spec = a_spec("v2")
    many = tuple(a_rejection(f"old-{n}", spec) for n in range(40))
    seen = a_canary_seen(memory=a_memory(rollout=at_pause(), rejected=many), pods=FAILING)
    change = decide(seen, NOW).change
    assert change is not None
    assert len(change.memory.rejected) <= 32
    assert change.memory.rejected[0].name == "v2"


def test_a_status_with_a_reason_that_this_release_does_not_know_is_read_all_the_same() -> None:
    spec = a_spec("v2")
    forged = a_memory(rejected=(a_rejection("v2", spec, reason="FromTheFuture"),))
    plan = decide(a_model_seen(spec=spec, memory=forged), NOW)
    assert plan.route == Route(pinned="v1")
    assert plan.state.phase is Phase.DEGRADED
    assert "FromTheFuture" in plan.state.message


def test_going_back_is_urgent_and_the_start_of_a_canary_is_not() -> None:
    failing = a_canary_seen(pods=FAILING)
    assert rejected_for(failing) is not None
    assert decide(failing, NOW).urgent
    begins = decide(a_model_seen(spec=a_spec(version="v2")), NOW)
    assert begins.change is not None
    assert not begins.urgent
