"""spec.track: which of its versions a Model follows. It only ever goes forward (ADR 0009)."""

from dataclasses import replace
from datetime import datetime

from headgate.core.reasons import Reason
from headgate.model.decide.plan import Announcement, Change, State
from headgate.model.observed import Observed, TrackableSeen
from headgate.model.status_types import Phase, Tracked

NO_POLICY = "it names no policy (spec.validation), so that nothing validates it"


def follow_track(seen: Observed, now: datetime) -> Change | None:
    """Remember the newest validated version, if it is newer than the one followed so far."""
    before = seen.memory.tracked
    if seen.problems:
        return None
    if seen.spec.track is None:
        return Change(memory=replace(seen.memory, tracked=None)) if before is not None else None
    mark = _mark(seen, now)
    validated = [version for version in seen.trackable if _is_validated(version)]
    newest = validated[-1] if validated else None
    if newest is None or (mark is not None and newest.age <= (mark.created_at, mark.version)):
        return Change(memory=replace(seen.memory, tracked=mark)) if mark != before else None
    chosen = Tracked(version=newest.name, created_at=newest.created_at)
    if newest.name == seen.memory.stable:
        return Change(memory=replace(seen.memory, tracked=chosen))
    message = f"{newest.name} is the newest validated version (spec.track)"
    told = Announcement(reason=Reason.VERSION_TRACKED, message=message)
    # As when spec.version names another one: what failed before is no longer the matter.
    kept = tuple(entry for entry in seen.memory.rejected if entry.name == newest.name)
    memory = replace(seen.memory, tracked=chosen, rejected=kept)
    return Change(memory=memory, announcements=(told,))


def passed_over(seen: Observed) -> str:
    """Return which versions, newer than the one followed, are not validated; empty: none."""
    mark = seen.memory.tracked
    newer = [
        version
        for version in seen.trackable
        if not _is_validated(version)
        and (mark is None or version.age > (mark.created_at, mark.version))
    ]
    if not newer:
        return ""
    others = f" (and {len(newer) - 1} more)" if len(newer) > 1 else ""
    return f"{_why(newer[-1])}{others}"


def nothing_to_follow(seen: Observed) -> State:
    """Return how a Model stands that never served and has no validated version."""
    if not seen.trackable:
        message = (
            f"spec.track: there is no ModelVersion of Model {seen.name} in {seen.namespace}; "
            "create one that names a policy in spec.validation"
        )
        return State(phase=Phase.DEGRADED, reason=Reason.VERSION_NOT_FOUND, message=message)
    message = f"no version is validated yet: {passed_over(seen)}"
    if any(_is_awaited(version) for version in seen.trackable):
        return State(phase=Phase.PROGRESSING, reason=Reason.WAITING_FOR_VALIDATION, message=message)
    return State(phase=Phase.DEGRADED, reason=Reason.VALIDATION_FAILED, message=message)


def _mark(seen: Observed, now: datetime) -> Tracked | None:
    """Return the version that a newer one has to be newer than.

    A Model that turns to track begins at what serves. When that was deleted, nobody knows its age:
    whatever is created from now on is newer.
    """
    memory, ages = seen.memory, {version.name: version.created_at for version in seen.trackable}
    if memory.tracked is not None:
        is_gone = memory.tracked.version not in ages
        serves_nothing = memory.stable is None and memory.rollout is None
        return None if is_gone and serves_nothing else memory.tracked
    if memory.stable is None:
        return None
    created = ages.get(memory.stable, now.replace(microsecond=0))
    return Tracked(version=memory.stable, created_at=created)


def _is_validated(version: TrackableSeen) -> bool:
    return version.asks and version.validation is None


def _is_awaited(version: TrackableSeen) -> bool:
    return version.asks and version.validation is not None and not version.validation.refused


def _why(version: TrackableSeen) -> str:
    if not version.asks or version.validation is None:
        return f"{version.name} is passed over: {NO_POLICY}"
    if version.validation.refused:
        return f"{version.name} is passed over: {version.validation.detail}"
    return f"{version.name} waits for its validation: {version.validation.detail}"
