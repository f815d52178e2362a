"""What becomes of a rollout whose strategy is edited under way: it is led on, never promoted by it.

Which step a rollout is at means nothing in other steps. It goes on at the last of the new steps
whose weight it has reached: shorter steps, too, are walked to their end, under the gates.
"""

from dataclasses import replace
from datetime import datetime

from headgate.core.reasons import Reason
from headgate.model.decide.plan import Announcement, Change
from headgate.model.decide.steps import (
    are_steps_changed,
    canary_scale,
    enter,
    kind_wanted,
    step_reached,
    steps_digest,
    steps_of,
)
from headgate.model.decide.target import target_of, target_problem
from headgate.model.observed import Observed
from headgate.model.status_types import Rollout, RolloutKind
from headgate.model.types import ModelSpec


def follow_strategy(seen: Observed, now: datetime) -> Change | None:
    """Lead a rollout over to the strategy that the spec names now."""
    rollout = seen.memory.rollout
    if rollout is None or rollout.kind is RolloutKind.INITIAL:
        return None
    if rollout.version != target_of(seen):
        return None  # it is about to be given up
    if seen.spec.paused or seen.problems or target_problem(seen) is not None:
        return None
    if rollout.kind is not kind_wanted(seen.spec):
        return _start_over(seen, rollout, now)
    if not are_steps_changed(seen.spec, rollout):
        return None
    index = step_reached(seen.spec, rollout.weight)
    led_over = rollout.model_copy(
        update={
            "steps_digest": steps_digest(seen.spec),
            "canary_scale": _scale_before(seen.spec, index),
        }
    )
    where = f"step {index + 1}/{len(steps_of(seen.spec))}"
    message = f"{rollout.version} goes on at {where}: the steps were changed under way"
    return _entered(seen, led_over, index, now, message)


def _start_over(seen: Observed, rollout: Rollout, now: datetime) -> Change:
    """Begin anew as what the spec asks for; what the gates have seen so far goes on to count."""
    kind = kind_wanted(seen.spec)
    begun = rollout.model_copy(
        update={
            "kind": kind,
            "steps_digest": steps_digest(seen.spec),
            "weight": 0,
            "canary_scale": None,
            "step": 0,
            "step_started_at": None,
            "waiting_since": now,
        }
    )
    message = f"{rollout.version} starts over ({kind.value}): spec.strategy was changed under way"
    return _entered(seen, begun, 0, now, message)


def _entered(seen: Observed, rollout: Rollout, index: int, now: datetime, message: str) -> Change:
    entered = enter(seen, rollout, index, now)
    told = Announcement(reason=Reason.STEPS_CHANGED, message=message)
    return Change(memory=replace(seen.memory, rollout=entered), announcements=(told,))


def _scale_before(spec: ModelSpec, index: int) -> int | None:
    """Return the scale that the steps before this one would have set."""
    scales = [step for step in steps_of(spec)[:index] if step.set_canary_scale is not None]
    return canary_scale(spec, scales[-1]) if scales else None
