"""Within rollback.window a promoted version that fails gives way to the one before it."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import Announcement, Change, Plan, Route, State, decide
from headgate.model.decide.steps import spec_digest
from headgate.model.observed import Observed
from headgate.model.status_types import HistoryEntry, Outcome, Phase, Rejection
from tests.builders.observed import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    a_container,
    a_failing_pod,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_pod,
    a_previous,
    a_rollout,
    a_spec,
    a_version,
    an_unready_pod,
    errors_of,
    evidence_alone,
    no_version,
    pods,
)

BEFORE = errors_of(10_000, 50)
WARM = pods("v1", 1)
BROKEN = {"v1": WARM, "v2": (a_failing_pod("v2", 1), a_failing_pod("v2", 2))}


def promoted(**changes: Any) -> Observed:
    """Return v2 stable for a minute, v1 kept warm."""
    usual: dict[str, Any] = {
        "spec": a_spec("v2"),
        "memory": a_memory("v2", previous=a_previous("v1")),
    }
    return a_model_seen({"v1": 1, "v2": 2}, pinned="v2", **(usual | changes))


def goes_back(seen: Observed) -> bool:
    change = decide(seen, NOW).change
    return change is not None and change.memory.stable == "v1"


def test_a_healthy_one_stays_and_is_watched() -> None:
    assert decide(promoted(), NOW) == Plan(
        replicas=(("v1", 1), ("v2", 2)),
        weights=(("v2", 100),),
        route=Route(pinned="v2"),
        state=State(phase=Phase.HEALTHY, reason=Reason.ROLLOUT_COMPLETE, message="v2 serves"),
        wake_at=NOW + 5 * SECOND,
    )


def test_one_that_crashes_gives_way() -> None:
    why = (
        "pod v2-1, container server: exited 3 times, last with 1: it left no message; "
        "see kubectl logs --previous"
    )
    seen = promoted(pods=BROKEN, endpoints={})
    rejection = Rejection(
        name="v2",
        reason="CrashLooping",
        message=why,
        at=NOW,
        spec_digest=spec_digest(seen.spec),
    )
    change = decide(seen, NOW).change
    assert change == Change(
        memory=a_memory(
            "v1",
            rejected=(rejection,),
            history=(
                HistoryEntry(version="v1", at=NOW, outcome=Outcome.RETURNED_TO),
                HistoryEntry(version="v2", at=NOW, outcome=Outcome.REJECTED, message=why),
            ),
        ),
        announcements=(Announcement(warning=True, reason=Reason.CRASH_LOOPING, message=why),),
    )
    then = decide(replace(seen, memory=change.memory), NOW)
    assert then.route == Route(pinned="v1")
    assert then.replicas == (("v1", 2), ("v2", 2))


def test_one_that_answers_with_errors_gives_way() -> None:
    seen = promoted(evidence=evidence_alone(errors_of(100, 20), BEFORE))
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.rejected[0].message == (
        "v2 has all the traffic and answered 20 of 100 requests with an error, v1 before it "
        "50 of 10000 requests: over the 1.43% that are tolerated "
        "(analysis.errorRatio, limit 2, alpha 0.01)"
    )


def test_the_error_rate_that_the_version_before_had_is_no_reason() -> None:
    assert not goes_back(promoted(evidence=evidence_alone(errors_of(10_000, 50), BEFORE)))


def test_a_spec_that_is_paused_or_refused_does_not_keep_it() -> None:
    assert goes_back(promoted(pods=BROKEN, spec=a_spec("v2", paused=True)))
    assert goes_back(promoted(pods=BROKEN, problems=(Problem("spec", "is odd"),)))


class TestWhatIsNoReason:
    """Troubles that the version before would have as well, or that pass."""

    def test_a_pod_that_is_restarted_now_and_then(self) -> None:
        restarted = a_pod("v2", containers=(a_container(restarts=7, exit_code=137),))
        assert not goes_back(promoted(pods={"v1": WARM, "v2": (restarted, a_pod("v2", 2))}))

    def test_a_registry_that_is_away_while_other_pods_serve(self) -> None:
        pulling = an_unready_pod("v2", 2, containers=(a_container(waiting="ImagePullBackOff"),))
        assert not goes_back(promoted(pods={"v1": WARM, "v2": (a_pod("v2", 1), pulling)}))

    def test_no_node_for_its_pods(self) -> None:
        stuck = an_unready_pod("v2", unschedulable="0/3 nodes are available")
        assert not goes_back(promoted(pods={"v1": WARM, "v2": (stuck,)}))


def test_one_pod_in_a_crash_loop_is_reason_enough() -> None:
    assert goes_back(promoted(pods={"v1": WARM, "v2": (a_pod("v2", 1), a_failing_pod("v2", 2))}))


class TestWindow:
    """How long after promotion."""

    def test_when_it_has_passed_the_version_before_is_let_go(self) -> None:
        memory = a_memory("v2", previous=a_previous(since=NOW - 24 * HOUR))
        assert decide(promoted(memory=memory), NOW).change == Change(memory=a_memory("v2"))
        after = decide(promoted(memory=a_memory("v2")), NOW)
        assert after.replicas == (("v1", 0), ("v2", 2))
        assert after.wake_at is None

    def test_when_it_has_passed_nothing_goes_back_though_nobody_looked_meanwhile(self) -> None:
        """The operator may have been down for a day."""
        memory = a_memory("v2", previous=a_previous(since=NOW - 25 * HOUR))
        change = decide(promoted(memory=memory, pods=BROKEN), NOW).change
        assert change == Change(memory=a_memory("v2"))

    def test_of_no_time_never_goes_back(self) -> None:
        spec = a_spec("v2", rollback={"window": "0s"})
        memory = a_memory("v2", previous=a_previous(since=NOW))
        seen = promoted(spec=spec, memory=memory, pods=BROKEN)
        assert decide(seen, NOW).change == Change(memory=a_memory("v2"))

    def test_the_end_is_not_slept_through(self) -> None:
        memory = a_memory("v2", previous=a_previous(since=NOW - 24 * HOUR + SECOND))
        assert decide(promoted(memory=memory), NOW).wake_at == NOW + SECOND

    @pytest.mark.parametrize(
        ("age", "interval"), [(0 * MINUTE, 5), (MINUTE, 5), (10 * MINUTE, 30), (10 * HOUR, 60)]
    )
    def test_it_is_looked_at_less_often_later(self, age: Any, interval: int) -> None:
        memory = a_memory("v2", previous=a_previous(since=NOW - age))
        assert decide(promoted(memory=memory), NOW).wake_at == NOW + interval * SECOND


class TestNowhereToGo:
    """The version before must be able to serve."""

    def test_it_was_deleted(self) -> None:
        versions = {"v1": no_version("v1"), "v2": a_version("v2")}
        assert not goes_back(promoted(pods=BROKEN, versions=versions))

    def test_what_it_depends_on_does_not_serve(self) -> None:
        waiting = a_version("v1", dependencies=(a_missing_dependency(),))
        versions = {"v1": waiting, "v2": a_version("v2")}
        assert not goes_back(promoted(pods=BROKEN, versions=versions))

    def test_then_it_says_what_is_wrong(self) -> None:
        versions = {"v1": no_version("v1"), "v2": a_version("v2")}
        seen = promoted(pods=BROKEN, versions=versions, endpoints={})
        assert decide(seen, NOW).state == State(
            phase=Phase.DEGRADED,
            reason=Reason.NO_REPLICAS,
            message="v2: pod v2-1, container server: CrashLoopBackOff",
        )


def test_while_the_next_version_is_on_trial_the_stable_one_is_not_taken_back() -> None:
    memory = a_memory("v2", previous=a_previous("v1"), rollout=a_rollout("v3"))
    assert not goes_back(promoted(spec=a_spec("v3"), memory=memory, pods=BROKEN))


def test_going_back_by_hand_needs_no_trial() -> None:
    """The spec names the last good version again: it served well a moment ago."""
    change = decide(promoted(spec=a_spec("v1")), NOW).change
    assert change is not None
    assert change.memory.rollout is not None
    assert change.memory.rollout.full
    assert change.memory.rollout.weight == 0
    # then all its pods come, and it is promoted without a step
    seen = promoted(spec=a_spec("v1"), memory=change.memory)
    waiting = decide(seen, NOW)
    assert waiting.replicas == (("v1", 2), ("v2", 2))
    assert waiting.route == Route(pinned="v2")
    ready = replace(seen, pods={**seen.pods, "v1": pods("v1", 2)})
    ended = decide(ready, NOW).change
    assert ended is not None
    assert (ended.memory.stable, ended.memory.rollout) == ("v1", None)
