"""The steps of a rollout: which there are, what each wants, and when it is done."""

import hashlib
from datetime import datetime
from functools import lru_cache

from headgate.model.observed import Observed
from headgate.model.status_types import Rollout, RolloutKind
from headgate.model.types import DEFAULT_STEPS, ModelSpec, Step

FULL = 100


def steps_of(spec: ModelSpec) -> tuple[Step, ...]:
    """Return the canary steps of a spec, the default ones where it names none."""
    return DEFAULT_STEPS if spec.strategy.canary is None else spec.strategy.canary.steps


def is_recreate(spec: ModelSpec) -> bool:
    """Return whether the old version is stopped before the new one starts."""
    return spec.strategy.recreate is not None


def kind_wanted(spec: ModelSpec) -> RolloutKind:
    """Return how a version comes to serve where another one does."""
    return RolloutKind.RECREATE if is_recreate(spec) else RolloutKind.CANARY


def spec_digest(spec: ModelSpec) -> str:
    """Return a digest of all that could make a rejected version succeed.

    Scale, pause and where predictions go could not.

    Defaults are left out, so that a release with new fields tries no rejected version again.
    """
    text = spec.model_dump_json(
        exclude={"replicas", "paused", "predictions"}, exclude_defaults=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def steps_digest(spec: ModelSpec) -> str:
    """Return a digest of the steps; defaults are left out, as in spec_digest()."""
    return _digest_of(steps_of(spec))


@lru_cache(maxsize=256)  # asked for some times a pass, and most Models have the same steps
def _digest_of(steps: tuple[Step, ...]) -> str:
    text = "".join(step.model_dump_json(exclude_defaults=True) for step in steps)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def are_steps_changed(spec: ModelSpec, rollout: Rollout) -> bool:
    """Return whether the index of the step counts in other steps than those that stand there now.

    What a release wrote that kept no digest is believed as long as it can be right.
    """
    if rollout.kind is not RolloutKind.CANARY or rollout.full:
        return False
    if is_recreate(spec) or rollout.step > len(steps_of(spec)):
        return True
    return rollout.steps_digest not in ("", steps_digest(spec))


def step_under_way(spec: ModelSpec, rollout: Rollout) -> Step | None:
    """Return the step a rollout is at; None when there is none left, or none known."""
    steps = steps_of(spec)
    if rollout.full or rollout.step >= len(steps) or are_steps_changed(spec, rollout):
        return None
    return steps[rollout.step]


def is_at_promotion(spec: ModelSpec, rollout: Rollout) -> bool:
    """Return whether no step is left."""
    if rollout.kind is not RolloutKind.CANARY:
        return True
    return step_under_way(spec, rollout) is None and not are_steps_changed(spec, rollout)


def step_reached(spec: ModelSpec, weight: int) -> int:
    """Return the last step whose weight is reached already, the first one where none is."""
    reached = [
        index
        for index, step in enumerate(steps_of(spec))
        if step.set_weight is not None and step.set_weight <= weight
    ]
    return reached[-1] if reached else 0


def enter(seen: Observed, rollout: Rollout, index: int, now: datetime) -> Rollout:
    """Return the rollout at the start of a step, with the evidence it has so far."""
    if rollout.kind is not RolloutKind.CANARY:
        return rollout.model_copy(update={"weight": FULL, "evidence": seen.evidence})
    steps = steps_of(seen.spec)
    step = None if rollout.full or index >= len(steps) else steps[index]
    weight, scale = rollout.weight, rollout.canary_scale
    if step is not None and step.set_weight is not None:
        weight = step.set_weight
    if step is not None and step.set_canary_scale is not None:
        scale = canary_scale(seen.spec, step)
    timed = step is not None and (step.pause is not None or step.analysis is not None)
    return rollout.model_copy(
        update={
            "step": index,
            "step_started_at": now if timed else None,
            "waiting_since": now,
            "weight": weight,
            "canary_scale": scale,
            "evidence": seen.evidence,
        }
    )


def canary_scale(spec: ModelSpec, step: Step) -> int | None:
    """Return the replicas a setCanaryScale step asks for; None follows the weight again."""
    wanted = step.set_canary_scale
    if wanted is None or wanted.match_traffic_weight:
        return None
    if wanted.replicas is not None:
        return wanted.replicas
    return -(-spec.replicas * (wanted.weight or 0) // 100)


def canary_replicas(spec: ModelSpec, rollout: Rollout) -> int:
    """Return the pods for the version on trial.

    The stable version keeps all of its own until promotion, so that it can take everything back
    at once; the canary has N*w/(100-w), at least one and at most N.
    """
    total, weight = spec.replicas, rollout.weight
    if total == 0:
        return 0
    if is_at_promotion(spec, rollout) or weight >= FULL:
        return total  # it is about to have all the traffic, whatever a step said of its scale
    if rollout.canary_scale is not None:
        return max(rollout.canary_scale, 1 if weight else 0)
    if weight == 0:
        return 0
    share = (2 * total * weight + (100 - weight)) // (2 * (100 - weight))
    return max(1, min(total, share))
