"""The strategy is edited while a rollout is under way: no edit alone promotes anything."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import Change, Plan, decide
from headgate.model.decide.steps import steps_digest
from headgate.model.observed import Observed
from headgate.model.status_types import Rollout, RolloutKind
from tests.builders.observed import (
    HOUR,
    NOW,
    a_canary_seen,
    a_memory,
    a_model_seen,
    a_rollout,
    a_spec,
    at_pause,
    errors_of,
    evidence_against,
    pods,
    steps,
)

BEFORE = steps({"setWeight": 10}, {"pause": {"duration": "1h"}}, {"setWeight": 50}, {"pause": {}})
RECREATE: dict[str, Any] = {"recreate": {}}


def a_canary_led_by(strategy: dict[str, Any], rollout: Rollout, **changes: Any) -> Observed:
    """Return a canary that began by BEFORE, under a spec that has another strategy now."""
    begun = rollout.model_copy(update={"steps_digest": steps_digest(a_spec(strategy=BEFORE))})
    spec = a_spec("v2", strategy=strategy, **changes.pop("spec", {}))
    seen: dict[str, Any] = {"spec": spec, "memory": a_memory(rollout=begun)}
    return a_canary_seen({"v1": 2, "v2": 2}, **(seen | changes))


def led_over(seen: Observed) -> Rollout:
    change = decide(seen, NOW).change
    assert change is not None
    assert change.memory.stable == "v1"
    assert change.announcements[0].reason is Reason.STEPS_CHANGED
    assert change.memory.rollout is not None
    assert decide(replace(seen, memory=change.memory), NOW).change is None or (
        change.memory.rollout.step_started_at is None
    )
    return change.memory.rollout


def test_fewer_steps_than_were_done_do_not_promote() -> None:
    shorter = steps({"setWeight": 10}, {"pause": {"duration": "1h"}})
    found = led_over(a_canary_led_by(shorter, at_pause(step=3, weight=50)))
    assert (found.step, found.weight) == (0, 10)


@pytest.mark.parametrize(
    ("weight", "index", "then"), [(5, 0, 5), (10, 1, 10), (30, 1, 10), (50, 3, 40), (100, 5, 60)]
)
def test_it_goes_on_at_the_last_step_whose_weight_it_has_reached(
    weight: int, index: int, then: int
) -> None:
    after = steps(
        {"setCanaryScale": {"replicas": 2}},
        {"setWeight": 10},
        {"pause": {}},
        {"setWeight": 40},
        {"pause": {}},
        {"setWeight": 60},
        {"pause": {}},
    )
    found = led_over(a_canary_led_by(after, at_pause(weight=weight)))
    assert (found.step, found.weight, found.canary_scale) == (index, then, 2)
    assert found.started_at == at_pause().started_at


def test_a_scale_that_the_new_steps_do_not_set_is_not_kept() -> None:
    after = steps({"setWeight": 10}, {"pause": {}})
    assert led_over(a_canary_led_by(after, at_pause(canary_scale=7))).canary_scale is None


def test_steps_spelled_otherwise_are_the_same_steps() -> None:
    alike = steps(
        {"setWeight": 10}, {"pause": {"duration": "60m"}}, {"setWeight": 50}, {"pause": {}}
    )
    assert decide(a_canary_led_by(alike, at_pause()), NOW).change is None


def test_what_the_gates_have_seen_goes_on_to_count() -> None:
    seen_so_far = evidence_against(errors_of(90, 1), errors_of(900, 1), loglikelihood=1.0)
    seen = a_canary_led_by(steps({"setWeight": 10}), at_pause(), evidence=seen_so_far)
    assert led_over(seen).evidence == seen_so_far


@pytest.mark.parametrize(
    "held", [{"spec": {"paused": True}}, {"problems": (Problem("spec.strategy", "is odd"),)}]
)
def test_meanwhile_a_pause_and_a_refused_spec_hold_weight_and_pods(held: dict[str, Any]) -> None:
    shorter = steps({"setWeight": 5})
    plan = decide(a_canary_led_by(shorter, at_pause(step=3, weight=10), **held), NOW + HOUR)
    assert plan.change is None
    assert plan.replicas == (("v1", 2), ("v2", 1))
    assert plan.weights == (("v1", 90), ("v2", 10))


def test_a_promotion_already_asked_for_in_full_stays_asked_for() -> None:
    seen = a_canary_led_by(steps({"setWeight": 5}), at_pause(full=True, weight=50))
    change = decide(seen, NOW).change
    assert change is not None
    assert change.announcements[0].reason is Reason.PROMOTED


def test_a_rollout_noted_by_a_release_that_kept_no_digest_goes_on_where_it_is() -> None:
    seen = a_canary_seen(memory=a_memory(rollout=at_pause()))
    assert decide(seen, NOW).change is None


class TestAnotherStrategy:
    """It starts over as what the spec asks for now."""

    def test_a_canary_that_is_to_be_recreated_stops_the_old_version_first(self) -> None:
        seen = a_canary_led_by(RECREATE, at_pause(step=4, step_started_at=None, weight=50))
        found = led_over(seen)
        assert (found.kind, found.step, found.weight) == (RolloutKind.RECREATE, 0, 100)
        plan: Plan = decide(
            replace(
                seen,
                memory=a_memory(rollout=found),
                pods={"v1": pods("v1", 2), "v2": ()},
                endpoints={"v1": 2},
            ),
            NOW,
        )
        assert plan.change is None
        assert plan.replicas == (("v1", 0), ("v2", 0))

    def test_a_recreated_version_that_is_to_be_a_canary_gives_the_old_one_its_pods_back(
        self,
    ) -> None:
        begun = a_rollout(kind=RolloutKind.RECREATE, weight=100)
        seen = a_model_seen(
            {"v1": 0, "v2": 2},
            pinned="v2",
            spec=a_spec("v2", strategy=BEFORE),
            memory=a_memory(rollout=begun),
        )
        found = led_over(seen)
        assert (found.kind, found.step, found.weight) == (RolloutKind.CANARY, 0, 10)
        plan = decide(replace(seen, memory=a_memory(rollout=found)), NOW)
        assert plan.change is None
        assert dict(plan.replicas)["v1"] == 2

    def test_a_first_version_takes_no_steps_whatever_they_are(self) -> None:
        begun = a_rollout("v1", kind=RolloutKind.INITIAL, weight=100, steps_digest="of others")
        seen = a_model_seen(
            spec=a_spec("v1", strategy=RECREATE), memory=a_memory(None, rollout=begun)
        )
        change: Change | None = decide(seen, NOW).change
        assert change is not None
        assert change.announcements[0].reason is Reason.PROMOTED
