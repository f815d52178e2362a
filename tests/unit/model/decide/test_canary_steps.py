"""A new version beside the stable one, step by step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide import Announcement, Change, Plan, Route, State, decide
from headgate.model.decide.steps import canary_replicas, steps_digest
from headgate.model.observed import Observed
from headgate.model.status_types import (
    Evidence,
    HistoryEntry,
    Outcome,
    Phase,
    Previous,
    Rollout,
    RolloutKind,
)
from tests.builders.observed import (
    MINUTE,
    NOW,
    SECOND,
    a_canary_seen,
    a_memory,
    a_model_seen,
    a_rollout,
    a_spec,
    an_unready_pod,
    at_pause,
    errors_of,
    pods,
    steps,
)

EVIDENCE = Evidence(canary=errors_of(90, 1), stable=errors_of(910, 5), before=errors_of(10_000, 50))


def after(seen: Observed) -> Rollout | None:
    """Return the rollout once the next decision is recorded."""
    change = decide(seen, NOW).change
    assert change is not None
    return change.memory.rollout


def waits(seen: Observed) -> bool:
    return decide(seen, NOW).change is None


def a_canary_of(*entries: dict[str, Any], **changes: Any) -> Observed:
    """Return a canary of these steps, as a rollout that `memory` places somewhere in them."""
    return a_canary_seen(spec=a_spec("v2", strategy=steps(*entries)), **changes)


def test_a_new_version_starts_with_the_first_step() -> None:
    seen = a_model_seen(spec=a_spec("v2"))
    assert decide(seen, NOW) == Plan(
        urgent=False,
        change=Change(
            memory=a_memory(
                rollout=Rollout(
                    version="v2",
                    kind=RolloutKind.CANARY,
                    started_at=NOW,
                    steps_digest=steps_digest(seen.spec),
                    waiting_since=NOW,
                    weight=10,
                )
            ),
            announcements=(
                Announcement(reason=Reason.ROLLOUT_STARTED, message="v2 is rolled out (Canary)"),
            ),
        ),
        state=State(
            phase=Phase.PROGRESSING,
            reason=Reason.WAITING_FOR_PODS,
            message="v2: step 1/4 (setWeight 10), 0 of 1 pods ready",
        ),
        wake_at=NOW,
    )


def test_it_gets_pods_before_it_gets_traffic() -> None:
    seen = a_model_seen(spec=a_spec("v2"), memory=a_memory(rollout=a_rollout()))
    assert decide(seen, NOW) == Plan(
        replicas=(("v1", 2), ("v2", 1)),
        weights=(("v1", 90), ("v2", 10)),
        route=Route(pinned="v1"),
        state=State(
            phase=Phase.PROGRESSING,
            reason=Reason.WAITING_FOR_PODS,
            message="v2: step 1/4 (setWeight 10), 0 of 1 pods ready",
        ),
        wake_at=NOW + 9 * MINUTE,
    )


def test_a_weight_is_reached_when_the_endpoints_show_it() -> None:
    at_first = a_memory(rollout=a_rollout())
    assert waits(a_canary_seen(memory=at_first, endpoints={"v1": 2}))
    assert waits(a_canary_seen(memory=at_first, pinned="v1"))
    found = after(a_canary_seen(memory=at_first, evidence=EVIDENCE))
    assert found == a_rollout(
        step=1, step_started_at=NOW, waiting_since=NOW, weight=10, evidence=EVIDENCE
    )


def test_a_step_that_ends_is_told() -> None:
    change = decide(a_canary_seen(memory=a_memory(rollout=a_rollout())), NOW).change
    assert change is not None
    assert change.announcements == (
        Announcement(reason=Reason.STEP_COMPLETED, message="v2: step 1/4 done (setWeight 10)"),
    )


def test_a_timed_pause_ends_by_itself_and_not_before() -> None:
    began = at_pause(step_started_at=NOW - 29 * SECOND)
    assert waits(a_canary_seen(memory=a_memory(rollout=began)))
    ended = at_pause(step_started_at=NOW - 30 * SECOND)
    assert after(a_canary_seen(memory=a_memory(rollout=ended))) == a_rollout(
        step=2, weight=50, waiting_since=NOW
    )


def test_a_timed_pause_tells_until_when_and_wakes_then() -> None:
    plan = decide(a_canary_seen(memory=a_memory(rollout=at_pause())), NOW)
    assert plan.state == State(
        phase=Phase.PROGRESSING,
        reason=Reason.STEP_PAUSED,
        message="v2: step 2/4, 10% until 12:00:29Z",
    )
    last = at_pause(step_started_at=NOW - 29.5 * SECOND)
    assert decide(a_canary_seen(memory=a_memory(rollout=last)), NOW).wake_at == NOW + 0.5 * SECOND


def test_a_pause_without_duration_lasts_until_somebody_promotes() -> None:
    seen = a_canary_of(
        {"setWeight": 10},
        {"pause": {}},
        memory=a_memory(rollout=at_pause(step_started_at=NOW - timedelta(days=300))),
    )
    plan = decide(seen, NOW)
    assert plan.change is None
    assert plan.state == State(
        phase=Phase.PAUSED,
        reason=Reason.WAITING_FOR_PROMOTION,
        message="v2: step 2/2, waits for promotion at 10%: kubectl headgate promote churn, or "
        "annotate "
        "headgate.dev/request=promote/v2/<anything new>",
    )


class TestAnalysis:
    """A step that waits until the gates have seen enough."""

    def seen(self, requests: int) -> Observed:
        return a_canary_of(
            {"setWeight": 10},
            {"analysis": {"minRequests": 100}},
            memory=a_memory(rollout=at_pause()),
            evidence=Evidence(canary=errors_of(requests), stable=errors_of(5_000)),
        )

    def test_ends_with_the_requests_it_asks_for(self) -> None:
        assert waits(self.seen(99))
        found = after(self.seen(100))
        assert found is not None
        assert found.step == 2

    def test_without_traffic_never_ends_and_says_so(self) -> None:
        plan = decide(self.seen(0), NOW + timedelta(days=1))
        assert plan.change is None
        assert plan.state == State(
            phase=Phase.PROGRESSING,
            reason=Reason.WAITING_FOR_ANALYSIS,
            message="v2: step 2/2, 0% of 100 requests; no traffic has reached it yet",
        )


class TestSetCanaryScale:
    """Pods apart from weight."""

    scaled: tuple[dict[str, Any], ...] = (
        {"setCanaryScale": {"replicas": 3}},
        {"setWeight": 10},
        {"pause": {}},
    )

    def test_comes_before_any_traffic(self) -> None:
        seen = a_model_seen(spec=a_spec("v2", strategy=steps(*self.scaled)))
        found = after(seen)
        assert found is not None
        assert (found.weight, found.canary_scale) == (0, 3)
        plan = decide(replace(seen, memory=a_memory(rollout=found)), NOW)
        assert plan.replicas == (("v1", 2), ("v2", 3))
        assert plan.weights == (("v1", 100), ("v2", 0))
        assert plan.route == Route(pinned="v1")

    def test_is_done_when_the_pods_are_ready(self) -> None:
        placed = a_memory(rollout=a_rollout(weight=0, canary_scale=3))
        assert waits(a_canary_of(*self.scaled, memory=placed, pinned="v1"))
        three = {"v1": 2, "v2": 3}
        found = after(a_canary_of(*self.scaled, running=three, memory=placed, pinned="v1"))
        assert found is not None
        assert (found.step, found.weight, found.canary_scale) == (1, 10, 3)

    @pytest.mark.parametrize(
        ("scale", "pods_wanted"),
        [({"weight": 50}, 2), ({"weight": 1}, 1), ({"matchTrafficWeight": True}, 1)],
    )
    def test_may_be_said_in_percent_or_follow_the_weight_again(
        self, scale: dict[str, Any], pods_wanted: int
    ) -> None:
        began = ({"setWeight": 10}, {"setCanaryScale": scale}, {"setWeight": 20})
        seen = a_canary_of(*began, memory=a_memory(rollout=a_rollout(canary_scale=9)))
        seen = replace(seen, spec=a_spec("v2", replicas=4, strategy=steps(*began)))
        seen = replace(
            seen, endpoints={"v1": 4, "v2": 9}, pods={"v1": pods("v1", 4), "v2": pods("v2", 9)}
        )
        found = after(seen)
        assert found is not None
        assert canary_replicas(seen.spec, found) == pods_wanted


class TestPromotion:
    """After the last step the version is the stable one."""

    last = at_pause(step=4, step_started_at=None, weight=50)

    def test_waits_for_as_many_pods_as_the_spec_wants(self) -> None:
        plan = decide(a_canary_seen(memory=a_memory(rollout=self.last)), NOW)
        assert plan == Plan(
            replicas=(("v1", 2), ("v2", 2)),
            weights=(("v1", 50), ("v2", 50)),
            route=Route(pinned=None),
            state=State(
                phase=Phase.PROGRESSING,
                reason=Reason.WAITING_FOR_PODS,
                message="v2: promotion, 1 of 2 pods ready",
            ),
            wake_at=NOW + SECOND,
        )

    def test_remembers_the_version_before_and_what_it_answered(self) -> None:
        seen = a_canary_seen(
            {"v1": 2, "v2": 2}, memory=a_memory(rollout=self.last), evidence=EVIDENCE
        )
        assert decide(seen, NOW).change == Change(
            memory=a_memory(
                "v2",
                previous=Previous(version="v1", since=NOW, baseline=EVIDENCE.before),
                history=(HistoryEntry(version="v2", at=NOW, outcome=Outcome.PROMOTED),),
            ),
            announcements=(
                Announcement(reason=Reason.PROMOTED, message="v2 serves all traffic now"),
            ),
        )

    def test_then_the_route_leaves_the_old_version_and_its_pods_stay_for_now(self) -> None:
        promoted = a_memory("v2", previous=Previous(version="v1", since=NOW))
        seen = a_canary_seen({"v1": 2, "v2": 2}, memory=promoted)
        plan = decide(seen, NOW)
        assert plan == Plan(
            replicas=(("v1", 2), ("v2", 2)),
            weights=(("v2", 100),),
            route=Route(pinned="v2"),
            state=State(
                phase=Phase.PROGRESSING,
                reason=Reason.WAITING_FOR_PODS,
                message="v2: 2 of 2 pods ready, waits for the Service's endpoints",
            ),
            wake_at=NOW + 0.5 * SECOND,
        )

    def test_and_they_go_when_the_endpoints_have_settled_but_for_one_that_is_kept_warm(
        self,
    ) -> None:
        promoted = a_memory("v2", previous=Previous(version="v1", since=NOW - MINUTE))
        seen = a_canary_seen({"v1": 2, "v2": 2}, pinned="v2", memory=promoted)
        plan = decide(seen, NOW)
        assert plan.replicas == (("v1", 1), ("v2", 2))
        assert plan.state == State(
            phase=Phase.HEALTHY, reason=Reason.ROLLOUT_COMPLETE, message="v2 serves"
        )


def test_paused_it_stays_where_it_is() -> None:
    ended = at_pause(step_started_at=NOW - MINUTE)
    spec = a_spec("v2", paused=True)
    plan = decide(a_canary_seen(spec=spec, memory=a_memory(rollout=ended)), NOW)
    assert plan.change is None
    assert plan.weights == (("v1", 90), ("v2", 10))
    assert plan.state == State(
        phase=Phase.PAUSED,
        reason=Reason.PAUSED_BY_SPEC,
        message="v2 stays at 10%: spec.paused is true",
    )


def test_a_stable_version_that_lacks_pods_holds_the_step_up() -> None:
    missing = {"v1": (*pods("v1", 1), an_unready_pod("v1", 2)), "v2": pods("v2", 1)}
    seen = a_canary_seen(
        memory=a_memory(rollout=a_rollout()), pods=missing, endpoints={"v1": 1, "v2": 1}
    )
    assert waits(seen)


class TestStepsEditedUnderWay:
    """The rollout goes on at the place where it is, by the steps that stand there now."""

    def test_a_pause_put_where_a_weight_was_counts_from_when_the_place_was_reached(self) -> None:
        placed = a_rollout(waiting_since=NOW - 10 * SECOND)
        entries = ({"pause": {"duration": "10s"}}, {"setWeight": 20})
        assert waits(
            a_canary_of(
                *entries, memory=a_memory(rollout=placed.model_copy(update={"waiting_since": NOW}))
            )
        )
        found = after(a_canary_of(*entries, memory=a_memory(rollout=placed)))
        assert found is not None
        assert (found.step, found.weight) == (1, 20)

    def test_fewer_steps_than_were_done_are_no_promotion(self) -> None:
        seen = a_canary_of(
            {"setWeight": 10},
            running={"v1": 2, "v2": 2},
            memory=a_memory(rollout=at_pause(step=3)),
        )
        found = after(seen)
        assert found is not None
        assert (found.step, found.weight) == (0, 10)
