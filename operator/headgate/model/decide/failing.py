"""Whether the version on trial, or the one promoted last, fails: the gates and the pods' health."""

from datetime import datetime, timedelta

from headgate.core.conditions import shorten
from headgate.core.reasons import Reason
from headgate.model.decide.health import ONLY_WHEN_LOOPING, Failure, pod_failure, waiting_for
from headgate.model.decide.scale import replicas_wanted
from headgate.model.gates import alone, error_ratio, latency
from headgate.model.observed import Observed, RevalidationSeen
from headgate.model.status_types import Arm


def canary_failure(seen: Observed, now: datetime) -> Failure | None:
    """Return why the version on trial cannot go on, or None."""
    rollout = seen.memory.rollout
    if rollout is None:
        return None
    version = rollout.version
    failure = pod_failure(seen.pods.get(version, ()), seen.deployments.get(version), now)
    return failure or gate_failure(seen) or _deadline(seen, now)


def gate_failure(seen: Observed) -> Failure | None:
    """Return the verdict of the gates on the version on trial, beside the stable one."""
    rollout, analysis = seen.memory.rollout, seen.spec.analysis
    if rollout is None or seen.memory.stable is None:
        return None
    evidence, gate = seen.evidence, analysis.error_ratio
    canary, stable = evidence.canary, evidence.stable
    compared = error_ratio.exceeded(
        evidence.error_log_likelihoods,
        canary=canary,
        stable=stable,
        max_ratio=gate.max,
        alpha=gate.alpha,
    )
    if alone.exceeded(evidence.alone_log_likelihoods, alpha=gate.alpha):
        return _fails_alone(seen, rollout.version, seen.memory.stable, evidence.before)
    if compared:
        message = (
            f"{rollout.version} answered {_counted(canary)} with an error, "
            f"{seen.memory.stable} {_counted(stable)}: a ratio of "
            f"{error_ratio.observed_ratio(canary, stable):.3g}, limit {gate.max:g} "
            f"(analysis.errorRatio, alpha {gate.alpha:g})"
        )
        return Failure(reason=Reason.ERROR_RATIO_EXCEEDED, message=message)
    return _slowness(seen, rollout.version, seen.memory.stable)


def _slowness(seen: Observed, version: str, stable: str) -> Failure | None:
    evidence, gate = seen.evidence, seen.spec.analysis.latency
    canary, beside = evidence.slow_canary, evidence.slow_stable
    if not latency.exceeded(
        evidence.latency_log_likelihoods,
        canary=canary,
        stable=beside,
        quantile=gate.quantile,
        alpha=seen.spec.analysis.error_ratio.alpha,
    ):
        return None
    message = (
        f"{canary.errors} of {canary.requests} answers of {version} took over {gate.max_ratio:g} "
        f"times the {gate.quantile:g} quantile of {stable}, whose own were {beside.errors} of "
        f"{beside.requests} at the same time (analysis.latency)"
    )
    return Failure(reason=Reason.LATENCY_EXCEEDED, message=message)


def stable_failure(seen: Observed, now: datetime) -> Failure | None:
    """Return why the version promoted last has to give way to the one before it, or None."""
    memory = seen.memory
    if memory.stable is None or memory.previous is None or memory.rollout is not None:
        return None
    pods, deployment = seen.pods.get(memory.stable, ()), seen.deployments.get(memory.stable)
    failure = pod_failure(pods, deployment, now, restarts_tolerated=ONLY_WHEN_LOOPING)
    ready = seen.ready(memory.stable)
    if failure is not None and (ready == 0 or _is_lasting(failure, ready, seen.spec.replicas)):
        return failure
    failed_again = revalidation_failure(seen)
    if failed_again is not None:
        return failed_again
    alpha = seen.spec.analysis.error_ratio.alpha
    if alone.exceeded(seen.evidence.alone_log_likelihoods, alpha=alpha):
        previous = memory.previous
        return _fails_alone(seen, memory.stable, previous.version, previous.baseline)
    return None


def revalidation_of_stable(seen: Observed) -> RevalidationSeen | None:
    """Return what the last scheduled validation says of the version that serves.

    One that ended before its promotion was about an earlier turn of it.
    """
    version, previous = seen.versions.get(seen.memory.stable or ""), seen.memory.previous
    last = version.revalidation if version is not None else None
    if last is None or (previous is not None and last.finished_at <= previous.since):
        return None
    return last


def revalidation_failure(seen: Observed) -> Failure | None:
    """Return the failure of the scheduled validation of the version that serves, or None."""
    last = revalidation_of_stable(seen)
    if last is None or last.verdict != "Fail":
        return None
    message = f"{seen.memory.stable} failed its scheduled validation: {last.detail}"
    return Failure(reason=Reason.REVALIDATION_FAILED, message=shorten(message))


def _fails_alone(seen: Observed, version: str, earlier: str, before: Arm) -> Failure:
    gate = seen.spec.analysis.error_ratio
    message = (
        f"{version} has all the traffic and answered {_counted(seen.evidence.canary)} with an "
        f"error, {earlier} before it {_counted(before)}: over the "
        f"{alone.tolerated_rate(before, gate.max):.2%} that are tolerated "
        f"(analysis.errorRatio, limit {gate.max:g}, alpha {gate.alpha:g})"
    )
    return Failure(reason=Reason.ERROR_RATIO_EXCEEDED, message=message)


def _is_lasting(failure: Failure, ready: int, wanted: int) -> bool:
    """Return whether a failure of some pods is the version's own, not an outage of a registry."""
    return failure.reason is not Reason.IMAGE_PULL_FAILED and ready < wanted


def overdue_at(seen: Observed) -> datetime | None:
    """Return when the pods that are awaited now will have had their time; None while none are.

    Each counts from when it was last ready: a rollout may have been held for long by other things
    before a node is drained or more pods are asked for.
    """
    rollout = seen.memory.rollout
    if rollout is None or rollout.step_started_at is not None:
        return None
    wanted = dict(replicas_wanted(seen)).get(rollout.version, 0)
    present = [pod for pod in seen.pods.get(rollout.version, ()) if not pod.leaving]
    if seen.ready(rollout.version) >= wanted:
        return None
    since = [pod.unready_since or pod.created_at for pod in present if not pod.ready]
    deployment = seen.deployments.get(rollout.version)
    if deployment is None:
        since.append(rollout.waiting_since)
    elif deployment.failure and len(present) < wanted:
        since.append(deployment.failing_since or deployment.created_at)
    if not since:
        return None
    limit = timedelta(seconds=seen.spec.progress_deadline_seconds)
    return max(rollout.waiting_since, min(since)) + limit


def _deadline(seen: Observed, now: datetime) -> Failure | None:
    rollout, overdue = seen.memory.rollout, overdue_at(seen)
    if rollout is None or overdue is None or now < overdue:
        return None
    wanted = dict(replicas_wanted(seen)).get(rollout.version, 0)
    detail = waiting_for(seen.pods.get(rollout.version, ()))
    message = (
        f"{rollout.version} has {seen.ready(rollout.version)} of {wanted} pods ready "
        f"{seen.spec.progress_deadline_seconds} s after they were asked for "
        f"(progressDeadlineSeconds){': ' + detail if detail else ''}"
    )
    return Failure(reason=Reason.PROGRESS_DEADLINE_EXCEEDED, message=message)


def _counted(arm: Arm) -> str:
    return f"{arm.errors} of {arm.requests} requests"
