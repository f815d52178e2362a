"""Dependents first: a version that others depend on keeps its traffic until they have left it."""

from dataclasses import replace
from datetime import datetime, timedelta

from headgate.core.conditions import shorten
from headgate.core.reasons import Reason, reason_named
from headgate.model.decide.health import Failure
from headgate.model.decide.plan import Announcement, Change
from headgate.model.observed import Observed
from headgate.model.status_types import Leaving

GRACE = timedelta(seconds=5)


def wait_for_dependents(
    seen: Observed, version: str, now: datetime, failure: Failure | None = None
) -> Change | None:
    """Return None once a version may leave, else the change that announces its leaving.

    A change that equals the memory there is means: announced already, go on waiting. A version
    that fails waits for GRACE at most, since every request to it may fail; one that is merely
    replaced waits until its dependents have left.
    """
    dependents = seen.dependents.get(version, ())
    if not dependents:
        return None
    leaving = seen.memory.leaving
    is_new = leaving is None or leaving.version != version
    if leaving is None or is_new or (failure is not None and not leaving.reason):
        marked = Leaving(
            version=version,
            since=now,
            reason=failure.reason.value if failure else "",
            message=shorten(failure.message) if failure else "",
        )
        message = f"{version} leaves once {', '.join(dependents)} no longer depends on it"
        told = Announcement(reason=Reason.DEPENDENTS_FIRST, message=message)
        return Change(memory=replace(seen.memory, leaving=marked), announcements=(told,))
    if leaving.reason and now - leaving.since >= GRACE:
        return None
    return Change(memory=seen.memory)


def remembered_failure(seen: Observed, version: str | None) -> Failure | None:
    """Return the failure for which a version is about to leave: decided once, kept to the end."""
    leaving = seen.memory.leaving
    if leaving is None or leaving.version != version or not leaving.reason:
        return None
    return Failure(reason=reason_named(leaving.reason), message=leaving.message)


def has_way_back(seen: Observed) -> bool:
    """Return whether the last good version could serve again."""
    previous = seen.memory.previous
    before = seen.versions.get(previous.version) if previous is not None else None
    if before is None or before.spec is None:
        return False
    return all(dependency.serving for dependency in before.dependencies)
