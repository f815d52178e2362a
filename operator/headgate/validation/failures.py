"""Why an attempt could not be carried out, read off its Job and pod. Pure."""

from dataclasses import dataclass

from headgate.core.conditions import printable, shorten
from headgate.core.reasons import Reason
from headgate.validation.observed import JobSeen, RunContainer, RunPod
from headgate.validation.summary import Refusal, read_last_words

CONTAINER = "validate"
FINAL = frozenset(
    {
        Reason.DATA_INVALID,
        Reason.POLICY_INVALID,
        Reason.MODEL_UNUSABLE,
        Reason.PLAN_MISMATCH,
        Reason.DIGEST_MISMATCH,
        Reason.ARTIFACT_INVALID,
        Reason.MODEL_UNLOADABLE,
    }
)
"""What the same inputs would lead to again: trying again would only take time."""
_TOLD_BY_THE_JOB = FINAL | {
    Reason.OUT_OF_MEMORY,
    Reason.ARTIFACT_UNAVAILABLE,
    Reason.ENGINE_UNAVAILABLE,
}


@dataclass(frozen=True, kw_only=True)
class AttemptFailure:
    """Why, and whether another attempt could do better."""

    reason: Reason
    message: str

    @property
    def final(self) -> bool:
        """Whether the same would happen again."""
        return self.reason in FINAL


def attempt_failure(job: JobSeen, pod: RunPod | None) -> AttemptFailure | None:
    """Return what ended the attempt without a verdict, or None where nothing did."""
    if job.failed and job.reason == "DeadlineExceeded":
        return AttemptFailure(
            reason=Reason.TIMED_OUT,
            message="the Job took longer than timeout allows"
            f"{_where(pod)}; give spec.timeout of the policy more, or the pod more CPU",
        )
    if pod is not None and not pod.leaving and pod.phase == "Failed":
        return _of_pod(pod)
    if job.failed:
        if pod is not None:
            return _of_pod(pod)
        return AttemptFailure(
            reason=Reason.POD_LOST,
            message="the Job's pod is gone: deleted, or its node was lost."
            f" {printable(job.message)}".rstrip(),
        )
    return None


def waiting_for(pod: RunPod | None) -> str:
    """Return in a few words what keeps the pod from running."""
    if pod is None:
        return "waits for its pod"
    if pod.unschedulable:
        return f"pod {pod.name} cannot be scheduled: {pod.unschedulable}"
    for container in pod.containers:
        if container.waiting not in ("", "PodInitializing", "ContainerCreating"):
            detail = f": {container.waiting_message}" if container.waiting_message else ""
            return f"pod {pod.name}, container {container.name}: {container.waiting}{detail}"
    return ""


def _of_pod(pod: RunPod) -> AttemptFailure:
    if pod.reason in {"Evicted", "Preempting", "TerminationByKubelet"} or pod.disrupted:
        detail = pod.message or pod.disrupted
        return AttemptFailure(
            reason=Reason.EVICTED, message=f"pod {pod.name} was evicted: {detail}".rstrip(": ")
        )
    ended = [entry for entry in pod.containers if entry.exit_code not in (None, 0)]
    if not ended:
        detail = pod.message or pod.reason or "no container said why"
        return AttemptFailure(reason=Reason.POD_LOST, message=f"pod {pod.name} failed: {detail}")
    return _of_container(pod, ended[0])


def _of_container(pod: RunPod, container: RunContainer) -> AttemptFailure:
    if container.reason == "OOMKilled":
        return AttemptFailure(
            reason=Reason.OUT_OF_MEMORY,
            message=f"container {container.name} of pod {pod.name} ran out of memory; give"
            " spec.resources.limits.memory of the policy more, or the checks fewer columns",
        )
    told = read_last_words(container.last_words)
    if isinstance(told, Refusal):
        known = Reason(told.reason) if told.reason in Reason else Reason.JOB_FAILED
        reason = known if known in _TOLD_BY_THE_JOB else Reason.JOB_FAILED
        return AttemptFailure(reason=reason, message=f"{container.name}: {told.message}")
    words = shorten(printable(container.last_words), 300)
    return AttemptFailure(
        reason=Reason.JOB_FAILED,
        message=f"container {container.name} of pod {pod.name} ended with exit code"
        f" {container.exit_code}: {words or container.reason or 'it said nothing'}",
    )


def _where(pod: RunPod | None) -> str:
    waiting = waiting_for(pod) if pod is not None else ""
    return f" ({waiting})" if waiting else ""
