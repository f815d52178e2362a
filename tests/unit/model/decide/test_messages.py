"""What is said to people names the thing that they would have to look at."""

from typing import Any

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import decide
from headgate.model.decide.health import pod_failure
from headgate.model.observed import Observed
from tests.builders.observed import (
    HOUR,
    NOW,
    a_canary_seen,
    a_container,
    a_failing_pod,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_pod,
    a_previous,
    a_rejection,
    a_rollout,
    a_spec,
    a_version,
    an_unready_pod,
    at_pause,
    pods,
)


def said(seen: Observed) -> str:
    plan = decide(seen, NOW)
    assert plan.change is None
    return plan.state.message


class TestWhatHoldsAWeightUp:
    """Not always the endpoints."""

    first = a_memory(rollout=a_rollout())

    def test_a_stable_version_that_lacks_a_pod(self) -> None:
        missing = {"v1": (*pods("v1", 1), an_unready_pod("v1", 2)), "v2": pods("v2", 1)}
        seen = a_canary_seen(memory=self.first, pods=missing, endpoints={"v1": 1, "v2": 1})
        assert said(seen) == "v2: step 1/4 (setWeight 10), v1 has 1 of 2 pods ready"

    def test_a_pod_of_neither_version(self) -> None:
        found = {
            "v1": pods("v1", 2),
            "v2": pods("v2", 1),
            "debug": (a_pod("debug", ip="10.9.9.9"),),
        }
        seen = a_canary_seen(memory=self.first, pods=found, pinned="v1")
        assert said(seen) == (
            "v2: step 1/4 (setWeight 10), pod debug-1 is of another version and would be reached "
            "too, until it goes"
        )

    def test_the_endpoints(self) -> None:
        seen = a_canary_seen(memory=self.first, endpoints={"v1": 2})
        assert said(seen) == "v2: step 1/4 (setWeight 10), waits for the Service's endpoints"


def test_a_pause_without_a_ready_pod_gives_the_canary_nothing_and_says_so() -> None:
    unready = {"v1": pods("v1", 2), "v2": (an_unready_pod("v2"),)}
    seen = a_canary_seen(memory=a_memory(rollout=at_pause()), pods=unready, endpoints={"v1": 2})
    assert said(seen) == "v2: step 2/4, 10% (0% now: no pod of it is ready) until 12:00:29Z"


class TestAVersionWithoutWhatItNeeds:
    """It says that it could go back only where it could."""

    def seen(self, *, previous: bool, before: tuple[Any, ...] = ()) -> Observed:
        needing = a_version("v2", dependencies=(a_missing_dependency(),))
        kept = a_previous("v1") if previous else None
        return a_model_seen(
            {"v2": 2, "v1": 1},
            pinned="v2",
            spec=a_spec("v2"),
            memory=a_memory("v2", previous=kept),
            versions={"v1": a_version("v1", dependencies=before), "v2": needing},
        )

    def test_where_it_could(self) -> None:
        assert said(self.seen(previous=True)).endswith("and goes back to v1 if it is taken back")

    def test_where_the_one_before_lacks_something_too(self) -> None:
        seen = self.seen(previous=True, before=(a_missing_dependency(),))
        assert said(seen).endswith("and v1, the version before, cannot serve now either")

    def test_where_there_is_none(self) -> None:
        assert said(self.seen(previous=False)).endswith(
            "and there is no earlier version to go back to"
        )


def test_exits_are_counted_as_they_were() -> None:
    for running, times in ((True, 2), (False, 3)):
        container = a_container(restarts=2, exit_code=1, running=running)
        failure = pod_failure((an_unready_pod("v2", containers=(container,)),), None, NOW)
        assert failure is not None
        assert failure.reason is Reason.CRASH_LOOPING
        assert f"exited {times} times" in failure.message


def test_a_refused_spec_forgets_no_rejection() -> None:
    """Of such a spec only parts were read, so that it looks like a changed one."""
    rejected = a_memory(rejected=(a_rejection("v2", a_spec("v2", progressDeadlineSeconds=60)),))
    odd = (Problem("spec.strategy", "is odd"),)
    seen = a_model_seen(spec=a_spec("v2"), memory=rejected, problems=odd)
    assert decide(seen, NOW + HOUR).change is None


def test_a_failing_pod_is_named_before_all_that_is_waited_for() -> None:
    failing = {"v1": pods("v1", 2), "v2": (a_failing_pod("v2"),)}
    change = decide(a_canary_seen(pods=failing), NOW).change
    assert change is not None
    assert change.memory.rejected[0].message.startswith("pod v2-1, container server")
