"""A version that fails its scheduled validation gives way as one with failing pods does."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide import decide
from headgate.model.observed import Observed, RevalidationSeen
from headgate.model.status import status_of
from headgate.model.status_types import Outcome, Phase
from tests.builders.observed import (
    HOUR,
    NOW,
    SECOND,
    a_memory,
    a_model_seen,
    a_previous,
    a_spec,
    a_version,
)

FAILED = RevalidationSeen(verdict="Fail", finished_at=NOW - SECOND, detail="r1: 1 of 3 failed")


def v2_serves(last: RevalidationSeen | None = FAILED, **changes: Any) -> Observed:
    """Return a Model that promoted v2 a minute ago and keeps v1 warm."""
    versions = {
        "v1": a_version("v1"),
        "v2": replace(a_version("v2"), revalidation=last),
    }
    parts: dict[str, Any] = {
        "spec": a_spec("v2"),
        "memory": a_memory("v2", previous=a_previous("v1")),
        "versions": versions,
    }
    return a_model_seen({"v1": 1, "v2": 2}, pinned="v2", **(parts | changes))


def still_valid(seen: Observed) -> tuple[str, str, str] | None:
    status = status_of(seen, decide(seen, NOW), (), NOW)
    found = next((each for each in status.conditions if each.type == "StillValid"), None)
    return None if found is None else (found.status, found.reason, found.message)


def test_a_fail_within_the_window_goes_back_to_the_version_before() -> None:
    change = decide(v2_serves(), NOW).change
    assert change is not None
    assert change.memory.stable == "v1"
    (rejected,) = change.memory.rejected
    assert (rejected.name, rejected.reason) == ("v2", "RevalidationFailed")
    assert "r1: 1 of 3 failed" in rejected.message
    outcomes = [(entry.version, entry.outcome) for entry in change.memory.history]
    assert outcomes == [("v1", Outcome.RETURNED_TO), ("v2", Outcome.REJECTED)]
    assert [(told.warning, told.reason) for told in change.announcements] == [
        (True, Reason.REVALIDATION_FAILED)
    ]


def test_a_fail_without_a_version_before_keeps_serving_and_says_so() -> None:
    seen = v2_serves(memory=a_memory("v2"))
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.weights == (("v2", 100),)
    assert (plan.state.phase, plan.state.reason) == (Phase.DEGRADED, Reason.REVALIDATION_FAILED)
    assert "there is no earlier version to go back to" in plan.state.message
    found = still_valid(seen)
    assert found is not None
    assert found[:2] == ("False", "RevalidationFailed")


def test_a_window_of_nothing_permits_no_way_back() -> None:
    seen = v2_serves(spec=a_spec("v2", rollback={"window": "0s"}))
    change = decide(seen, NOW).change
    assert change is not None
    assert (change.memory.stable, change.memory.previous) == ("v2", None)


@pytest.mark.parametrize(
    ("verdict", "status", "reason"),
    [
        ("Pass", "True", "PolicyPassed"),
        ("Inconclusive", "Unknown", "TooLittleData"),
        ("", "Unknown", "ValidationCouldNotRun"),
    ],
)
def test_what_is_no_fail_never_goes_back(verdict: str, status: str, reason: str) -> None:
    seen = v2_serves(replace(FAILED, verdict=verdict))
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.state.phase is Phase.HEALTHY
    found = still_valid(seen)
    assert found is not None
    assert found[:2] == (status, reason)


def test_a_fail_of_an_earlier_turn_does_not_count_against_a_new_one() -> None:
    seen = v2_serves(replace(FAILED, finished_at=NOW - HOUR))
    assert decide(seen, NOW).change is None
    assert still_valid(seen) is None


def test_a_version_without_a_schedule_says_nothing_of_it() -> None:
    assert still_valid(v2_serves(None)) is None
