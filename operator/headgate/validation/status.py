"""The status of a ValidationRun and of a ValidationPolicy, from what was seen. Pure."""

from dataclasses import dataclass
from datetime import datetime

from headgate.core.conditions import Fact, merge_conditions, shorten
from headgate.core.reasons import Reason
from headgate.core.resource import Condition, Problem
from headgate.validation.approval import APPROVED, approval_facts, recorded
from headgate.validation.decide import ENDED, Do, RunPlan
from headgate.validation.failures import CONTAINER
from headgate.validation.observed import RunObserved
from headgate.validation.policy_types import ValidationPolicyStatus
from headgate.validation.run_types import (
    MOST_ATTEMPTS,
    FailedAttempt,
    FailureEntry,
    LastFailure,
    Report,
    RunPhase,
    RunVerdict,
    ValidationRunStatus,
)
from headgate.validation.summary import Summary

HEADLINES = {
    RunVerdict.PASS: "{passed} of {total} checks passed",
    RunVerdict.FAIL: "{failed} of {total} checks failed",
    RunVerdict.INCONCLUSIVE: "{inconclusive} of {total} checks had too little data to decide",
}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is left of a Job that reached a verdict."""

    report: Report
    failures: tuple[FailureEntry, ...]


def planned(seen: RunObserved, plan: str, digest: str, now: datetime) -> ValidationRunStatus:
    """Return the status that fixes what is going to be tested, before any data is read."""
    status = _with(
        seen.status,
        phase=RunPhase.RUNNING,
        message="the plan is recorded",
        stable_version=seen.stable,
        plan=plan,
        plan_digest=digest,
        attempt=1,
        started_at=now.replace(microsecond=0),
    )
    return _finished(seen, status, Reason.PLAN_RECORDED, now)


def status_of(
    seen: RunObserved, plan: RunPlan, now: datetime, kept: Kept | None = None
) -> ValidationRunStatus:
    """Return the status after a step."""
    if seen.status.phase in ENDED:
        return _ended(seen, plan, now)
    if plan.do is Do.COLLECT and plan.summary is not None and kept is not None:
        return _finished(seen, _succeeded(seen, plan, plan.summary, kept, now), plan.reason, now)
    status = _with(seen.status, message=shorten(plan.message))
    if plan.do in {Do.RETRY, Do.GIVE_UP}:
        status = _failed(status, plan, now.replace(microsecond=0))
    if plan.do is Do.RETRY:
        status = _with(
            status, attempt=seen.status.attempt + 1, next_attempt_at=_whole(plan.wake_at)
        )
        # why this one failed is told as its own: the next one has not met it
        return _finished(seen, status, Reason.WAITING_TO_RETRY, now)
    if plan.do is Do.GIVE_UP:
        status = _with(
            status,
            phase=RunPhase.FAILED,
            next_attempt_at=None,
            finished_at=now.replace(microsecond=0),
        )
    elif plan.do is Do.START_JOB:
        status = _with(
            status, message=f"attempt {seen.status.attempt} starts", next_attempt_at=None
        )
    elif seen.status.phase is None:
        status = _with(status, phase=RunPhase.PENDING)
    return _finished(seen, status, plan.reason, now)


def _failed(status: ValidationRunStatus, plan: RunPlan, at: datetime) -> ValidationRunStatus:
    """Add an attempt that could not be carried out, and why."""
    reason = plan.reason.value
    entry = FailedAttempt(
        attempt=max(1, status.attempt), reason=reason, message=shorten(plan.message, 256), at=at
    )
    return _with(
        status,
        last_failure=LastFailure(reason=reason, message=shorten(plan.message), at=at),
        failed_attempts=(*status.failed_attempts, entry)[-MOST_ATTEMPTS:],
    )


def _ended(seen: RunObserved, plan: RunPlan, now: datetime) -> ValidationRunStatus:
    """Return the status of a run that has ended: an approval is all that can be new in it."""
    status = seen.status
    if plan.do is Do.APPROVE and seen.offer is not None:
        status = _with(status, approval=recorded(seen.offer, now))
    facts = approval_facts(seen, status)
    told = merge_conditions(status.conditions, facts, generation=seen.generation, now=now)
    kept = tuple(entry for entry in status.conditions if entry.type != APPROVED)
    return _with(status, conditions=kept + told)


def policy_status(
    generation: int, problems: tuple[Problem, ...], previous: tuple[Condition, ...], now: datetime
) -> ValidationPolicyStatus:
    """Return whether a policy can be used."""
    message = "; ".join(str(problem) for problem in problems[:5])
    fact = Fact(type="Accepted", status="True", reason=Reason.SPEC_ACCEPTED)
    if problems:
        fact = Fact(type="Accepted", status="False", reason=Reason.SPEC_INVALID, message=message)
    return ValidationPolicyStatus(
        observed_generation=generation,
        message=shorten(message),
        conditions=merge_conditions(previous, (fact,), generation=generation, now=now),
    )


def _succeeded(
    seen: RunObserved, plan: RunPlan, summary: Summary, kept: Kept, now: datetime
) -> ValidationRunStatus:
    containers = plan.pod.containers if plan.pod is not None else ()
    image = next((entry.image_id for entry in containers if entry.name == CONTAINER), "")
    return _with(
        seen.status,
        phase=RunPhase.SUCCEEDED,
        verdict=summary.verdict,
        message=headline(summary, kept.failures),
        checks=summary.checks,
        failures=kept.failures,
        image_id=image[:512] or None,
        next_attempt_at=None,
        last_failure=None,
        finished_at=now.replace(microsecond=0),
        report=kept.report,
    )


def headline(summary: Summary, failures: tuple[FailureEntry, ...]) -> str:
    """Return the verdict in a sentence, with the worst finding where there is one."""
    text = HEADLINES[summary.verdict].format(**summary.checks.model_dump())
    worst = next((entry for entry in failures if entry.message), None)
    if worst is None:
        return text
    where = f" in {worst.segment}" if worst.segment else ""
    return shorten(f"{text}; {worst.check} {worst.subject}{where}: {worst.message}")


def _finished(
    seen: RunObserved, status: ValidationRunStatus, reason: Reason, now: datetime
) -> ValidationRunStatus:
    """Add what every status carries: the generation and the conditions."""
    ended = approval_facts(seen, status) if status.phase in ENDED else ()
    facts = (_accepted(seen, status, reason), _complete(status, reason), *ended)
    conditions = merge_conditions(
        seen.status.conditions, facts, generation=seen.generation, now=now
    )
    return _with(status, observed_generation=seen.generation, conditions=conditions)


def _accepted(seen: RunObserved, status: ValidationRunStatus, reason: Reason) -> Fact:
    if seen.problems and status.plan is None:
        return Fact(type="Accepted", status="False", reason=reason, message=status.message)
    return Fact(type="Accepted", status="True", reason=Reason.SPEC_ACCEPTED)


def _complete(status: ValidationRunStatus, reason: Reason) -> Fact:
    kind = "Complete"
    if status.phase is RunPhase.SUCCEEDED:
        return Fact(type=kind, status="True", reason=Reason.VERDICT_REACHED, message=status.message)
    if status.phase is RunPhase.FAILED:
        return Fact(type=kind, status="False", reason=reason, message=status.message)
    return Fact(type=kind, status="Unknown", reason=reason, message=status.message)


def _whole(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment is not None else None


def _with(status: ValidationRunStatus, **changes: object) -> ValidationRunStatus:
    return status.model_copy(update=changes)
