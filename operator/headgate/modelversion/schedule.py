"""When a version that serves is validated again, and what came of it last. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.core.conditions import Fact, shorten
from headgate.core.reasons import Reason
from headgate.modelversion.gate import RunState
from headgate.modelversion.status_types import Revalidation

STILL_VALID = "StillValid"
KEPT = 3
"""Scheduled runs that are kept, the newest; each has a report in etcd."""
UNENDED = frozenset({RunState.PENDING, RunState.RUNNING})
VERDICTS = frozenset({RunState.PASS, RunState.FAIL, RunState.INCONCLUSIVE})


@dataclass(frozen=True, kw_only=True)
class OwnRun:
    """A run that the operator made for the version."""

    name: str
    uid: str
    scheduled: bool
    state: RunState
    finished_at: datetime | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class ScheduleSeen:
    """What decides whether a run is due."""

    every: timedelta | None = None
    """The policy's; None where it has no schedule, is refused, or is not there."""
    serving: bool = False
    """Whether it is its Model's stable version and has traffic."""
    validated_at: datetime | None = None
    runs: tuple[OwnRun, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SchedulePlan:
    """What to do now, and when to look again."""

    follows: str | None = None
    """Make the run that follows this one, or this moment: its name is computed from that."""
    deletes: tuple[OwnRun, ...] = ()
    wake_at: datetime | None = None


def decide_schedule(seen: ScheduleSeen, now: datetime) -> SchedulePlan:
    """Return whether a run is due, which ones are no longer kept, and when to look again.

    A run that could not be carried out counts as one: the next is due as long after it.
    """
    deletes = tuple(_ended(seen, scheduled_only=True)[KEPT:])
    if seen.every is None or not seen.serving or any(run.state in UNENDED for run in seen.runs):
        return SchedulePlan(deletes=deletes)
    ended = _ended(seen, scheduled_only=False)
    since = ended[0].finished_at if ended else seen.validated_at
    if since is None:
        return SchedulePlan(deletes=deletes)
    due = since + seen.every
    if now < due:
        return SchedulePlan(deletes=deletes, wake_at=due)
    return SchedulePlan(follows=ended[0].name if ended else since.isoformat(), deletes=deletes)


def last_scheduled(seen: ScheduleSeen) -> OwnRun | None:
    """Return the scheduled run that ended last."""
    return next(iter(_ended(seen, scheduled_only=True)), None)


def revalidation_of(run: OwnRun | None) -> Revalidation | None:
    """Return what status keeps of the scheduled run that ended last."""
    if run is None or run.finished_at is None:
        return None
    return Revalidation(
        run=run.name,
        verdict=run.state.value if run.state in VERDICTS else None,
        finished_at=run.finished_at,
        message=shorten(run.message),
    )


def still_valid(run: OwnRun) -> Fact:
    """Return what the scheduled run that ended last says of the version."""
    told = f"{run.name}: {run.message}"
    match run.state:
        case RunState.PASS:
            return Fact(type=STILL_VALID, status="True", reason=Reason.POLICY_PASSED, message=told)
        case RunState.FAIL:
            return Fact(
                type=STILL_VALID, status="False", reason=Reason.REVALIDATION_FAILED, message=told
            )
        case RunState.INCONCLUSIVE:
            message = f"{told}. That takes no traffic away"
            reason = Reason.TOO_LITTLE_DATA
        case _:
            message = f"{told}. There is no verdict; the next run is made when it is due"
            reason = Reason.VALIDATION_COULD_NOT_RUN
    return Fact(type=STILL_VALID, status="Unknown", reason=reason, message=message)


def _ended(seen: ScheduleSeen, *, scheduled_only: bool) -> list[OwnRun]:
    """Return the runs that ended, the newest first."""
    found = [
        (run.finished_at, run.name, run)
        for run in seen.runs
        if run.finished_at is not None and (run.scheduled or not scheduled_only)
    ]
    return [run for _, _, run in sorted(found, key=lambda entry: entry[:2], reverse=True)]
