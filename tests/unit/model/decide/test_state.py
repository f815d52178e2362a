"""How things stand, in a phase, a reason and a sentence that a person can act on."""

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide.plan import State
from headgate.model.decide.state import state_of
from headgate.model.observed import Observed
from headgate.model.status_types import Phase, RolloutKind
from tests.builders.observed import (
    NOW,
    a_canary_seen,
    a_container,
    a_failing_pod,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_rejection,
    a_rollout,
    a_spec,
    a_version,
    an_unready_pod,
    pods,
)


def state(seen: Observed) -> State:
    return state_of(seen, NOW)


def test_healthy() -> None:
    assert state(a_model_seen()) == State(
        phase=Phase.HEALTHY, reason=Reason.ROLLOUT_COMPLETE, message="v1 serves"
    )


def test_a_refused_spec_comes_first_with_its_paths() -> None:
    problems = tuple(Problem(f"spec.a[{n}]", "is odd") for n in range(9))
    found = state(a_canary_seen(problems=problems))
    assert found == State(
        phase=Phase.DEGRADED,
        reason=Reason.SPEC_INVALID,
        message="; ".join(f"spec.a[{n}]: is odd" for n in range(5)),
    )


def test_a_missing_version() -> None:
    found = state(a_model_seen(spec=a_spec("v9")))
    assert (found.phase, found.reason) == (Phase.DEGRADED, Reason.VERSION_NOT_FOUND)


def test_a_rejected_version_says_who_serves_and_what_would_help() -> None:
    spec = a_spec("v2")
    found = state(a_model_seen(spec=spec, memory=a_memory(rejected=(a_rejection("v2", spec),))))
    assert found == State(
        phase=Phase.DEGRADED,
        reason=Reason.CRASH_LOOPING,
        message="v2 was rejected (CrashLooping), v1 serves: it ended. It is tried again when the "
        "spec changes, or on a retry request",
    )


def test_the_rejection_of_a_version_that_is_no_longer_named_is_history() -> None:
    spec = a_spec("v1")
    found = state(a_model_seen(spec=spec, memory=a_memory(rejected=(a_rejection("v2", spec),))))
    assert found.phase is Phase.HEALTHY


def test_no_ready_pod_is_degraded_with_the_cause() -> None:
    stuck = an_unready_pod("v1", unschedulable="0/3 nodes: insufficient memory")
    found = state(a_model_seen(pods={"v1": (stuck,)}, endpoints={}))
    assert found == State(
        phase=Phase.DEGRADED,
        reason=Reason.NO_REPLICAS,
        message="v1: pod v1-1 cannot be scheduled: 0/3 nodes: insufficient memory",
    )


def test_fewer_pods_than_wanted_is_progress() -> None:
    some = {"v1": (*pods("v1", 1), an_unready_pod("v1", 2))}
    found = state(a_model_seen(pods=some, endpoints={"v1": 1}))
    assert found == State(
        phase=Phase.PROGRESSING,
        reason=Reason.WAITING_FOR_PODS,
        message="v1: 1 of 2 pods ready",
    )


def test_scaled_to_zero_is_healthy_and_says_so() -> None:
    found = state(a_model_seen({}, spec=a_spec(replicas=0)))
    assert found == State(
        phase=Phase.HEALTHY,
        reason=Reason.SCALED_TO_ZERO,
        message="v1 is scaled to zero (spec.replicas)",
    )


def test_pods_that_are_awaited_are_counted_with_what_keeps_them() -> None:
    pulling = an_unready_pod("v2", containers=(a_container(waiting="ErrImagePull"),))
    seen = a_canary_seen(
        memory=a_memory(rollout=a_rollout()), pods={"v1": pods("v1", 2), "v2": (pulling,)}
    )
    assert state(seen) == State(
        phase=Phase.PROGRESSING,
        reason=Reason.WAITING_FOR_PODS,
        message="v2: step 1/4 (setWeight 10), 0 of 1 pods ready: "
        "pod v2-1, container server: ErrImagePull",
    )


def test_endpoints_that_are_awaited_are_told_apart_from_pods() -> None:
    seen = a_canary_seen(memory=a_memory(rollout=a_rollout()), endpoints={"v1": 2})
    assert state(seen) == State(
        phase=Phase.PROGRESSING,
        reason=Reason.WAITING_FOR_ROUTING,
        message="v2: step 1/4 (setWeight 10), waits for the Service's endpoints",
    )


def test_a_first_version_that_fails_is_degraded() -> None:
    first = a_memory(None, rollout=a_rollout("v1", kind=RolloutKind.INITIAL))
    found = state(a_model_seen(memory=first, pods={"v1": (a_failing_pod("v1"),)}))
    assert (found.phase, found.reason) == (Phase.DEGRADED, Reason.CRASH_LOOPING)


def test_a_stable_version_without_its_dependency_is_degraded() -> None:
    versions = {"v1": a_version("v1", dependencies=(a_missing_dependency(),))}
    found = state(a_model_seen(versions=versions))
    assert found == State(
        phase=Phase.DEGRADED,
        reason=Reason.DEPENDENCY_NOT_SERVING,
        message="v1 serves although features-v1 does not (Model features gives it no traffic), "
        "and there is no earlier version to go back to",
    )
