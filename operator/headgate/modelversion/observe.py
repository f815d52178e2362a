"""From caches to one frozen VersionObserved."""

from headgate.core.names import instance_name, label_value
from headgate.core.reasons import Reason
from headgate.model.caches import Caches
from headgate.model.decide.health import told_by
from headgate.model.observe import version_seen
from headgate.model.observed import PodSeen
from headgate.model.status_types import ModelStatus
from headgate.modelversion.gate import VALIDATED, RunSeen, RunState
from headgate.modelversion.observed import VersionObserved
from headgate.modelversion.records import VersionRecord
from headgate.modelversion.schedule import OwnRun, ScheduleSeen
from headgate.modelversion.status_types import Approval
from headgate.validation.caches import ValidationCaches
from headgate.validation.plan import on_inconclusive_in
from headgate.validation.records import RunRecord
from headgate.validation.run_types import RunPhase, Trigger, ValidationRunStatus


def observe(record: VersionRecord, caches: Caches, validation: ValidationCaches) -> VersionObserved:
    """Return what is known of a ModelVersion now."""
    version = version_seen(record.namespace, record.name, caches)
    model = caches.models.get(record.namespace, record.model)
    status = model.status() if model is not None else None
    shares = {entry.name: entry.share for entry in status.versions} if status else {}
    rejections = {entry.name: entry for entry in status.rejected} if status else {}
    rejection = rejections.get(record.name)
    pods = _pods(record, caches)
    return VersionObserved(
        name=record.name,
        generation=record.generation,
        spec=version.spec,
        problems=version.problems,
        waits_for=tuple(
            f"{needed.name}: {needed.detail}"
            for needed in version.dependencies
            if not needed.serving
        ),
        weight=shares.get(record.name, 0),
        ready_pods=sum(pod.ready and not pod.leaving for pod in pods),
        pods=sum(not pod.leaving for pod in pods),
        fetched=any(_has_fetched(pod) for pod in pods),
        digest_mismatch=next((text for pod in pods if (text := _mismatch(pod))), ""),
        run=_run(record, validation),
        schedule=_schedule(record, status, validation),
        approval=record.status().approval,
        recorded_run=record.status().validation_run,
        rejected=f"rejected ({rejection.reason}): {rejection.message}" if rejection else "",
    )


def run_name(record: VersionRecord) -> str:
    """Return the name of the run that is made for a version: any pass computes it again."""
    return instance_name(record.name, record.uid)


def _run(record: VersionRecord, validation: ValidationCaches) -> RunSeen | None:
    """Return the run that was made for this very version; one of another owner is none."""
    run = validation.runs.get(record.namespace, run_name(record))
    if run is None or run.owner_uid != record.uid:
        return None
    status = run.status()
    return RunSeen(
        name=run.name,
        state=_state(status),
        message=status.message,
        on_inconclusive=on_inconclusive_in(status.plan),
        approval=_approval(run.name, status),
    )


def _approval(run: str, status: ValidationRunStatus) -> Approval | None:
    """Return what the version keeps of its run's approval."""
    given = status.approval
    if given is None:
        return None
    return Approval(run=run, by=given.by, at=given.at, why=given.why, report=given.report)


def next_run_name(record: VersionRecord, follows: str) -> str:
    """Return the name of the scheduled run that follows another: any pass computes it again."""
    return instance_name(record.name, f"{record.uid}/{follows}")


def _schedule(
    record: VersionRecord, model: ModelStatus | None, validation: ValidationCaches
) -> ScheduleSeen:
    if not record.policy:
        return ScheduleSeen()
    policy = validation.policies.get(record.namespace, record.policy)
    spec, problems = policy.spec() if policy is not None else (None, ())
    schedule = spec.schedule if spec is not None and not problems else None
    weights = {entry.name: entry.weight for entry in model.versions} if model is not None else {}
    is_stable = model is not None and model.stable_version == record.name
    gate = next((each for each in record.status().conditions if each.type == VALIDATED), None)
    return ScheduleSeen(
        every=schedule.every if schedule is not None else None,
        serving=is_stable and weights.get(record.name, 0) > 0,
        validated_at=gate.last_transition_time if gate and gate.status == "True" else None,
        runs=tuple(
            _own_run(run)
            for run in validation.runs_of(record.namespace, record.name)
            if run.owner_uid == record.uid and run.trigger != Trigger.MANUAL and not run.leaving
        ),
    )


def _own_run(run: RunRecord) -> OwnRun:
    status = run.status()
    return OwnRun(
        name=run.name,
        uid=run.uid,
        scheduled=run.trigger == Trigger.SCHEDULE,
        state=_state(status),
        finished_at=status.finished_at,
        message=status.message,
    )


def _state(status: ValidationRunStatus) -> RunState:
    if status.phase is RunPhase.SUCCEEDED and status.verdict is not None:
        return RunState(status.verdict.value)
    if status.phase in {RunPhase.FAILED, RunPhase.RUNNING}:
        return RunState(status.phase.value)
    return RunState.PENDING


def _pods(record: VersionRecord, caches: Caches) -> tuple[PodSeen, ...]:
    key = (record.namespace, label_value(record.model))
    label = label_value(record.name)
    return tuple(pod.seen for pod in caches.pods.by_index(key) if pod.child.version == label)


def _has_fetched(pod: PodSeen) -> bool:
    """Return whether the init container has ended well: it checks the digest first."""
    return any(c.init and c.name == "fetch" and c.exit_code == 0 for c in pod.containers)


def _mismatch(pod: PodSeen) -> str:
    for container in pod.containers:
        told = told_by(container)
        if told is not None and told.reason is Reason.DIGEST_MISMATCH:
            return told.message
    return ""
