"""What is kept of a run's Jobs and pods on arrival."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.core import labels
from headgate.core.conditions import printable
from headgate.validation.observed import JobSeen, RunContainer, RunPod

type Raw = Mapping[str, Any]
MAX_TEXT = 600
MAX_LAST_WORDS = 4096  # what the kubelet keeps
JOB_LABEL = "batch.kubernetes.io/job-name"
JOB_UID_LABEL = "batch.kubernetes.io/controller-uid"


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRecord:
    """A Job and the run that it is labelled for."""

    namespace: str
    run_label: str
    seen: JobSeen


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPodRecord:
    """A pod of such a Job."""

    namespace: str
    run_label: str
    seen: RunPod


def project_job(raw: Raw) -> JobRecord:
    """Return what is kept of a Job."""
    meta, status = raw["metadata"], raw.get("status", {})
    conditions = {
        entry.get("type"): entry
        for entry in status.get("conditions") or []
        if entry.get("status") == "True"
    }
    failed = conditions.get("Failed") or conditions.get("FailureTarget") or {}
    owner: Raw = next((ref for ref in meta.get("ownerReferences", []) if ref.get("controller")), {})
    seen = JobSeen(
        name=meta["name"],
        uid=meta["uid"],
        owner_uid=str(owner.get("uid", "")),
        created_at=str(meta.get("creationTimestamp", "")),
        succeeded="Complete" in conditions,
        failed=bool(failed),
        reason=str(failed.get("reason", "")),
        message=printable(str(failed.get("message", "")))[:MAX_TEXT],
    )
    return JobRecord(namespace=meta["namespace"], run_label=_run_label(meta), seen=seen)


def project_run_pod(raw: Raw) -> RunPodRecord:
    """Return what is kept of a pod."""
    meta, status = raw["metadata"], raw.get("status", {})
    conditions = {entry.get("type"): entry for entry in status.get("conditions") or []}
    scheduled = conditions.get("PodScheduled", {})
    unschedulable = scheduled.get("message", "") if scheduled.get("status") == "False" else ""
    disrupted = conditions.get("DisruptionTarget", {})
    if disrupted.get("status") != "True":
        disrupted = {}
    marks = meta.get("labels") or {}
    containers = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    seen = RunPod(
        name=meta["name"],
        uid=meta["uid"],
        job=str(marks.get(JOB_LABEL, "")),
        job_uid=str(marks.get(JOB_UID_LABEL, "")),
        node=str((raw.get("spec") or {}).get("nodeName", "")),
        phase=str(status.get("phase", "")),
        reason=str(status.get("reason", "")),
        message=printable(str(status.get("message", "")))[:MAX_TEXT],
        unschedulable=printable(str(unschedulable))[:MAX_TEXT],
        leaving="deletionTimestamp" in meta,
        disrupted=str(disrupted.get("reason", "")),
        disruption=printable(str(disrupted.get("message", "")))[:MAX_TEXT],
        created_at=str(meta.get("creationTimestamp", "")),
        containers=tuple(_container(entry) for entry in containers),
    )
    return RunPodRecord(namespace=meta["namespace"], run_label=_run_label(meta), seen=seen)


def by_run(record: JobRecord | RunPodRecord) -> Iterable[Hashable]:
    """Return the index key: the namespace and the run's label value."""
    return ((record.namespace, record.run_label),)


def _run_label(meta: Raw) -> str:
    return str((meta.get("labels") or {}).get(labels.RUN, ""))


def _container(entry: Raw) -> RunContainer:
    state = entry.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    return RunContainer(
        name=str(entry.get("name", "")),
        image=str(entry.get("image", "")),
        started=bool(state.get("running") or ended),
        waiting=str(waiting.get("reason", "")),
        waiting_message=printable(str(waiting.get("message", "")))[:MAX_TEXT],
        exit_code=ended.get("exitCode"),
        reason=str(ended.get("reason", "")),
        last_words=str(ended.get("message", ""))[-MAX_LAST_WORDS:],
        image_id=str(entry.get("imageID", "")),
    )
