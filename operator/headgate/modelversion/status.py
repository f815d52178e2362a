"""The status of a ModelVersion, from what was seen. Pure."""

from datetime import datetime

from headgate.core.conditions import Fact, merge_conditions, shorten, truth
from headgate.core.reasons import Reason
from headgate.core.resource import Condition
from headgate.modelversion.gate import VALIDATED, Gate, decide_gate
from headgate.modelversion.observed import VersionObserved
from headgate.modelversion.schedule import last_scheduled, revalidation_of, still_valid
from headgate.modelversion.status_types import (
    Approval,
    ModelVersionStatus,
    Serving,
    VersionPhase,
)


def status_of(
    seen: VersionObserved, previous: tuple[Condition, ...], now: datetime
) -> ModelVersionStatus:
    """Return the status: acceptance, the artifact's digest, and what it serves."""
    artifact = _artifact(seen, previous)
    mismatch = artifact.message if artifact.reason is Reason.DIGEST_MISMATCH else ""
    gate = gate_of(seen, previous)
    verified = artifact.reason is Reason.DIGEST_MATCHES
    digest = seen.spec.artifact.sha256 if verified and seen.spec and seen.spec.artifact else None
    scheduled = last_scheduled(seen.schedule)
    again = (still_valid(scheduled),) if scheduled is not None else ()
    facts = (_accepted(seen), artifact, gate.fact, _servable(seen), *again)
    return ModelVersionStatus(
        observed_generation=seen.generation,
        phase=_phase(seen, mismatch, gate),
        message=shorten(_message(seen, mismatch, gate)),
        artifact_digest=f"sha256:{digest}" if digest is not None else None,
        validation_run=gate.run,
        approval=seen.approval or _given(seen, gate),
        revalidation=revalidation_of(scheduled),
        serving=Serving(weight=seen.weight, ready_replicas=seen.ready_pods),
        conditions=merge_conditions(previous, facts, generation=seen.generation, now=now),
    )


def _given(seen: VersionObserved, gate: Gate) -> Approval | None:
    """Return the approval that opens the gate, if one does."""
    if gate.fact.reason is not Reason.APPROVED or seen.run is None:
        return None
    return seen.run.approval


def gate_of(seen: VersionObserved, previous: tuple[Condition, ...]) -> Gate:
    """Return what validation says of the version; a spec that is refused is not validated."""
    if seen.problems:
        fact = Fact(type=VALIDATED, status="False", reason=Reason.SPEC_INVALID)
        return Gate(phase=VersionPhase.REJECTED, fact=fact, run=seen.recorded_run)
    validation = seen.spec.validation if seen.spec is not None else None
    policy = validation.policy_ref.name if validation is not None else None
    before = next((entry for entry in previous if entry.type == VALIDATED), None)
    return decide_gate(policy, seen.run, seen.recorded_run, before)


def _phase(seen: VersionObserved, mismatch: str, gate: Gate) -> VersionPhase:
    if mismatch or seen.rejected:
        return VersionPhase.REJECTED
    if gate.phase is VersionPhase.VALIDATED and seen.waits_for:
        return VersionPhase.PENDING
    return gate.phase


def _message(seen: VersionObserved, mismatch: str, gate: Gate) -> str:
    if seen.problems:
        return "; ".join(str(problem) for problem in seen.problems[:5])
    if mismatch or seen.rejected:
        return mismatch or seen.rejected
    if gate.phase is not VersionPhase.VALIDATED:
        return gate.fact.message
    if seen.waits_for:
        return f"waits for {'; '.join(seen.waits_for)}"
    if seen.weight:
        return f"serves {seen.weight}% with {seen.ready_pods} pods ready"
    return "takes no traffic"


def _accepted(seen: VersionObserved) -> Fact:
    if not seen.problems:
        return Fact(type="Accepted", status="True", reason=Reason.SPEC_ACCEPTED)
    message = "; ".join(str(problem) for problem in seen.problems[:5])
    cycle = any("cycle" in problem.message for problem in seen.problems)
    taken = any(problem.path == "spec.version" for problem in seen.problems)
    reason = Reason.SPEC_INVALID
    if cycle:
        reason = Reason.DEPENDENCY_CYCLE
    elif taken:
        reason = Reason.DUPLICATE_VERSION
    return Fact(type="Accepted", status="False", reason=reason, message=message)


def _artifact(seen: VersionObserved, previous: tuple[Condition, ...]) -> Fact:
    """Return whether the artifact was seen to match: once verified it stays so, it is immutable."""
    kind = "ArtifactVerified"
    if seen.spec is not None and seen.spec.artifact is None:
        message = "the image holds the model"
        return Fact(type=kind, status="True", reason=Reason.NO_ARTIFACT, message=message)
    before = next((entry for entry in previous if entry.type == kind), None)
    if seen.fetched or (before is not None and before.status == "True"):
        return Fact(type=kind, status="True", reason=Reason.DIGEST_MATCHES)
    mismatch = seen.digest_mismatch
    if not mismatch and before is not None and before.reason == Reason.DIGEST_MISMATCH:
        mismatch = before.message  # the pod that found it is gone, the artifact is as it was
    if mismatch:
        reason = Reason.DIGEST_MISMATCH
        return Fact(type=kind, status="False", reason=reason, message=mismatch)
    return Fact(
        type=kind,
        status="Unknown",
        reason=Reason.NOT_TRIED_YET,
        message="no pod has fetched the artifact yet",
    )


def _servable(seen: VersionObserved) -> Fact:
    if seen.pods == 0:
        return Fact(type="Servable", status="Unknown", reason=Reason.NOT_TRIED_YET)
    ready = seen.ready_pods > 0
    return Fact(
        type="Servable",
        status=truth(ready),
        reason=Reason.SERVER_READY if ready else Reason.SERVER_NOT_READY,
        message=f"{seen.ready_pods} of {seen.pods} pods ready",
    )
