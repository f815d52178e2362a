"""A version that serves is validated again when it is due: never two at once, few kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.modelversion.gate import RunState
from headgate.modelversion.schedule import (
    OwnRun,
    SchedulePlan,
    ScheduleSeen,
    decide_schedule,
    last_scheduled,
    revalidation_of,
    still_valid,
)
from tests.builders.observed import HOUR, MINUTE, NOW


def a_run(name: str, age: timedelta | None, **changes: Any) -> OwnRun:
    """Return a scheduled run that ended so long ago; None: it goes on."""
    ended: datetime | None = NOW - age if age is not None else None
    state = RunState.PASS if age is not None else RunState.RUNNING
    made = OwnRun(name=name, uid=f"uid-{name}", scheduled=True, state=state, finished_at=ended)
    return replace(made, **changes)


def a_first_run(age: timedelta) -> OwnRun:
    return a_run("first", age, scheduled=False)


def a_schedule(*runs: OwnRun, **changes: Any) -> ScheduleSeen:
    """Return a version that serves, to be validated every hour."""
    seen = ScheduleSeen(every=HOUR, serving=True, validated_at=NOW - 9 * HOUR, runs=runs)
    return replace(seen, **changes)


def test_a_run_is_made_when_the_time_has_passed_since_the_last_one() -> None:
    plan = decide_schedule(a_schedule(a_first_run(HOUR)), NOW)
    assert plan == SchedulePlan(follows="first")


def test_until_then_it_is_looked_again_at_that_time() -> None:
    plan = decide_schedule(a_schedule(a_first_run(5 * HOUR), a_run("s1", 20 * MINUTE)), NOW)
    assert plan == SchedulePlan(wake_at=NOW + 40 * MINUTE)


@pytest.mark.parametrize(
    "seen",
    [
        a_schedule(a_first_run(9 * HOUR), serving=False),
        a_schedule(a_first_run(9 * HOUR), every=None),
        a_schedule(a_first_run(9 * HOUR), a_run("s1", None)),
        a_schedule(a_first_run(9 * HOUR), a_run("s1", None, state=RunState.PENDING)),
        a_schedule(validated_at=None),
    ],
    ids=["not serving", "no schedule", "one runs", "one waits", "never validated"],
)
def test_no_run_is_made_otherwise(seen: ScheduleSeen) -> None:
    assert decide_schedule(seen, NOW) == SchedulePlan()


def test_a_run_that_could_not_be_carried_out_is_followed_when_the_next_is_due() -> None:
    failed = a_run("s1", 10 * MINUTE, state=RunState.FAILED)
    seen = a_schedule(a_first_run(9 * HOUR), failed)
    assert decide_schedule(seen, NOW).wake_at == NOW + 50 * MINUTE
    assert decide_schedule(seen, NOW + 50 * MINUTE).follows == "s1"


def test_without_its_first_run_the_time_counts_from_when_it_was_validated() -> None:
    seen = a_schedule()
    assert decide_schedule(seen, NOW).follows == (NOW - 9 * HOUR).isoformat()


def test_the_newest_three_scheduled_runs_are_kept_and_the_first_run_always() -> None:
    runs = [a_run(f"s{age}", age * MINUTE) for age in (50, 10, 40, 20, 30)]
    seen = a_schedule(a_first_run(9 * HOUR), *runs)
    assert [run.name for run in decide_schedule(seen, NOW).deletes] == ["s40", "s50"]
    idle = replace(seen, serving=False)
    assert [run.name for run in decide_schedule(idle, NOW).deletes] == ["s40", "s50"]


@pytest.mark.parametrize(
    ("state", "status", "reason", "verdict"),
    [
        (RunState.PASS, "True", Reason.POLICY_PASSED, "Pass"),
        (RunState.FAIL, "False", Reason.REVALIDATION_FAILED, "Fail"),
        (RunState.INCONCLUSIVE, "Unknown", Reason.TOO_LITTLE_DATA, "Inconclusive"),
        (RunState.FAILED, "Unknown", Reason.VALIDATION_COULD_NOT_RUN, None),
    ],
)
def test_the_run_that_ended_last_says_whether_the_version_is_still_valid(
    state: RunState, status: str, reason: Reason, verdict: str | None
) -> None:
    seen = a_schedule(
        a_run("s1", 2 * HOUR), a_run("s2", HOUR, state=state), a_run("s3", None), a_first_run(HOUR)
    )
    last = last_scheduled(seen)
    assert last is not None
    assert last.name == "s2"
    assert (still_valid(last).status, still_valid(last).reason) == (status, reason)
    kept = revalidation_of(last)
    assert kept is not None
    assert (kept.run, kept.verdict, kept.finished_at) == ("s2", verdict, NOW - HOUR)
