"""A version whose validation has not passed gets no pod; the stable one keeps all traffic."""

from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide import Plan, Route, State, decide
from headgate.model.observed import ValidationSeen
from headgate.model.status_types import Phase
from tests.builders.observed import NOW, a_memory, a_model_seen, a_rollout, a_spec, a_version

WAITING = ValidationSeen(refused=False, detail="churn-v2-0a1b: attempt 1 runs")
REFUSED = ValidationSeen(refused=True, detail="churn-v2-0a1b: 1 of 9 checks failed")


def with_v2(validation: ValidationSeen | None) -> dict[str, Any]:
    return {"v1": a_version("v1"), "v2": a_version("v2", validation=validation)}


@pytest.mark.parametrize(
    ("validation", "phase", "reason", "message"),
    [
        (
            WAITING,
            Phase.PROGRESSING,
            Reason.WAITING_FOR_VALIDATION,
            "v2 waits for its validation, v1 serves: churn-v2-0a1b: attempt 1 runs",
        ),
        (
            REFUSED,
            Phase.DEGRADED,
            Reason.VALIDATION_FAILED,
            "v2 takes no traffic, v1 serves: churn-v2-0a1b: 1 of 9 checks failed",
        ),
    ],
)
def test_it_is_not_begun_and_the_model_says_why(
    validation: ValidationSeen, phase: Phase, reason: Reason, message: str
) -> None:
    plan = decide(a_model_seen(spec=a_spec("v2"), versions=with_v2(validation)), NOW)
    assert plan == Plan(
        replicas=(("v1", 2),),
        weights=(("v1", 100),),
        route=Route(pinned="v1"),
        state=State(phase=phase, reason=reason, message=message),
    )


def test_it_is_begun_once_it_has_passed() -> None:
    plan = decide(a_model_seen(spec=a_spec("v2"), versions=with_v2(None)), NOW)
    assert plan.change is not None
    assert plan.change.memory.rollout is not None


def test_a_rollout_that_was_begun_goes_on_whatever_becomes_of_its_run() -> None:
    seen = a_model_seen(
        spec=a_spec("v2"),
        memory=a_memory(rollout=a_rollout("v2")),
        versions=with_v2(WAITING),
    )
    assert decide(seen, NOW).state.reason is not Reason.WAITING_FOR_VALIDATION


def test_what_serves_is_not_stopped_by_its_own_validation() -> None:
    seen = a_model_seen(spec=a_spec("v1"), versions={"v1": a_version("v1", validation=REFUSED)})
    plan = decide(seen, NOW)
    assert (plan.route, plan.state.reason) == (Route(pinned="v1"), Reason.ROLLOUT_COMPLETE)
