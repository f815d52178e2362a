"""Who may let a version through, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Condition
from headgate.validation.decide import Do, RunPlan, decide
from headgate.validation.observed import Offer, RunObserved
from headgate.validation.records import project_run
from headgate.validation.run_types import (
    Approval,
    Report,
    RunPhase,
    RunVerdict,
    Trigger,
    ValidationRunSpec,
    ValidationRunStatus,
)
from headgate.validation.status import status_of
from tests.builders.observed import NOW
from tests.builders.validation import a_planned_run, a_run, a_run_seen

DIGEST = f"sha256:{'1' * 64}"
ADA = Offer(by="Ada Lovelace", report=DIGEST, why="the region is small")
LATER = NOW + timedelta(hours=1)


def an_undecided_run(
    *,
    policy: str = "Approval",
    verdict: RunVerdict | None = RunVerdict.INCONCLUSIVE,
    phase: RunPhase = RunPhase.SUCCEEDED,
    approval: Approval | None = None,
    trigger: Trigger = Trigger.NEW_VERSION,
    **changes: Any,
) -> RunObserved:
    """Return a run that has ended, with a verdict that a person may have to take."""
    status = a_planned_run(policy={"onInconclusive": policy}).status.model_copy(
        update={
            "phase": phase,
            "verdict": verdict,
            "report": Report(config_map="c", digest=DIGEST),
            "approval": approval,
            "conditions": (
                Condition(
                    type="Complete", status="True", reason="VerdictReached",
                    last_transition_time=NOW,
                ),
            ),
        }
    )  # fmt: skip
    spec = ValidationRunSpec.parse(a_run(trigger=trigger.value)["spec"])
    assert isinstance(spec, ValidationRunSpec)
    return a_run_seen(status=status, spec=spec, **changes)


def after(seen: RunObserved) -> tuple[RunPlan, ValidationRunStatus]:
    plan = decide(seen, LATER)
    return plan, status_of(seen, plan, LATER)


def approved(status: ValidationRunStatus) -> Condition | None:
    return next((entry for entry in status.conditions if entry.type == "Approved"), None)


def test_an_approval_of_the_report_is_recorded_with_who_when_and_why() -> None:
    plan, status = after(an_undecided_run(offer=ADA))
    assert plan.do is Do.APPROVE
    assert status.approval == Approval(
        by="Ada Lovelace", at=LATER, why="the region is small", report=DIGEST
    )
    condition = approved(status)
    assert condition is not None
    assert (condition.status, condition.reason) == ("True", "Approved")
    assert condition.message == "approved by Ada Lovelace: the region is small"


def test_a_verdict_without_a_report_cannot_be_approved_by_an_offer_that_names_none() -> None:
    seen = an_undecided_run(offer=Offer(by="Ada"))
    without = replace(seen, status=seen.status.model_copy(update={"report": None}))
    plan, status = after(without)
    assert plan.do is Do.REFUSE_APPROVAL
    assert "has no report" in plan.message
    assert status.approval is None


def test_a_run_that_waits_for_a_person_says_how_to_approve_it() -> None:
    condition = approved(after(an_undecided_run())[1])
    assert condition is not None
    assert (condition.status, condition.reason) == ("Unknown", "AwaitingApproval")
    assert "kubectl headgate approve" in condition.message


def test_an_annotation_that_is_edited_later_does_not_change_what_was_recorded() -> None:
    # given
    first = after(an_undecided_run(offer=ADA))[1]
    # when
    edited = an_undecided_run(offer=Offer(by="Eve", report=DIGEST), approval=first.approval)
    plan, status = after(edited)
    # then
    assert plan.do is Do.NOTHING
    assert status.approval == first.approval


def test_an_annotation_that_is_taken_away_later_changes_nothing() -> None:
    first = after(an_undecided_run(offer=ADA))[1]
    assert after(an_undecided_run(approval=first.approval))[1].approval == first.approval


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (an_undecided_run(offer=Offer(by="Ada")), "names no report"),
        (
            an_undecided_run(offer=Offer(by="Ada", report=f"sha256:{'2' * 64}")),
            f"names sha256:{'2' * 64}",
        ),
        (an_undecided_run(verdict=RunVerdict.FAIL, offer=ADA), "says Fail"),
        (an_undecided_run(verdict=RunVerdict.PASS, offer=ADA), "says Pass"),
        (an_undecided_run(verdict=None, phase=RunPhase.FAILED, offer=ADA), "no verdict"),
        (an_undecided_run(policy="Block", offer=ADA), "onInconclusive: Block"),
        (an_undecided_run(policy="Allow", offer=ADA), "onInconclusive: Allow"),
        (an_undecided_run(trigger=Trigger.MANUAL, offer=ADA), "trigger Manual"),
    ],
)
def test_an_approval_that_does_not_count_is_refused_in_words(seen: RunObserved, says: str) -> None:
    plan, status = after(seen)
    assert (plan.do, plan.reason) == (Do.REFUSE_APPROVAL, Reason.APPROVAL_REFUSED)
    assert status.approval is None
    condition = approved(status)
    assert condition is not None
    assert (condition.status, condition.reason) == ("False", "ApprovalRefused")
    assert says in condition.message


def test_an_approval_given_before_there_is_a_verdict_does_not_hurry_the_run() -> None:
    early = a_planned_run(policy={"onInconclusive": "Approval"}, offer=ADA)
    plan = decide(early, NOW)
    assert plan.do is Do.START_JOB
    assert status_of(early, plan, NOW).approval is None


def test_at_rest_a_run_that_has_ended_is_as_it_was() -> None:
    for seen in (an_undecided_run(), an_undecided_run(offer=Offer(by="Ada"))):
        once = after(seen)[1]
        again = a_run_seen(status=once, spec=seen.spec, offer=seen.offer)
        assert after(again)[1] == once


def test_other_conditions_stay_when_an_approval_comes() -> None:
    types = [entry.type for entry in after(an_undecided_run(offer=ADA))[1].conditions]
    assert types == ["Complete", "Approved"]


def test_an_offer_is_read_without_what_a_terminal_would_obey() -> None:
    run = a_run()
    run["metadata"] |= {
        "uid": "u",
        "resourceVersion": "1",
        "annotations": {
            "headgate.dev/approved-by": " Ada\n\x1b[31m ",
            "headgate.dev/approved-report": DIGEST,
            "headgate.dev/approval-why": "a\u202eb",
        },
    }
    assert project_run(run).offer == Offer(by="Ada [31m", report=DIGEST, why="a b")
