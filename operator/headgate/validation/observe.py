"""From caches to one frozen RunObserved."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from headgate.core.names import label_value
from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.caches import Caches
from headgate.model.observe import version_seen
from headgate.modelversion.types import ModelVersionSpec
from headgate.validation.accept import version_problems
from headgate.validation.build import inputs_of, job_name
from headgate.validation.caches import ValidationCaches
from headgate.validation.observed import JobSeen, RunObserved, RunPod
from headgate.validation.plan import INPUTS
from headgate.validation.policy_types import ValidationPolicySpec
from headgate.validation.records import RunRecord
from headgate.validation.run_types import ValidationRunStatus


def observe(
    record: RunRecord,
    caches: Caches,
    validation: ValidationCaches,
    *,
    image: str,
    versions: Mapping[str, str],
) -> RunObserved:
    """Return what is known of a run now. ValidationError when its status cannot be read."""
    spec, problems = record.spec()
    status = record.status()
    version = version_seen(record.namespace, record.version, caches)
    policy = validation.policies.get(record.namespace, record.policy)
    policy_spec, policy_problems = policy.spec() if policy is not None else (None, ())
    stable = _compared_with(record, version.spec, policy_spec, caches, status)
    stable_spec = version_seen(record.namespace, stable, caches).spec if stable else None
    comparable = _can_be_asked(stable_spec)
    found = (
        *((Reason.SPEC_INVALID, problem) for problem in problems),
        *_version_problems(record, version.spec, version.problems),
        *_policy_problems(record, policy is not None, policy_problems),
        *_fit(policy_spec, version.spec),
        *_stable_problems(None if comparable else stable, policy_spec),
    )
    jobs = {job.seen.name: job.seen for job in validation.jobs.by_index(_index_key(record))}
    job = jobs.get(job_name(record.name, status.attempt))
    seen = RunObserved(
        namespace=record.namespace,
        name=record.name,
        uid=record.uid,
        generation=record.generation,
        spec=spec,
        status=status,
        problems=tuple(problem for _, problem in found),
        problem_reason=found[0][0] if found else Reason.SPEC_INVALID,
        version=version.spec,
        policy=policy_spec,
        stable=stable if comparable else None,
        stable_spec=stable_spec if comparable else None,
        job=job,
        pod=_pod(record, validation, job) if job is not None else None,
        offer=record.offer,
        image=image,
        versions=versions,
    )
    return replace(seen, changed=_changed(seen))


def _changed(seen: RunObserved) -> str:
    """Return what the recorded plan names and the cluster no longer has."""
    if seen.status.plan is None:
        return ""
    if seen.version is None:
        return "the ModelVersion is gone, or was made anew with another spec"
    planned: dict[str, str] = json.loads(seen.status.plan)[INPUTS]
    present = inputs_of(seen)
    lost = sorted(name for name in planned if planned[name] != present.get(name))
    if not lost:
        return ""
    return (
        f"the plan names digests of {', '.join(lost)} that no object in the cluster has any more:"
        " delete the run to have it made anew"
    )


def _compared_with(
    record: RunRecord,
    version: ModelVersionSpec | None,
    policy: ValidationPolicySpec | None,
    caches: Caches,
    status: ValidationRunStatus,
) -> str | None:
    """Return the version to compare with: the plan's, or else the one that serves now."""
    name = status.stable_version
    if status.plan is None and version is not None and policy is not None and _compares(policy):
        model = caches.models.get(record.namespace, version.model)
        name = model.status().stable_version if model is not None else None
    return None if name == record.version else name


def _can_be_asked(spec: ModelVersionSpec | None) -> bool:
    return spec is not None and spec.runtime.builtin is not None and spec.artifact is not None


def _stable_problems(
    silent: str | None, policy: ValidationPolicySpec | None
) -> Iterator[tuple[Reason, Problem]]:
    """Yield why a stable version that cannot be asked is not compared with: that is no Pass."""
    if silent is None or policy is None:
        return
    text = (
        f"{_compares(policy)} compares with the stable version {silent}, which a run cannot ask: it"
        " needs runtime.builtin and an artifact, and must not be on its way out. Leave"
        " nonInferiorTo and superiorTo out of the policy until another version is stable"
    )
    yield Reason.VERSION_UNFIT, Problem("spec.policyRef.name", text)


def _compares(policy: ValidationPolicySpec) -> str:
    """Return where the policy compares with the stable version; empty where it does not."""
    for index, check in enumerate(policy.checks):
        if check.compares:
            return f"spec.checks[{index}].performance"
    return ""


def _version_problems(
    record: RunRecord, spec: ModelVersionSpec | None, problems: tuple[Problem, ...]
) -> Iterator[tuple[Reason, Problem]]:
    path = "spec.versionRef.name"
    if problems:
        text = f"ModelVersion {record.version} is not accepted: {problems[0]}"
        yield Reason.VERSION_NOT_ACCEPTED, Problem(path, text)
    elif spec is None:
        text = f"there is no ModelVersion {record.version} in {record.namespace}"
        yield Reason.VERSION_NOT_FOUND, Problem(path, text)


def _policy_problems(
    record: RunRecord, there: bool, problems: tuple[Problem, ...]
) -> Iterator[tuple[Reason, Problem]]:
    path = "spec.policyRef.name"
    if not there:
        text = f"there is no ValidationPolicy {record.policy} in {record.namespace}: create it"
        yield Reason.POLICY_NOT_FOUND, Problem(path, text)
    elif problems:
        text = f"ValidationPolicy {record.policy} is not accepted: {problems[0]}"
        yield Reason.POLICY_NOT_ACCEPTED, Problem(path, text)


def _fit(
    policy: ValidationPolicySpec | None, version: ModelVersionSpec | None
) -> Iterator[tuple[Reason, Problem]]:
    if policy is None or version is None:
        return
    for problem in version_problems(policy, version):
        text = f"{problem.path}: {problem.message}"
        yield Reason.VERSION_UNFIT, Problem("spec.versionRef.name", text)


def _pod(record: RunRecord, validation: ValidationCaches, job: JobSeen) -> RunPod | None:
    """Return the Job's newest pod; one of a Job of that name that was deleted is none."""
    pods = [
        pod.seen
        for pod in validation.pods.by_index(_index_key(record))
        if pod.seen.job == job.name and pod.seen.job_uid in {"", job.uid}
    ]
    return max(pods, key=lambda pod: (pod.created_at, pod.name), default=None)


def _index_key(record: RunRecord) -> tuple[str, str]:
    return (record.namespace, label_value(record.name))
