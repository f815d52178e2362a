"""Whether a version may take traffic, by what its ValidationRun says. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from headgate.core.conditions import Fact, Truth
from headgate.core.reasons import Reason
from headgate.core.resource import Condition
from headgate.modelversion.status_types import Approval, VersionPhase

VALIDATED = "Validated"


class RunState(StrEnum):
    """A run's phase and verdict in one word; the words of the API where it has them."""

    PENDING = "Pending"
    RUNNING = "Running"
    PASS = "Pass"  # noqa: S105
    FAIL = "Fail"
    INCONCLUSIVE = "Inconclusive"
    FAILED = "Failed"


@dataclass(frozen=True, kw_only=True)
class RunSeen:
    """The run that was made for a version."""

    name: str
    state: RunState
    message: str = ""
    on_inconclusive: str = "Block"
    approval: Approval | None = None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What the gate says, and whether a run has to be made for it to say more."""

    phase: VersionPhase
    fact: Fact
    run: str | None = None
    needs_run: bool = False


def decide_gate(
    policy: str | None, run: RunSeen | None, recorded: str | None, previous: Condition | None
) -> Gate:
    """Return whether a version may take traffic.

    `recorded` is the run that status names. Once open, the gate stays so: the version is
    immutable, and a run that is deleted later was evidence all the same.
    """
    if policy is None:
        return _gate(VersionPhase.VALIDATED, "True", Reason.NO_POLICY, "no policy asks for more")
    if previous is not None and previous.status == "True" and recorded is not None:
        fact = Fact(
            type=VALIDATED,
            status="True",
            reason=Reason(previous.reason) if previous.reason in Reason else Reason.POLICY_PASSED,
            message=previous.message,
        )
        return Gate(phase=VersionPhase.VALIDATED, fact=fact, run=recorded)
    if run is None:
        message = f"a run of policy {policy} is about to be made"
        gate = _gate(VersionPhase.PENDING, "Unknown", Reason.VALIDATING, message)
        return Gate(phase=gate.phase, fact=gate.fact, needs_run=True)
    gate = _of_run(policy, run)
    return Gate(phase=gate.phase, fact=gate.fact, run=run.name)


def _of_run(policy: str, run: RunSeen) -> Gate:
    told = f"{run.name}: {run.message}" if run.message else run.name
    match run.state:
        case RunState.PENDING:
            return _gate(VersionPhase.PENDING, "Unknown", Reason.VALIDATING, told)
        case RunState.RUNNING:
            return _gate(VersionPhase.VALIDATING, "Unknown", Reason.VALIDATING, told)
        case RunState.PASS:
            return _gate(VersionPhase.VALIDATED, "True", Reason.POLICY_PASSED, told)
        case RunState.FAIL:
            return _gate(VersionPhase.REJECTED, "False", Reason.POLICY_FAILED, told)
        case RunState.FAILED:
            message = f"{told}. Mend that and delete ValidationRun {run.name}: it is made anew"
            return _gate(VersionPhase.PENDING, "False", Reason.VALIDATION_COULD_NOT_RUN, message)
        case RunState.INCONCLUSIVE:
            return _inconclusive(policy, run, told)


def _inconclusive(policy: str, run: RunSeen, told: str) -> Gate:
    if run.on_inconclusive == "Allow":
        message = f"{told}. Policy {policy} allows that"
        return _gate(VersionPhase.VALIDATED, "True", Reason.INCONCLUSIVE_ALLOWED, message)
    if run.on_inconclusive == "Approval":
        if run.approval is not None:
            why = f": {run.approval.why}" if run.approval.why else ""
            message = f"{told}. Approved by {run.approval.by}{why}"
            return _gate(VersionPhase.VALIDATED, "True", Reason.APPROVED, message)
        message = f"{told}. Waits for: kubectl headgate approve {run.name} --by NAME"
        return _gate(VersionPhase.AWAITING_APPROVAL, "Unknown", Reason.AWAITING_APPROVAL, message)
    message = f"{told}. Policy {policy} blocks what could not be decided"
    return _gate(VersionPhase.REJECTED, "False", Reason.TOO_LITTLE_DATA, message)


def _gate(phase: VersionPhase, status: Truth, reason: Reason, message: str) -> Gate:
    fact = Fact(type=VALIDATED, status=status, reason=reason, message=message)
    return Gate(phase=phase, fact=fact)
