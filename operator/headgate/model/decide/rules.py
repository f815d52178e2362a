"""The rules that change what is remembered, in the order of their precedence.

Each takes what was seen and returns a Change, or None where it has nothing to say. Going back
comes before going on; a paused Model and one whose spec is refused still go back.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from headgate.core.reasons import Reason
from headgate.model.decide.advance import advance, start
from headgate.model.decide.endings import reject_canary, reject_stable, supersede
from headgate.model.decide.failing import canary_failure, stable_failure
from headgate.model.decide.health import Failure
from headgate.model.decide.leave import has_way_back, remembered_failure, wait_for_dependents
from headgate.model.decide.plan import Announcement, Change
from headgate.model.decide.replan import follow_strategy
from headgate.model.decide.requests import handle_request
from headgate.model.decide.scale import is_last_resort
from headgate.model.decide.steps import is_at_promotion, spec_digest
from headgate.model.decide.target import named, target_of, target_problem
from headgate.model.decide.track import follow_track
from headgate.model.observed import Observed
from headgate.model.status_types import Leaving

type Rule = Callable[[Observed, datetime], Change | None]


def forget_rejections(seen: Observed, _now: datetime) -> Change | None:
    """Drop rejections made under another spec: a changed spec may make the version succeed."""
    if not seen.memory.rejected or seen.problems:
        return None  # of a spec that is refused, only parts may have been read
    digest = spec_digest(seen.spec)
    kept = tuple(entry for entry in seen.memory.rejected if entry.spec_digest == digest)
    if kept == seen.memory.rejected:
        return None
    return Change(memory=replace(seen.memory, rejected=kept))


def return_from_canary(seen: Observed, now: datetime) -> Change | None:
    """Take the version on trial back when it fails; a first version has nothing to go back to."""
    rollout = seen.memory.rollout
    if rollout is None or is_last_resort(seen):
        return None
    version = rollout.version
    failure = remembered_failure(seen, version) or canary_failure(seen, now)
    if failure is None:
        return None
    waiting = wait_for_dependents(seen, version, now, failure)
    if waiting is not None:
        return waiting
    return Change(memory=reject_canary(seen, failure, now), announcements=(_warned(failure),))


def return_from_stable(seen: Observed, now: datetime) -> Change | None:
    """Go back from a version that fails after its promotion, within rollback.window."""
    stable = seen.memory.stable
    if stable is None or seen.memory.rollout is not None or not has_way_back(seen):
        return None
    failure = (
        remembered_failure(seen, stable)
        or stable_failure(seen, now)
        or _dependency_withdrawn(seen, stable)
    )
    if failure is None:
        return None
    waiting = wait_for_dependents(seen, stable, now, failure)
    if waiting is not None:
        return waiting
    return Change(memory=reject_stable(seen, failure, now), announcements=(_warned(failure),))


def forget_previous(seen: Observed, now: datetime) -> Change | None:
    """Let the version before go once rollback.window has passed."""
    previous = seen.memory.previous
    window = seen.spec.rollback.window
    if previous is None or now - previous.since < window:
        return None
    if remembered_failure(seen, seen.memory.stable) is not None:
        return None  # decided within the window: it is on its way back
    return Change(memory=replace(seen.memory, previous=None))


def forget_leaving(seen: Observed, _now: datetime) -> Change | None:
    """Drop the note that a version is about to leave where it no longer is."""
    leaving = seen.memory.leaving
    if leaving is None or _is_leaving(seen, leaving):
        return None
    return Change(memory=replace(seen.memory, leaving=None))


def follow_spec(seen: Observed, now: datetime) -> Change | None:
    """Start what the spec names, or give up what it no longer names."""
    memory, rollout = seen.memory, seen.memory.rollout
    if seen.spec.paused or seen.problems or target_problem(seen) is not None:
        return None
    target = target_of(seen)
    if not target:
        return None
    named_elsewhere = rollout is not None and rollout.version != target
    rejected = any(entry.name == target for entry in memory.rejected)
    if target == memory.stable or rejected:
        return _give_up(seen, target, now) if named_elsewhere else None
    if seen.spec.replicas == 0:
        return _hold_at_zero(seen, target, now)
    if rollout is not None and not named_elsewhere:
        return None
    if rollout is not None:
        waiting = wait_for_dependents(seen, rollout.version, now)
        if waiting is not None:
            return waiting
    version = seen.versions[target]
    if version.validation is not None or not all(each.serving for each in version.dependencies):
        return None
    return start(seen, target, now)


def go_on(seen: Observed, now: datetime) -> Change | None:
    """Advance the rollout of the version that the spec names."""
    rollout = seen.memory.rollout
    if rollout is None or seen.spec.paused or seen.problems:
        return None
    if rollout.version != target_of(seen) or target_problem(seen) is not None:
        return None
    return advance(seen, now)


RULES: tuple[Rule, ...] = (
    forget_rejections,
    forget_previous,
    forget_leaving,
    return_from_canary,
    return_from_stable,
    follow_strategy,
    handle_request,
    follow_track,
    follow_spec,
    go_on,
)


def first_change(seen: Observed, now: datetime) -> Change | None:
    """Return what the first rule with something to say decides, or None: nothing to decide.

    A rule that waits answers with the memory as it is; the rules after it stay silent then.
    """
    for rule in RULES:
        change = rule(seen, now)
        if change is not None:
            return change if change.memory != seen.memory else None
    return None


def _give_up(seen: Observed, target: str, now: datetime) -> Change | None:
    """End the rollout under way: the spec names the stable version again, or a rejected one."""
    rollout = seen.memory.rollout
    if rollout is None:
        return None
    waiting = wait_for_dependents(seen, rollout.version, now)
    if waiting is not None:
        return waiting
    message = f"{rollout.version} is given up: {named(seen, target)}"
    told = Announcement(reason=Reason.SUPERSEDED, message=message)
    return Change(
        memory=supersede(seen.memory, now, f"{named(seen, target)} now"), announcements=(told,)
    )


def _hold_at_zero(seen: Observed, target: str, now: datetime) -> Change | None:
    """End a rollout that could only grow old at zero replicas, to be late once there are some."""
    rollout = seen.memory.rollout
    if rollout is not None and rollout.version != target:
        return _give_up(seen, target, now)
    if rollout is None or rollout.step or rollout.version in seen.deployments:
        return None  # its pods' own times count
    return Change(memory=replace(seen.memory, rollout=None, leaving=None))


def _is_leaving(seen: Observed, leaving: Leaving) -> bool:
    """Return whether what was announced is still what is going to happen."""
    rollout = seen.memory.rollout
    if rollout is not None and leaving.version == rollout.version:
        return bool(leaving.reason) or target_of(seen) != rollout.version
    if leaving.version != seen.memory.stable:
        return False
    if leaving.reason:
        return rollout is None and has_way_back(seen)
    return rollout is not None and is_at_promotion(seen.spec, rollout)


def _dependency_withdrawn(seen: Observed, stable: str) -> Failure | None:
    version = seen.versions.get(stable)
    for dependency in version.dependencies if version is not None else ():
        if dependency.leaving:
            message = f"{stable} depends on {dependency.name}, which is about to leave"
            return Failure(reason=Reason.DEPENDENCY_WITHDRAWN, message=message)
        # It may have left before this version had anything to go back to: pairs go back in turn.
        if dependency.unrouted:
            message = f"{stable} depends on {dependency.name}: {dependency.detail}"
            return Failure(reason=Reason.DEPENDENCY_WITHDRAWN, message=message)
    return None


def _warned(failure: Failure) -> Announcement:
    return Announcement(warning=True, reason=failure.reason, message=failure.message)
