"""Policies, runs and what is seen of them, with valid defaults: a test states what matters."""

from dataclasses import replace
from typing import Any

from headgate.validation.observed import JobSeen, RunContainer, RunObserved, RunPod
from headgate.validation.plan import canonical, plan_digest, plan_of
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.run_types import RunPhase, ValidationRunSpec, ValidationRunStatus
from tests.builders.resources import API_VERSION, SHA256, Manifest, a_version_spec

RUN = "churn-v3-0a1b2c3d4e"
RUN_UID = "uid-run"
JOB = f"{RUN}-1"
IMAGE = "docker.io/headgate/jobs:dev"
DATA = {
    name: {"uri": f"pvc://datasets/{name}.parquet", "sha256": SHA256}
    for name in ("reference", "candidate")
}
VALIDATION = {"policyRef": {"name": "tabular"}, "data": DATA}


def a_policy(name: str = "tabular", namespace: str = "default", **spec: Any) -> Manifest:
    """Return a ValidationPolicy as a user writes it. None leaves a field out."""
    valid: Manifest = {"checks": [{"drift": {}}]}
    return _an_object("ValidationPolicy", name, namespace, valid | spec)


def a_run(name: str = RUN, namespace: str = "default", **spec: Any) -> Manifest:
    """Return a ValidationRun as a user writes it."""
    valid = {"versionRef": {"name": "churn-v3"}, "policyRef": {"name": "tabular"}}
    return _an_object("ValidationRun", name, namespace, valid | spec)


def a_policy_spec(**spec: Any) -> ValidationPolicySpec:
    """Return a policy's spec, typed."""
    parsed = ValidationPolicySpec.parse(a_policy(**spec)["spec"])
    assert isinstance(parsed, ValidationPolicySpec), parsed
    return parsed


def a_run_seen(**changes: Any) -> RunObserved:
    """Return a run that nothing was done about yet."""
    spec = ValidationRunSpec.parse(a_run()["spec"])
    assert isinstance(spec, ValidationRunSpec)
    seen = RunObserved(
        namespace="default",
        name=RUN,
        uid=RUN_UID,
        generation=1,
        spec=spec,
        status=ValidationRunStatus(),
        version=a_version_spec(validation=VALIDATION),
        policy=a_policy_spec(),
        image=IMAGE,
    )
    return replace(seen, **changes)


def a_planned_run(*, attempt: int = 1, policy: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return a run whose plan is recorded, in its first attempt."""
    plan = plan_of(a_policy_spec(**(policy or {})), {"reference": "sha256:0"}, IMAGE, {})
    status = ValidationRunStatus(
        phase=RunPhase.RUNNING,
        plan=canonical(plan),
        plan_digest=plan_digest(plan),
        attempt=attempt,
    )
    return a_run_seen(status=status, **changes)


def a_job(**changes: Any) -> JobSeen:
    """Return a Job of the run that is at work."""
    return replace(JobSeen(name=JOB, uid="uid-job", owner_uid=RUN_UID), **changes)


def a_run_pod(*containers: RunContainer, **changes: Any) -> RunPod:
    """Return the Job's pod."""
    pod = RunPod(name=f"{JOB}-x7f2k", uid="uid-pod", job=JOB, phase="Running")
    return replace(pod, containers=containers, **changes)


def an_ended(exit_code: int = 1, name: str = "validate", **fields: Any) -> RunContainer:
    """Return a container that ended."""
    return RunContainer(name=name, exit_code=exit_code, **fields)


def _an_object(kind: str, name: str, namespace: str, spec: Manifest) -> Manifest:
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {field: value for field, value in spec.items() if value is not None},
    }
