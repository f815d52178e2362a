"""Whether an approval that somebody offers counts. Pure.

An approval names the report that it is about, by digest: one that was given before there was a
report, or for that of another run, cannot. What counted is recorded once and never changed.
"""

from datetime import datetime

from headgate.core.conditions import Fact
from headgate.core.reasons import Reason
from headgate.validation.observed import Offer, RunObserved
from headgate.validation.plan import on_inconclusive_in
from headgate.validation.run_types import (
    Approval,
    RunVerdict,
    Trigger,
    ValidationRunSpec,
    ValidationRunStatus,
)

APPROVED = "Approved"


def refusal_of(
    spec: ValidationRunSpec | None, status: ValidationRunStatus, *, name: str
) -> str | None:
    """Return why the run cannot be approved, whoever asks; None where it waits for that."""
    if status.verdict is None:
        said = status.phase or "not looked at yet"
        return f"ValidationRun {name} has no verdict to approve: it is {said}"
    if status.verdict is not RunVerdict.INCONCLUSIVE:
        return (
            f"ValidationRun {name} says {status.verdict}, and only Inconclusive is left to a person"
        )
    if spec is not None and spec.trigger is not Trigger.NEW_VERSION:
        return f"ValidationRun {name} has trigger {spec.trigger} and decides nothing"
    policy = on_inconclusive_in(status.plan)
    if policy != "Approval":
        return f"the policy of ValidationRun {name} says onInconclusive: {policy}, not Approval"
    return None


def refusal_to(seen: RunObserved, offer: Offer) -> str | None:
    """Return why an offer does not count, or None where it does."""
    refusal = refusal_of(seen.spec, seen.status, name=seen.name)
    if refusal is not None:
        return f"the approval by {offer.by} does not count: {refusal}"
    report = seen.status.report
    if report is None:
        return (
            f"the approval by {offer.by} does not count: ValidationRun {seen.name} has no report to"
            " approve. Delete the run: it is made anew"
        )
    if offer.report == report.digest:
        return None
    named = f"names {offer.report}" if offer.report else "names no report"
    return (
        f"the approval by {offer.by} does not count: it {named}, and the run's is {report.digest}."
        f" Read it, then: kubectl headgate approve {seen.name} --by NAME"
    )


def recorded(offer: Offer, now: datetime) -> Approval:
    """Return what status keeps of an offer that counts."""
    at = now.replace(microsecond=0)
    return Approval(by=offer.by, at=at, why=offer.why, report=offer.report)


def told(approval: Approval) -> str:
    """Return an approval in a sentence."""
    why = f": {approval.why}" if approval.why else ""
    return f"approved by {approval.by}{why}"


def approval_facts(seen: RunObserved, status: ValidationRunStatus) -> tuple[Fact, ...]:
    """Return the condition Approved, where there is something to say of one."""
    if status.approval is not None:
        message = told(status.approval)
        return (Fact(type=APPROVED, status="True", reason=Reason.APPROVED, message=message),)
    refusal = refusal_to(seen, seen.offer) if seen.offer is not None else None
    if refusal is not None:
        reason = Reason.APPROVAL_REFUSED
        return (Fact(type=APPROVED, status="False", reason=reason, message=refusal),)
    if refusal_of(seen.spec, status, name=seen.name) is not None:
        return ()
    message = f"waits for: kubectl headgate approve {seen.name} --by NAME"
    reason = Reason.AWAITING_APPROVAL
    return (Fact(type=APPROVED, status="Unknown", reason=reason, message=message),)
