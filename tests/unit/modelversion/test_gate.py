"""When validation lets a version take traffic, and when it does not."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Condition
from headgate.modelversion.gate import Gate, RunSeen, RunState, decide_gate
from headgate.modelversion.status_types import Approval, VersionPhase
from tests.builders.observed import NOW

POLICY = "tabular"
BY_ADA = Approval(
    run="churn-v3-0a1b", by="Ada", at=NOW, why="seen by the board", report=f"sha256:{'1' * 64}"
)


def a_run(state: RunState, **fields: Any) -> RunSeen:
    return RunSeen(name="churn-v3-0a1b", state=state, message="what was seen", **fields)


def gate(run: RunSeen | None) -> Gate:
    return decide_gate(POLICY, run, None, None)


def test_without_a_policy_the_gate_is_open() -> None:
    found = decide_gate(None, None, None, None)
    assert (found.phase, found.fact.reason) == (VersionPhase.VALIDATED, Reason.NO_POLICY)


def test_with_a_policy_and_no_run_one_is_made() -> None:
    found = gate(None)
    assert (found.needs_run, found.fact.status) == (True, "Unknown")


@pytest.mark.parametrize(
    ("run", "phase", "status", "reason"),
    [
        (a_run(RunState.PENDING), VersionPhase.PENDING, "Unknown", Reason.VALIDATING),
        (a_run(RunState.RUNNING), VersionPhase.VALIDATING, "Unknown", Reason.VALIDATING),
        (a_run(RunState.PASS), VersionPhase.VALIDATED, "True", Reason.POLICY_PASSED),
        (a_run(RunState.FAIL), VersionPhase.REJECTED, "False", Reason.POLICY_FAILED),
        (
            a_run(RunState.FAILED),
            VersionPhase.PENDING,
            "False",
            Reason.VALIDATION_COULD_NOT_RUN,
        ),
        (a_run(RunState.INCONCLUSIVE), VersionPhase.REJECTED, "False", Reason.TOO_LITTLE_DATA),
        (
            a_run(RunState.INCONCLUSIVE, on_inconclusive="Allow"),
            VersionPhase.VALIDATED,
            "True",
            Reason.INCONCLUSIVE_ALLOWED,
        ),
        (
            a_run(RunState.INCONCLUSIVE, on_inconclusive="Approval"),
            VersionPhase.AWAITING_APPROVAL,
            "Unknown",
            Reason.AWAITING_APPROVAL,
        ),
        (
            a_run(RunState.INCONCLUSIVE, on_inconclusive="Approval", approval=BY_ADA),
            VersionPhase.VALIDATED,
            "True",
            Reason.APPROVED,
        ),
    ],
)
def test_the_gate_says_what_the_run_says(
    run: RunSeen, phase: VersionPhase, status: str, reason: Reason
) -> None:
    found = gate(run)
    assert (found.phase, found.fact.status, found.fact.reason) == (phase, status, reason)
    assert "what was seen" in found.fact.message


def test_who_approved_and_why_stands_in_the_condition() -> None:
    approved = a_run(RunState.INCONCLUSIVE, on_inconclusive="Approval", approval=BY_ADA)
    assert gate(approved).fact.message.endswith("Approved by Ada: seen by the board")


def test_an_approval_opens_nothing_that_failed() -> None:
    failed = a_run(RunState.FAIL, on_inconclusive="Approval", approval=BY_ADA)
    assert gate(failed).phase is VersionPhase.REJECTED


def test_a_block_is_not_lifted_by_an_approval() -> None:
    blocked = a_run(RunState.INCONCLUSIVE, on_inconclusive="Block", approval=BY_ADA)
    assert gate(blocked).phase is VersionPhase.REJECTED


def test_a_gate_that_was_open_stays_so_when_its_run_is_deleted() -> None:
    # given
    opened = Condition(
        type="Validated", status="True", reason="PolicyPassed", last_transition_time=NOW
    )
    # when
    found = decide_gate(POLICY, None, "churn-v3-0a1b", opened)
    # then
    assert (found.phase, found.needs_run) == (VersionPhase.VALIDATED, False)
    assert found.run == "churn-v3-0a1b"


def test_a_deleted_run_that_had_failed_is_made_anew() -> None:
    closed = Condition(
        type="Validated", status="False", reason="PolicyFailed", last_transition_time=NOW
    )
    assert decide_gate(POLICY, None, "churn-v3-0a1b", closed).needs_run
