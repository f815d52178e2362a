"""What a ModelVersion says of itself: accepted, verified, served, rejected."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from headgate.core.resource import Condition, Problem
from headgate.modelversion.gate import RunSeen, RunState
from headgate.modelversion.observed import VersionObserved
from headgate.modelversion.status import status_of
from headgate.modelversion.status_types import Approval, ModelVersionStatus, VersionPhase
from headgate.modelversion.types import ModelVersionSpec, PolicyRef, Validation

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHA = "a" * 64
MISMATCH = f"configmap://m: expected sha256 {SHA}, got {'b' * 64}"
SPEC = ModelVersionSpec.model_validate(
    {
        "model": "churn",
        "version": "1.0.0",
        "artifact": {"uri": "configmap://m", "sha256": SHA},
        "runtime": {"builtin": {"format": "sklearn"}},
    }
)
SEEN = VersionObserved(name="churn-v1", generation=1, spec=SPEC)


BY_ADA = Approval(run="churn-v1-run", by="Ada", at=NOW, report=f"sha256:{'1' * 64}")
APPROVED = RunSeen(
    name="churn-v1-run",
    state=RunState.INCONCLUSIVE,
    on_inconclusive="Approval",
    approval=BY_ADA,
)
UNDECIDED = replace(
    SEEN,
    spec=SPEC.model_copy(
        update={"validation": Validation(policy_ref=PolicyRef(name="tabular"), data={})}
    ),
    run=APPROVED,
)


def condition(status: ModelVersionStatus, kind: str) -> Condition:
    return next(entry for entry in status.conditions if entry.type == kind)


def test_a_version_that_was_never_tried_does_not_know_of_its_artifact() -> None:
    status = status_of(SEEN, (), NOW)
    assert status.phase is VersionPhase.VALIDATED
    assert condition(status, "ArtifactVerified").status == "Unknown"
    assert status.artifact_digest is None


def test_a_fetched_artifact_stays_verified_when_its_pods_are_gone() -> None:
    # given
    first = status_of(replace(SEEN, fetched=True, pods=1, ready_pods=1, weight=100), (), NOW)
    # when
    later = status_of(SEEN, first.conditions, NOW + timedelta(hours=1))
    # then
    assert first.artifact_digest == later.artifact_digest == f"sha256:{SHA}"
    assert condition(later, "ArtifactVerified") == condition(first, "ArtifactVerified")


def test_a_wrong_digest_is_remembered_when_the_pod_that_found_it_is_gone() -> None:
    # given
    first = status_of(replace(SEEN, digest_mismatch=MISMATCH, pods=1), (), NOW)
    # when
    later = status_of(SEEN, first.conditions, NOW + timedelta(hours=1))
    # then
    assert first.phase is later.phase is VersionPhase.REJECTED
    assert later.message == MISMATCH
    assert condition(later, "ArtifactVerified").reason == "DigestMismatch"


def test_a_wrong_digest_is_forgiven_once_the_right_bytes_were_fetched() -> None:
    first = status_of(replace(SEEN, digest_mismatch=MISMATCH, pods=1), (), NOW)
    later = status_of(replace(SEEN, fetched=True, pods=1), first.conditions, NOW)
    assert later.phase is VersionPhase.VALIDATED
    assert condition(later, "ArtifactVerified").status == "True"


def test_a_version_that_its_model_rejected_is_rejected_and_says_why() -> None:
    status = status_of(replace(SEEN, rejected="rejected (CrashLooping): exited 3 times"), (), NOW)
    assert status.phase is VersionPhase.REJECTED
    assert status.message == "rejected (CrashLooping): exited 3 times"


def test_a_version_that_waits_for_another_is_pending_and_names_it() -> None:
    status = status_of(replace(SEEN, waits_for=("features-v2: no ready pod",)), (), NOW)
    assert status.phase is VersionPhase.PENDING
    assert status.message == "waits for features-v2: no ready pod"


def test_problems_come_first_and_name_the_field() -> None:
    problem = Problem("spec.dependsOn", "is a cycle: a -> b -> a")
    status = status_of(replace(SEEN, problems=(problem,), rejected="rejected"), (), NOW)
    assert status.phase is VersionPhase.REJECTED
    assert status.message == str(problem)
    assert condition(status, "Accepted").reason == "DependencyCycle"


def test_an_approval_stays_with_the_version_when_its_run_is_deleted() -> None:
    # given
    first = status_of(UNDECIDED, (), NOW)
    assert (first.phase, first.approval) == (VersionPhase.VALIDATED, BY_ADA)
    # when
    gone = replace(UNDECIDED, run=None, recorded_run="churn-v1-run", approval=first.approval)
    later = status_of(gone, first.conditions, NOW + timedelta(days=9))
    # then
    assert (later.phase, later.approval) == (VersionPhase.VALIDATED, BY_ADA)


def test_an_approval_that_opened_nothing_is_not_the_version_s() -> None:
    passed = replace(UNDECIDED, run=replace(APPROVED, state=RunState.PASS))
    assert status_of(passed, (), NOW).approval is None
