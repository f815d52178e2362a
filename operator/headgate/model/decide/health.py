"""What is wrong with a version's pods, told from what the kubelet reports; seen within seconds."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.core.conditions import printable, shorten
from headgate.core.reasons import Reason
from headgate.model.observed import ContainerSeen, DeploymentSeen, PodSeen

RESTARTS_TOLERATED = 1
ONLY_WHEN_LOOPING = 1_000_000
MOST_LAST_WORDS = 600
CONFIG_GRACE = timedelta(seconds=10)
CREATION_GRACE = timedelta(seconds=20)
HOPELESS_IMAGE = frozenset({"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
CONFIG_ERRORS = frozenset({"CreateContainerConfigError", "CreateContainerError"})
OUR_REASONS = frozenset(
    {
        Reason.DIGEST_MISMATCH,
        Reason.ARTIFACT_UNAVAILABLE,
        Reason.ARTIFACT_INVALID,
        Reason.MODEL_UNLOADABLE,
    }
)
CERTAIN = frozenset({Reason.DIGEST_MISMATCH})


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a version cannot be kept: the reason, and a message that a person can act on."""

    reason: Reason
    message: str


def pod_failure(
    pods: tuple[PodSeen, ...],
    deployment: DeploymentSeen | None,
    now: datetime,
    *,
    restarts_tolerated: int = RESTARTS_TOLERATED,
) -> Failure | None:
    """Return what is wrong with a version's pods, or None while they may still come up.

    Restarts count from a pod's start: for a version that has served for long, tolerate more.
    """
    for pod in pods:
        if pod.leaving:
            continue
        for container in pod.containers:
            failure = _container_failure(pod, container, now, restarts_tolerated)
            if failure is not None:
                return failure
    return None if pods or deployment is None else _creation_failure(deployment, now)


def _creation_failure(deployment: DeploymentSeen, now: datetime) -> Failure | None:
    if not deployment.failure or now - deployment.created_at < CREATION_GRACE:
        return None
    message = f"Deployment {deployment.name} cannot create pods: {deployment.failure}"
    return Failure(reason=Reason.PODS_NOT_CREATED, message=shorten(message))


def _container_failure(
    pod: PodSeen, container: ContainerSeen, now: datetime, restarts_tolerated: int
) -> Failure | None:
    where = f"pod {pod.name}, container {container.name}"
    if container.waiting in HOPELESS_IMAGE:
        message = f"{where}: {container.waiting}: {container.message}"
        return Failure(reason=Reason.IMAGE_PULL_FAILED, message=shorten(message))
    if container.waiting in CONFIG_ERRORS and now - pod.created_at >= CONFIG_GRACE:
        message = f"{where}: {container.waiting}: {container.message}"
        return Failure(reason=Reason.CONTAINER_CONFIG_INVALID, message=shorten(message))
    told = told_by(container)
    if told is not None and told.reason in CERTAIN:
        return Failure(reason=told.reason, message=shorten(f"{where}: {told.message}"))
    looping = container.waiting == "CrashLoopBackOff"
    if not looping and container.restarts <= restarts_tolerated:
        return None
    if told is not None:
        return Failure(reason=told.reason, message=shorten(f"{where}: {told.message}"))
    # the end of a log says why: its beginning is the program's greeting
    last = printable(container.exit_message)[-MOST_LAST_WORDS:]
    last = last or "it left no message; see kubectl logs --previous"
    # The first life is no restart; that of a container that runs has not ended.
    exits = container.restarts + (0 if container.running else 1)
    message = f"{where}: exited {exits} times, last with {container.exit_code}: {last}"
    return Failure(reason=Reason.CRASH_LOOPING, message=shorten(message))


def told_by(container: ContainerSeen) -> Failure | None:
    """Return what our own images wrote as their last word, if it is one of their reasons."""
    try:
        told = json.loads(container.exit_message)
        reason, message = Reason(told["reason"]), printable(str(told["message"]))
    except (ValueError, KeyError, TypeError):
        return None
    return Failure(reason=reason, message=message) if reason in OUR_REASONS else None


def waiting_for(pods: tuple[PodSeen, ...]) -> str:
    """Return in a few words what keeps pods from being ready."""
    for pod in pods:
        if pod.ready or pod.leaving:
            continue
        if pod.unschedulable:
            return f"pod {pod.name} cannot be scheduled: {pod.unschedulable}"
        for container in pod.containers:
            if container.waiting and container.waiting != "PodInitializing":
                return f"pod {pod.name}, container {container.name}: {container.waiting}"
    return ""
