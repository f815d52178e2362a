"""decide(): what to do about a ValidationRun, from what was seen of it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from headgate.core.reasons import Reason
from headgate.validation.approval import refusal_to
from headgate.validation.failures import CONTAINER, AttemptFailure, attempt_failure
from headgate.validation.observed import RunObserved, RunPod
from headgate.validation.plan import PlanError
from headgate.validation.run_types import MAX_PLAN, RunPhase
from headgate.validation.summary import Summary, read_last_words
from headgate.validation.waiting import look_again, waiting_for

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)
ENDED = frozenset({RunPhase.SUCCEEDED, RunPhase.FAILED})


class Do(Enum):
    """What comes next."""

    NOTHING = auto()
    WAIT = auto()
    RECORD_PLAN = auto()
    START_JOB = auto()
    COLLECT = auto()
    RETRY = auto()
    GIVE_UP = auto()
    APPROVE = auto()
    REFUSE_APPROVAL = auto()


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """What comes next, and why."""

    do: Do
    reason: Reason = Reason.JOB_RUNNING
    message: str = ""
    pod: RunPod | None = None
    summary: Summary | None = None
    wake_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A create that the API server forbids."""

    what: str
    reason: Reason
    message: str
    remedy: str


def decide(seen: RunObserved, now: datetime, *, backoff_limit: int = 0) -> RunPlan:
    """Return the next step. `backoff_limit` is the recorded policy's."""
    status = seen.status
    if status.phase in ENDED:
        return _after_end(seen)
    if status.plan is None:
        return _beginning(seen)
    if seen.changed:
        return RunPlan(do=Do.GIVE_UP, reason=Reason.PLAN_MISMATCH, message=seen.changed)
    if status.next_attempt_at is not None and now < status.next_attempt_at:
        message = status.last_failure.message if status.last_failure is not None else ""
        return RunPlan(
            do=Do.WAIT,
            reason=Reason.WAITING_TO_RETRY,
            message=message,
            wake_at=status.next_attempt_at,
        )
    if seen.job is None:
        return RunPlan(do=Do.START_JOB)
    if seen.job.owner_uid != seen.uid:
        message = f"a Job {seen.job.name} that is not this run's is in the way: delete it"
        return RunPlan(do=Do.WAIT, reason=Reason.NAME_TAKEN, message=message)
    return _of_attempt(seen, now, backoff_limit)


def after_failure(
    seen: RunObserved, failure: AttemptFailure, now: datetime, *, backoff_limit: int
) -> RunPlan:
    """Return what a failed attempt leads to: another one after a while, or the end."""
    attempt = seen.status.attempt
    if failure.final or attempt > backoff_limit:
        tries = "" if attempt <= 1 else f" (attempt {attempt} of {backoff_limit + 1})"
        return RunPlan(do=Do.GIVE_UP, reason=failure.reason, message=f"{failure.message}{tries}")
    wait: timedelta = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
    return RunPlan(do=Do.RETRY, reason=failure.reason, message=failure.message, wake_at=now + wait)


def after_refusal(
    seen: RunObserved,
    refusal: Refused,
    now: datetime,
    *,
    timeout: timedelta,
    backoff_limit: int,
) -> RunPlan:
    """Return what a create that the API server forbids leads to: another try after a while.

    Whatever forbids it, as a quota, may be lifted, and then the attempt goes on. It ends, as one
    whose pod is refused does, when its timeout is over.
    """
    begun = seen.status.next_attempt_at or seen.status.started_at or now
    message = f"{refusal.what} is refused: {refusal.message}. {refusal.remedy}"
    if now - begun >= timeout:
        failure = AttemptFailure(reason=refusal.reason, message=message)
        return after_failure(seen, failure, now, backoff_limit=backoff_limit)
    wait = min(max((now - begun) / 2, FIRST_WAIT), LONGEST_WAIT)
    return RunPlan(do=Do.WAIT, reason=refusal.reason, message=message, wake_at=now + wait)


def _after_end(seen: RunObserved) -> RunPlan:
    """Answer an approval that is offered; nothing else changes a run that has ended."""
    offer = seen.offer
    if offer is None or seen.status.approval is not None:
        return RunPlan(do=Do.NOTHING)
    refusal = refusal_to(seen, offer)
    if refusal is not None:
        return RunPlan(do=Do.REFUSE_APPROVAL, reason=Reason.APPROVAL_REFUSED, message=refusal)
    return RunPlan(do=Do.APPROVE, reason=Reason.APPROVED, message=f"approved by {offer.by}")


def unreadable(error: PlanError) -> RunPlan:
    """Return what a recorded plan leads to that this release cannot read: it wrote none such."""
    message = f"the recorded plan is of another release: {error}. Delete the run: it is made anew"
    return RunPlan(do=Do.GIVE_UP, reason=Reason.PLAN_MISMATCH, message=message)


def too_long(size: int) -> RunPlan:
    """Return what a policy leads to whose plan does not fit into status: it has to change."""
    message = (
        f"the plan has {size} characters, more than {MAX_PLAN}: name fewer columns in spec.checks"
        " of the policy, or columns: all"
    )
    return RunPlan(do=Do.WAIT, reason=Reason.POLICY_NOT_ACCEPTED, message=message)


def _beginning(seen: RunObserved) -> RunPlan:
    """Fix the plan, or say what has to change first."""
    if not seen.problems:
        return RunPlan(do=Do.RECORD_PLAN, reason=Reason.PLAN_RECORDED)
    message = "; ".join(str(problem) for problem in seen.problems[:5])
    return RunPlan(do=Do.WAIT, reason=seen.problem_reason, message=message)


def _of_attempt(seen: RunObserved, now: datetime, backoff_limit: int) -> RunPlan:
    job, pod = seen.job, seen.pod
    if pod is not None and pod.phase == "Succeeded":
        return _verdict_of(seen, pod, now, backoff_limit)
    failure = attempt_failure(seen)
    if failure is None and job is not None and job.succeeded:
        failure = AttemptFailure(
            reason=Reason.REPORT_LOST,
            message="the Job is complete, but its pod and with it the report are gone",
        )
    if failure is not None:
        return after_failure(seen, failure, now, backoff_limit=backoff_limit)
    waiting = waiting_for(seen)
    return RunPlan(
        do=Do.WAIT,
        reason=waiting.reason,
        message=waiting.message,
        wake_at=look_again(seen, now),
    )


def _verdict_of(seen: RunObserved, pod: RunPod, now: datetime, backoff_limit: int) -> RunPlan:
    words = next((entry.last_words for entry in pod.containers if entry.name == CONTAINER), "")
    summary = read_last_words(words)
    if not isinstance(summary, Summary):
        failure = AttemptFailure(
            reason=Reason.REPORT_LOST, message=f"pod {pod.name} ended without a verdict"
        )
        return after_failure(seen, failure, now, backoff_limit=backoff_limit)
    if summary.plan_digest != seen.status.plan_digest:
        failure = AttemptFailure(
            reason=Reason.PLAN_MISMATCH,
            message=f"pod {pod.name} followed plan {summary.plan_digest}, which is not this run's",
        )
        return after_failure(seen, failure, now, backoff_limit=backoff_limit)
    return RunPlan(do=Do.COLLECT, reason=Reason.VERDICT_REACHED, pod=pod, summary=summary)
