"""What keeps an attempt from going on, told while it does. Pure.

What is told stands in the condition Complete, and is read back from there: when the attempt ends by
its timeout, its pod is deleted, and nothing else remembers that it never got a node or an image.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.core.reasons import Reason
from headgate.validation.observed import RunObserved, RunPod
from headgate.validation.run_types import ValidationRunStatus

SOON = timedelta(seconds=2)
"""The Job controller makes a pod in less."""
STARTED_WITHIN = timedelta(seconds=5)
"""In which a pod whose image is there has started."""
LATEST = timedelta(seconds=30)
IMAGE_TROUBLES = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
NODE_LOSSES = frozenset({"DeletionByTaintManager", "DeletionByPodGC"})
EVICTIONS = frozenset({"Evicted", "Preempting", "TerminationByKubelet"})
TAKEN_AWAY = frozenset({Reason.EVICTED, Reason.NODE_LOST})
NEVER_RAN = frozenset(
    {
        Reason.PODS_NOT_CREATED,
        Reason.UNSCHEDULABLE,
        Reason.IMAGE_PULL_FAILED,
        Reason.POD_NOT_STARTED,
    }
)
_HELD = "the plan keeps the policy as it was: delete the run after a change, it is made anew"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What the attempt waits for."""

    reason: Reason
    message: str


def waiting_for(seen: RunObserved) -> Waiting:
    """Return what the attempt under way waits for, or that it runs."""
    pod = seen.pod
    if pod is None:
        return _for_its_pod(seen)
    taken = taken_away(pod)
    if taken is not None:
        return taken
    if pod.leaving:  # by whoever ends the attempt: what it waited for until then is worth more
        told = last_told(seen.status)
        return told or _running(f"pod {pod.name} ends")
    if pod.unschedulable:
        return Waiting(
            reason=Reason.UNSCHEDULABLE,
            message=f"pod {pod.name} cannot be scheduled: {pod.unschedulable} Make room, or ask for"
            f" less in spec.resources of the policy ({_HELD})",
        )
    image = _without_image(pod)
    if image is not None:
        return image
    if is_starting(pod) and seen.refusal:
        return Waiting(
            reason=Reason.POD_NOT_STARTED,
            message=f"pod {pod.name} cannot start: {seen.refusal}. Create what it names, and it"
            " goes on by itself",
        )
    return _running(_at_work(pod) or f"attempt {seen.status.attempt} runs")


def taken_away(pod: RunPod) -> Waiting | None:
    """Return why Kubernetes took a pod away, or None where it did not."""
    if pod.disrupted in NODE_LOSSES:
        return Waiting(
            reason=Reason.NODE_LOST,
            message=f"pod {pod.name} was taken off node {pod.node}, which is gone, does not answer"
            f" or was tainted NoExecute: {pod.disruption or pod.disrupted}",
        )
    if pod.disrupted or pod.reason in EVICTIONS:
        detail = pod.message or pod.disruption or pod.disrupted
        return Waiting(
            reason=Reason.EVICTED,
            message=f"pod {pod.name} was evicted: {detail}".rstrip(": "),
        )
    return None


def last_told(status: ValidationRunStatus) -> Waiting | None:
    """Return what kept the attempt from going on when it was last looked at, where it was told."""
    told = next((entry for entry in status.conditions if entry.type == "Complete"), None)
    if told is None or told.reason not in NEVER_RAN | TAKEN_AWAY:
        return None
    return Waiting(reason=Reason(told.reason), message=told.message)


def is_starting(pod: RunPod) -> bool:
    """Return whether a pod has a node, and no container of it has begun."""
    placed = pod.phase == "Pending" and not pod.unschedulable and not pod.leaving
    return placed and not any(container.started for container in pod.containers)


def unexplained(seen: RunObserved, now: datetime) -> str | None:
    """Return the uid of the object whose Events say what the attempt waits for.

    None where the objects themselves say it. Neither a pod that is refused, as by a quota, nor a
    volume that is not there, as a ConfigMap, shows anywhere else.
    """
    job, pod = seen.job, seen.pod
    if job is None or job.succeeded or job.failed:
        return None
    if pod is None:
        return job.uid if _age(job.created_at, now) >= SOON else None
    stuck = is_starting(pod) and _age(pod.created_at, now) >= STARTED_WITHIN
    return pod.uid if stuck and _without_image(pod) is None else None


def look_again(seen: RunObserved, now: datetime) -> datetime | None:
    """Return when to ask for Events; None where a change of the objects comes first."""
    if seen.job is None or (seen.pod is not None and not is_starting(seen.pod)):
        return None
    age = _age(seen.job.created_at, now)
    return now + min(max(age / 2, SOON), LATEST)


def _for_its_pod(seen: RunObserved) -> Waiting:
    if not seen.refusal:
        return last_told(seen.status) or _running("waits for its pod")
    return Waiting(
        reason=Reason.PODS_NOT_CREATED,
        message=f"Kubernetes refuses the Job's pod: {seen.refusal}. It is tried again by itself:"
        f" make room, or ask for less in spec.resources of the policy ({_HELD})",
    )


def _without_image(pod: RunPod) -> Waiting | None:
    for container in pod.containers:
        if container.waiting in IMAGE_TROUBLES:
            # the word alternates with each try, and the status is not written for that
            return Waiting(
                reason=Reason.IMAGE_PULL_FAILED,
                message=f"pod {pod.name}, container {container.name}: the node cannot get image"
                f" {container.image}; correct HEADGATE_JOBS_IMAGE of the operator, or let the node"
                " reach the registry",
            )
    return None


def _at_work(pod: RunPod) -> str:
    """Return in a few words what else keeps a container from running."""
    for container in pod.containers:
        if container.waiting not in ("", "PodInitializing", "ContainerCreating"):
            detail = f": {container.waiting_message}" if container.waiting_message else ""
            return f"pod {pod.name}, container {container.name}: {container.waiting}{detail}"
    return ""


def _running(message: str) -> Waiting:
    return Waiting(reason=Reason.JOB_RUNNING, message=message)


def _age(created_at: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(created_at) if created_at else timedelta(0)
