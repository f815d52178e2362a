"""What is done about a ValidationRun, and what never is."""

import json
from datetime import timedelta
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.validation.decide import Do, decide, too_long, unreadable
from headgate.validation.plan import PlanError
from headgate.validation.run_types import RunPhase, RunVerdict
from tests.builders.observed import NOW
from tests.builders.validation import a_job, a_planned_run, a_run_pod, a_run_seen, an_ended


def words_of(verdict: str, plan_digest: str | None) -> str:
    return json.dumps(
        {
            "verdict": verdict,
            "checks": {"total": 3, "passed": 2, "failed": 1, "inconclusive": 0},
            "planDigest": plan_digest,
            "reportDigest": f"sha256:{'1' * 64}",
        }
    )


def a_refusal(reason: str, message: str = "as it is") -> str:
    return json.dumps({"reason": reason, "message": message})


def test_nothing_starts_before_the_plan_is_recorded() -> None:
    assert decide(a_run_seen(), NOW).do is Do.RECORD_PLAN


def test_a_run_without_its_policy_waits_and_names_it() -> None:
    # given
    problem = Problem("spec.policyRef.name", "there is no ValidationPolicy tabular in default")
    seen = a_run_seen(problems=(problem,), problem_reason=Reason.POLICY_NOT_FOUND)
    # when
    plan = decide(seen, NOW)
    # then
    assert (plan.do, plan.reason) == (Do.WAIT, Reason.POLICY_NOT_FOUND)
    assert "tabular" in plan.message


def test_a_recorded_plan_is_carried_out_though_its_policy_is_gone() -> None:
    seen = a_planned_run(policy=None, problems=(Problem("spec.policyRef.name", "is gone"),))
    assert decide(seen, NOW).do is Do.START_JOB


def test_a_plan_whose_inputs_are_gone_is_given_up() -> None:
    plan = decide(a_planned_run(changed="the plan names digests that are gone"), NOW)
    assert (plan.do, plan.reason) == (Do.GIVE_UP, Reason.PLAN_MISMATCH)


@pytest.mark.parametrize("phase", [RunPhase.SUCCEEDED, RunPhase.FAILED])
def test_what_has_ended_stays_as_it_is(phase: RunPhase) -> None:
    ended = a_planned_run()
    status = ended.status.model_copy(update={"phase": phase})
    assert decide(a_run_seen(status=status, job=a_job(failed=True)), NOW).do is Do.NOTHING


def test_a_job_of_somebody_else_is_not_taken_for_ours() -> None:
    plan = decide(a_planned_run(job=a_job(owner_uid="other", succeeded=True)), NOW)
    assert (plan.do, plan.reason) == (Do.WAIT, Reason.NAME_TAKEN)


def test_a_verdict_is_collected_as_soon_as_the_pod_has_ended() -> None:
    # given
    seen = a_planned_run()
    pod = a_run_pod(
        an_ended(0, last_words=words_of("Fail", seen.status.plan_digest)), phase="Succeeded"
    )
    # when
    plan = decide(a_planned_run(job=a_job(), pod=pod), NOW)
    # then
    assert plan.do is Do.COLLECT
    assert plan.summary is not None
    assert plan.summary.verdict is RunVerdict.FAIL


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", Reason.REPORT_LOST),
        ("not json", Reason.REPORT_LOST),
        ('{"verdict": "Maybe"}', Reason.REPORT_LOST),
        (words_of("Pass", f"sha256:{'f' * 64}"), Reason.PLAN_MISMATCH),
    ],
)
def test_a_pod_that_does_not_follow_the_plan_gives_no_verdict(words: str, reason: Reason) -> None:
    # given
    pod = a_run_pod(an_ended(0, last_words=words), phase="Succeeded")
    # when
    plan = decide(a_planned_run(job=a_job(succeeded=True), pod=pod), NOW, backoff_limit=0)
    # then
    assert (plan.do, plan.reason, plan.summary) == (Do.GIVE_UP, reason, None)


def failing(**job: Any) -> Any:
    return a_job(failed=True, **job)


@pytest.mark.parametrize(
    ("job", "pod", "reason"),
    [
        (failing(reason="DeadlineExceeded"), None, Reason.TIMED_OUT),
        (
            failing(reason="DeadlineExceeded"),
            a_run_pod(an_ended(143), phase="Failed"),
            Reason.TIMED_OUT,
        ),
        (failing(), a_run_pod(an_ended(137, reason="OOMKilled")), Reason.OUT_OF_MEMORY),
        (failing(), a_run_pod(phase="Failed", reason="Evicted"), Reason.EVICTED),
        (failing(), a_run_pod(disrupted="EvictionByEvictionAPI"), Reason.EVICTED),
        (failing(), None, Reason.POD_LOST),
        (a_job(), a_run_pod(an_ended(1, last_words="boom"), phase="Failed"), Reason.JOB_FAILED),
        (a_job(succeeded=True), None, Reason.REPORT_LOST),
        (
            a_job(),
            a_run_pod(an_ended(3, last_words=a_refusal("ArtifactUnavailable")), phase="Failed"),
            Reason.ARTIFACT_UNAVAILABLE,
        ),
    ],
)
def test_what_another_attempt_may_mend_is_tried_again(job: Any, pod: Any, reason: Reason) -> None:
    plan = decide(a_planned_run(job=job, pod=pod), NOW, backoff_limit=2)
    assert (plan.do, plan.reason, plan.wake_at) == (
        Do.RETRY,
        reason,
        NOW + timedelta(seconds=10),
    )


@pytest.mark.parametrize("reason", ["DataInvalid", "ModelUnusable", "DigestMismatch"])
def test_what_the_same_inputs_lead_to_again_is_not_tried_again(reason: str) -> None:
    # given
    words = a_refusal(reason, "candidate.csv: column age, row 7: 'x' is no number")
    pod = a_run_pod(an_ended(3, last_words=words), phase="Failed")
    # when
    plan = decide(a_planned_run(job=failing(), pod=pod), NOW, backoff_limit=5)
    # then
    assert (plan.do, plan.reason) == (Do.GIVE_UP, Reason(reason))
    assert "row 7" in plan.message


def test_a_reason_that_the_job_makes_up_is_not_believed() -> None:
    pod = a_run_pod(an_ended(1, last_words=a_refusal("RolloutComplete")), phase="Failed")
    plan = decide(a_planned_run(job=failing(), pod=pod), NOW, backoff_limit=1)
    assert plan.reason is Reason.JOB_FAILED


def test_the_last_attempt_ends_the_run_and_says_how_many_there_were() -> None:
    plan = decide(a_planned_run(attempt=3, job=failing()), NOW, backoff_limit=2)
    assert plan.do is Do.GIVE_UP
    assert "attempt 3 of 3" in plan.message


def test_waits_grow_to_five_minutes_and_no_further() -> None:
    waits = []
    for attempt in range(1, 9):
        plan = decide(a_planned_run(attempt=attempt, job=failing()), NOW, backoff_limit=10)
        assert plan.wake_at is not None
        waits.append((plan.wake_at - NOW).total_seconds())
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


def test_a_pod_on_its_way_out_is_not_judged_before_its_job_is() -> None:
    pod = a_run_pod(an_ended(143), phase="Failed", leaving=True)
    assert decide(a_planned_run(job=a_job(), pod=pod), NOW).do is Do.WAIT


def test_a_pod_that_cannot_start_says_why() -> None:
    pod = a_run_pod(phase="Pending", unschedulable="0/1 nodes are available: Insufficient memory")
    assert "Insufficient memory" in decide(a_planned_run(job=a_job(), pod=pod), NOW).message


def test_a_plan_of_another_release_ends_the_run_and_says_how_to_make_it_anew() -> None:
    plan = unreadable(PlanError("policy.checks[0].magic: is not a known field"))
    assert (plan.do, plan.reason) == (Do.GIVE_UP, Reason.PLAN_MISMATCH)
    assert "policy.checks[0].magic" in plan.message
    assert "Delete the run" in plan.message


def test_a_plan_that_does_not_fit_into_status_waits_for_another_policy() -> None:
    plan = too_long(70_000)
    assert (plan.do, plan.reason) == (Do.WAIT, Reason.POLICY_NOT_ACCEPTED)
    assert "70000 characters, more than 65536" in plan.message
