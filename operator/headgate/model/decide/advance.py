"""How a rollout starts, goes from step to step, and is promoted."""

from dataclasses import replace
from datetime import datetime

from headgate.core.reasons import Reason
from headgate.model.decide.endings import promote, supersede
from headgate.model.decide.heard import BLIND, is_blind, is_unheard
from headgate.model.decide.leave import wait_for_dependents
from headgate.model.decide.plan import Announcement, Change
from headgate.model.decide.route import has_to_share, in_effect, lacks_dependency
from headgate.model.decide.scale import replicas_wanted
from headgate.model.decide.steps import (
    enter,
    is_at_promotion,
    kind_wanted,
    step_under_way,
    steps_digest,
    steps_of,
)
from headgate.model.decide.target import named
from headgate.model.observed import Memory, Observed
from headgate.model.status_types import Evidence, Rollout, RolloutKind
from headgate.model.types import Step


def start(seen: Observed, version: str, now: datetime) -> Change:
    """Return the start of a rollout; one under way for another version is given up for it."""
    memory = supersede(seen.memory, now, f"{named(seen, version)} now")
    kind = RolloutKind.INITIAL if memory.stable is None else kind_wanted(seen.spec)
    rollout = Rollout(
        version=version,
        kind=kind,
        started_at=now,
        waiting_since=now,
        full=_is_known_good(memory, version),
        steps_digest=steps_digest(seen.spec) if kind is RolloutKind.CANARY else "",
    )
    fresh = replace(seen, evidence=Evidence())
    entered = enter(fresh, rollout, 0, now)
    told = [_told(Reason.ROLLOUT_STARTED, f"{version} is rolled out ({kind.value})")]
    if seen.memory.rollout is not None:
        given_up = f"{seen.memory.rollout.version} is given up for {version}"
        told.insert(0, _told(Reason.SUPERSEDED, given_up))
    return Change(memory=replace(memory, rollout=entered), announcements=tuple(told))


def _is_known_good(memory: Memory, version: str) -> bool:
    """Return whether a version served well just before and is still kept: no trial is needed."""
    return memory.previous is not None and memory.previous.version == version


def advance(seen: Observed, now: datetime) -> Change | None:
    """Return the next step of the rollout under way, its promotion, or None while it waits."""
    rollout = seen.memory.rollout
    if rollout is None:
        return None
    if lacks_dependency(seen, rollout.version):
        return None
    step = step_under_way(seen.spec, rollout)
    if is_at_promotion(seen.spec, rollout):
        return _promotion(seen, rollout, now)
    if step is None or not is_done(seen, rollout, step, now):
        return None
    entered = enter(seen, rollout, rollout.step + 1, now)
    total = len(steps_of(seen.spec))
    told = _told(
        Reason.STEP_COMPLETED,
        f"{rollout.version}: step {rollout.step + 1}/{total} done ({describe(step)})",
    )
    return Change(memory=replace(seen.memory, rollout=entered), announcements=(told,))


def is_done(seen: Observed, rollout: Rollout, step: Step, now: datetime) -> bool:
    """Return whether a step has reached its end."""
    if step.set_weight is not None:
        return _has_pods(seen, rollout) and in_effect(seen) and not has_to_share(seen)
    if step.set_canary_scale is not None:
        return _has_pods(seen, rollout)
    if step.pause is not None:
        length = step.pause.duration
        started = rollout.step_started_at or rollout.waiting_since  # put here by an edit since
        return length is not None and now - started >= length and not is_unheard(seen)
    if step.analysis is not None:
        return seen.evidence.canary.requests >= step.analysis.min_requests
    return False


def describe(step: Step) -> str:
    """Return a step as one would write it."""
    if step.set_weight is not None:
        return f"setWeight {step.set_weight}"
    if step.pause is not None:
        length = step.pause.duration
        return f"pause {length.total_seconds():g}s" if length is not None else "pause"
    if step.analysis is not None:
        return f"analysis of {step.analysis.min_requests} requests"
    return "setCanaryScale"


def _has_pods(seen: Observed, rollout: Rollout) -> bool:
    wanted = dict(replicas_wanted(seen)).get(rollout.version, 0)
    return seen.ready(rollout.version) >= wanted


def _promotion(seen: Observed, rollout: Rollout, now: datetime) -> Change | None:
    if seen.spec.replicas == 0 or seen.ready(rollout.version) < seen.spec.replicas:
        return None
    if is_unheard(seen):
        return None
    stable = seen.memory.stable
    if stable is not None and stable != rollout.version:
        waiting = wait_for_dependents(seen, stable, now)
        if waiting is not None:
            return waiting if waiting.memory != seen.memory else None
    message = f"{rollout.version} serves all traffic now{_unproven(seen, rollout)}"
    told = _told(Reason.PROMOTED, message)
    return Change(memory=promote(seen, now), announcements=(told,))


def _unproven(seen: Observed, rollout: Rollout) -> str:
    if rollout.kind is not RolloutKind.CANARY or rollout.full or seen.evidence.canary.requests:
        return ""
    return f"; {BLIND}" if is_blind(seen) else "; no request to it was seen before"


def _told(reason: Reason, message: str) -> Announcement:
    return Announcement(reason=reason, message=message)
