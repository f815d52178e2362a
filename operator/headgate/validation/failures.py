"""Why an attempt could not be carried out, read off its Job and pod. Pure."""

from dataclasses import dataclass

from headgate.core.conditions import printable, shorten
from headgate.core.reasons import Reason
from headgate.validation.observed import RunContainer, RunObserved, RunPod
from headgate.validation.summary import Refusal, read_last_words
from headgate.validation.waiting import NEVER_RAN, TAKEN_AWAY, Waiting, last_told, taken_away

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


def attempt_failure(seen: RunObserved) -> AttemptFailure | None:
    """Return what ended the attempt without a verdict, or None where nothing did."""
    job, pod, told = seen.job, seen.pod, last_told(seen.status)
    if job is None:
        return None
    if job.failed and job.reason == "DeadlineExceeded":
        return _timed_out(told)
    if pod is not None and not pod.leaving and pod.phase == "Failed":
        return _of_pod(pod)
    if not job.failed:
        return None
    if pod is not None:
        return _of_pod(pod)
    if told is not None and told.reason in TAKEN_AWAY:
        return AttemptFailure(reason=told.reason, message=told.message)
    return AttemptFailure(
        reason=Reason.POD_LOST,
        message=f"the Job's pod is gone: somebody deleted it. {printable(job.message)}".rstrip(),
    )


def _timed_out(told: Waiting | None) -> AttemptFailure:
    message = "the Job took longer than timeout allows"
    if told is not None and told.reason in NEVER_RAN:
        message = f"{message}, and never ran: {told.message}"
    else:
        message = f"{message}; give spec.timeout of the policy more, or the pod more CPU"
    return AttemptFailure(reason=Reason.TIMED_OUT, message=message)


def _of_pod(pod: RunPod) -> AttemptFailure:
    taken = taken_away(pod)
    if taken is not None:
        return AttemptFailure(reason=taken.reason, message=taken.message)
    ended = [entry for entry in pod.containers if entry.exit_code not in (None, 0)]
    if pod.leaving and not any(entry.reason == "OOMKilled" for entry in ended):
        return AttemptFailure(
            reason=Reason.POD_LOST, message=f"pod {pod.name} was deleted while it worked"
        )
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
