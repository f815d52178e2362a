"""How a version's turn ends: promoted, rejected, superseded; each as the memory that follows."""

from dataclasses import replace
from datetime import datetime

from headgate.core.conditions import shorten
from headgate.model.decide.health import Failure
from headgate.model.decide.steps import spec_digest
from headgate.model.observed import Memory, Observed
from headgate.model.status_types import HistoryEntry, Outcome, Previous, Rejection

MOST_REJECTED = 16
MOST_HISTORY = 20


def promote(seen: Observed, now: datetime) -> Memory:
    """Return the memory once the version on trial is the stable one."""
    memory = seen.memory
    rollout = memory.rollout
    if rollout is None:
        return memory
    previous = None
    if memory.stable is not None and memory.stable != rollout.version:
        previous = Previous(version=memory.stable, since=now, baseline=seen.evidence.before)
    return replace(
        memory,
        stable=rollout.version,
        rollout=None,
        previous=previous,
        leaving=None,
        history=_noted(memory, rollout.version, Outcome.PROMOTED, now),
    )


def supersede(memory: Memory, now: datetime, because: str) -> Memory:
    """Return the memory once the rollout under way has been given up for another version."""
    if memory.rollout is None:
        return memory
    version = memory.rollout.version
    history = _noted(memory, version, Outcome.SUPERSEDED, now, because)
    return replace(memory, rollout=None, leaving=None, history=history)


def reject_canary(seen: Observed, failure: Failure, now: datetime) -> Memory:
    """Return the memory once the version on trial has failed: the stable one has everything."""
    memory = seen.memory
    if memory.rollout is None:
        return memory
    version, previous = memory.rollout.version, memory.previous
    return replace(
        memory,
        rollout=None,
        leaving=None,
        # What has just failed is no way back, though it served well before.
        previous=None if previous is not None and previous.version == version else previous,
        rejected=_rejected(seen, version, failure, now),
        history=_noted(memory, version, Outcome.REJECTED, now, failure.message),
    )


def reject_stable(seen: Observed, failure: Failure, now: datetime) -> Memory:
    """Return the memory once the promoted version has failed: the one before it serves again."""
    memory = seen.memory
    if memory.stable is None or memory.previous is None:
        return memory
    back_to = memory.previous.version
    history = _noted(memory, memory.stable, Outcome.REJECTED, now, failure.message)
    returned = replace(memory, history=history)
    return replace(
        memory,
        stable=back_to,
        rollout=None,
        previous=None,
        leaving=None,
        rejected=_rejected(seen, memory.stable, failure, now),
        history=_noted(returned, back_to, Outcome.RETURNED_TO, now),
    )


def _rejected(
    seen: Observed, version: str, failure: Failure, now: datetime
) -> tuple[Rejection, ...]:
    entry = Rejection(
        name=version,
        reason=failure.reason.value,
        message=shorten(failure.message),
        at=now,
        spec_digest=spec_digest(seen.spec),
    )
    others = tuple(old for old in seen.memory.rejected if old.name != version)
    return (entry, *others)[:MOST_REJECTED]


def _noted(
    memory: Memory, version: str, outcome: Outcome, now: datetime, message: str = ""
) -> tuple[HistoryEntry, ...]:
    entry = HistoryEntry(version=version, at=now, outcome=outcome, message=shorten(message))
    return (entry, *memory.history)[:MOST_HISTORY]
