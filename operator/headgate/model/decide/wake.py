"""When to look again, where no event would tell: timers, gates, settling endpoints."""

from datetime import datetime, timedelta

from headgate.model.decide.failing import overdue_at
from headgate.model.decide.health import CONFIG_GRACE, CREATION_GRACE
from headgate.model.decide.leave import GRACE
from headgate.model.decide.scale import replicas_allowed, replicas_wanted, settles_at
from headgate.model.decide.steps import step_under_way
from headgate.model.observed import Observed

GATE_INTERVAL = timedelta(seconds=1)
WATCH_INTERVAL = timedelta(seconds=5)
LONGEST_WATCH_INTERVAL = timedelta(minutes=1)
WATCHED_PER_AGE = 20
SOON = timedelta(milliseconds=500)


def wake_at(seen: Observed, now: datetime) -> datetime | None:
    """Return the next moment at which the passage of time alone may change the plan."""
    moments = [*_rollout_moments(seen, now), *_settling(seen, now), *_watching(seen, now)]
    moments.extend(_last_call(seen, now))
    return max(min(moments), now) if moments else None


def _rollout_moments(seen: Observed, now: datetime) -> list[datetime]:
    rollout = seen.memory.rollout
    if rollout is None:
        return []
    pods = [pod for pod in seen.pods.get(rollout.version, ()) if not pod.leaving]
    # The gates want figures every second; while no pod could give any, events tell all.
    moments = [now + GATE_INTERVAL] if any(pod.ip for pod in pods) else []
    moments.extend(pod.created_at + CONFIG_GRACE for pod in pods)
    overdue = overdue_at(seen)
    moments.extend([overdue] if overdue is not None else ())
    step = step_under_way(seen.spec, rollout)
    if step is not None and step.pause is not None and step.pause.duration is not None:
        started = rollout.step_started_at
        moments.extend([started + step.pause.duration] if started is not None else ())
    deployment = seen.deployments.get(rollout.version)
    if deployment is not None and deployment.failure:
        moments.append(deployment.created_at + CREATION_GRACE)
    return [moment for moment in moments if moment > now]


def _settling(seen: Observed, now: datetime) -> list[datetime]:
    if replicas_allowed(seen, now) == replicas_wanted(seen):
        return []
    settled = settles_at(seen)
    return [settled if settled is not None and settled > now else now + SOON]


def _watching(seen: Observed, now: datetime) -> list[datetime]:
    previous = seen.memory.previous
    if previous is None:
        return []
    window = seen.spec.rollback.window
    # Soon after promotion a failure is likely and many are affected; later, looks may be rarer.
    rarer = max(WATCH_INTERVAL, (now - previous.since) / WATCHED_PER_AGE)
    return [
        now + min(rarer, LONGEST_WATCH_INTERVAL),
        max(previous.since + window, now),
    ]


def _last_call(seen: Observed, now: datetime) -> list[datetime]:
    leaving = seen.memory.leaving
    if leaving is None or not leaving.reason:
        return []
    return [leaving.since + GRACE] if leaving.since + GRACE > now else []
