"""No data is never success: a version that nobody has seen answer is not promoted by time."""

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide import Change, State, decide
from headgate.model.observed import Observed, VersionSeen
from headgate.model.status_types import Evidence, Phase, PodCounters, RolloutKind
from tests.builders.observed import (
    HOUR,
    NOW,
    a_canary_seen,
    a_memory,
    a_rollout,
    a_spec,
    a_version,
    at_pause,
    errors_of,
)
from tests.builders.resources import a_version_spec

LAST = at_pause(step=4, step_started_at=None, weight=50)
ENDED = at_pause(step_started_at=NOW - HOUR)
ONLY_STABLE = Evidence(stable=errors_of(5_000))


def a_container_version(name: str) -> VersionSeen:
    spec = a_version_spec(artifact=None, runtime={"container": {"image": "example.com/churn:1"}})
    return replace(a_version(name), spec=spec)


def silent(rollout: Any, **changes: Any) -> Observed:
    """Return a canary without an answer, beside a stable version that has some."""
    given: dict[str, Any] = {"evidence": ONLY_STABLE, "memory": a_memory(rollout=rollout)}
    return a_canary_seen({"v1": 2, "v2": 2}, **(given | changes))


@pytest.mark.parametrize("rollout", [ENDED, LAST])
def test_neither_a_timed_pause_nor_promotion_passes_unseen(rollout: Any) -> None:
    plan = decide(silent(rollout), NOW)
    assert plan.change is None
    assert plan.state == State(
        phase=Phase.PROGRESSING,
        reason=Reason.WAITING_FOR_ANALYSIS,
        message=f"v2: {'step 2/4' if rollout is ENDED else 'promotion'}, no request has reached it "
        "yet, while v1 answers: it is not promoted unseen",
    )
    assert plan.wake_at is not None
    assert plan.wake_at > NOW


@pytest.mark.parametrize("rollout", [ENDED, LAST])
def test_one_answer_is_enough_to_let_time_decide(rollout: Any) -> None:
    answered = Evidence(canary=errors_of(1), stable=errors_of(5_000))
    assert decide(silent(rollout, evidence=answered), NOW).change is not None


@pytest.mark.parametrize("rollout", [ENDED, LAST])
def test_where_nobody_asks_at_all_time_has_to_do(rollout: Any) -> None:
    assert decide(silent(rollout, evidence=Evidence()), NOW).change is not None


def test_a_pause_without_traffic_on_purpose_passes_by_time() -> None:
    assert decide(silent(ENDED.model_copy(update={"weight": 0})), NOW).change is not None


@pytest.mark.parametrize("asked_for", [{"full": True}, {"kind": RolloutKind.RECREATE}])
def test_what_was_asked_for_without_a_trial_is_not_held(asked_for: dict[str, Any]) -> None:
    strategy: dict[str, Any] = {"strategy": {"recreate": {}}} if "kind" in asked_for else {}
    rollout = a_rollout(weight=100, **asked_for)
    assert decide(silent(rollout, spec=a_spec("v2", **strategy)), NOW).change is not None


class TestContainers:
    """Images of the user's own need not count."""

    versions: ClassVar = {"v1": a_version("v1"), "v2": a_container_version("v2")}

    def test_without_counters_they_go_on_and_it_is_said(self) -> None:
        plan = decide(silent(at_pause(), versions=self.versions), NOW)
        assert plan.state.message == (
            "v2: step 2/4, 10% until 12:00:29Z; its counters cannot be read: the gates are blind"
        )
        assert decide(silent(ENDED, versions=self.versions), NOW).change is not None
        assert told(silent(LAST, versions=self.versions)) == (
            "v2 serves all traffic now; its counters cannot be read: the gates are blind"
        )

    def test_with_counters_they_are_held_as_the_builtin_server_is(self) -> None:
        read = (PodCounters(pod="v2-1", started=1.0, requests=0, errors=0),)
        evidence = ONLY_STABLE.model_copy(update={"pods": read})
        assert decide(silent(ENDED, versions=self.versions, evidence=evidence), NOW).change is None


def told(seen: Observed) -> str:
    change: Change | None = decide(seen, NOW).change
    assert change is not None
    assert change.announcements[0].reason is Reason.PROMOTED
    return change.announcements[0].message


def test_a_promotion_that_nobody_saw_says_so() -> None:
    assert told(silent(LAST, evidence=Evidence())) == (
        "v2 serves all traffic now; no request to it was seen before"
    )
