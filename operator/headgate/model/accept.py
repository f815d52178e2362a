"""What makes a Model's spec unusable though every field reads well.

The API server says the same by the CRD's rules. It is said again here for objects that got in
before the rule did, so that a part which is not built is refused and never passed over.
"""

from collections.abc import Iterator, Sequence

from headgate.core.resource import Problem, ResourceModel, unbuilt_parts
from headgate.model.predictions_types import OWN_SUBJECTS, is_own_subject
from headgate.model.step_types import FALLING, NO_TRAFFIC, NOWHERE, CanaryScale, Step, one_of
from headgate.model.types import Autoscaling, ModelSpec, Strategy

STEPS = "spec.strategy.canary.steps"


def problems_of(spec: ModelSpec) -> tuple[Problem, ...]:
    """Return everything that keeps the spec from being followed; empty when it is accepted."""
    return (*unbuilt_parts(spec), *_contradictions(spec))


def _contradictions(spec: ModelSpec) -> Iterator[Problem]:
    if (spec.version is None) == (spec.track is None):
        yield Problem("spec", "set exactly one of version and track")
    yield from _not_exactly_one(spec.strategy, "spec.strategy")
    if spec.strategy.canary is not None:
        yield from _bad_steps(spec.strategy.canary.steps)
    if spec.autoscaling is not None:
        yield from _bad_range(spec.autoscaling)
    if spec.predictions is not None and is_own_subject(spec.predictions.subject):
        yield Problem("spec.predictions.subject", OWN_SUBJECTS)


def _bad_range(autoscaling: Autoscaling) -> Iterator[Problem]:
    if autoscaling.min_replicas > autoscaling.max_replicas:
        yield Problem("spec.autoscaling.minReplicas", "minReplicas must not be above maxReplicas")


def _bad_steps(steps: Sequence[Step]) -> Iterator[Problem]:
    reached = -1
    for index, step in enumerate(steps):
        here = f"{STEPS}[{index}]"
        yield from _not_exactly_one(step, here)
        if step.set_canary_scale is not None:
            yield from _not_exactly_one(step.set_canary_scale, f"{here}.setCanaryScale")
        if step.set_weight is not None:
            if step.set_weight <= reached:
                yield Problem(f"{here}.setWeight", f"{FALLING} ({step.set_weight} after {reached})")
            reached = max(reached, step.set_weight)
        if step.analysis is not None and reached <= 0:
            yield Problem(f"{here}.analysis", NO_TRAFFIC)
    if reached <= 0:
        yield Problem(STEPS, NOWHERE)


def _not_exactly_one(choice: Strategy | Step | CanaryScale, path: str) -> Iterator[Problem]:
    if len(_names_set(choice)) != 1:
        known = (info.alias or name for name, info in type(choice).model_fields.items())
        yield Problem(path, one_of(known))


def _names_set(choice: ResourceModel) -> tuple[str, ...]:
    return tuple(name for name in type(choice).model_fields if getattr(choice, name) is not None)
