"""How many pods each version gets, and when a version's pods may go."""

from typing import Any

import pytest

from headgate.model.decide.scale import replicas_allowed, replicas_wanted
from headgate.model.decide.steps import canary_replicas
from headgate.model.observed import Observed, ServiceSeen
from headgate.model.status_types import RolloutKind
from tests.builders.observed import (
    NOW,
    SECOND,
    a_canary_seen,
    a_deployment,
    a_memory,
    a_model_seen,
    a_pod,
    a_previous,
    a_rollout,
    a_spec,
    at_pause,
    steps,
)

TEN = {"replicas": 10}


def wanted(seen: Observed) -> dict[str, int]:
    return dict(replicas_wanted(seen))


def allowed(seen: Observed) -> dict[str, int]:
    return dict(replicas_allowed(seen, NOW))


@pytest.mark.parametrize(
    ("total", "weight", "pods"),
    [
        (10, 0, 0),
        (10, 1, 1),
        (10, 10, 1),
        (10, 20, 3),
        (10, 25, 3),
        (10, 50, 10),
        (10, 75, 10),
        (10, 100, 10),
        (1, 10, 1),
        (2, 50, 2),
        (3, 1, 1),
        (0, 10, 0),
        (0, 100, 0),
    ],
)
def test_the_canary_gets_the_pods_that_its_share_of_all_endpoints_asks_for(
    total: int, weight: int, pods: int
) -> None:
    assert canary_replicas(a_spec("v2", replicas=total), a_rollout(weight=weight)) == pods


@pytest.mark.parametrize(
    ("total", "weight", "scale", "pods"),
    [(10, 0, 4, 4), (10, 10, 4, 4), (10, 10, 0, 1), (10, 0, 0, 0), (10, 100, 4, 10), (0, 10, 4, 0)],
)
def test_set_canary_scale_overrides_the_weight_but_never_leaves_weight_without_pods(
    total: int, weight: int, scale: int, pods: int
) -> None:
    rollout = a_rollout(weight=weight, canary_scale=scale)
    assert canary_replicas(a_spec("v2", replicas=total), rollout) == pods


def test_when_only_promotion_is_left_the_canary_gets_them_all() -> None:
    spec = a_spec("v2", replicas=10, strategy=steps({"setWeight": 10}))
    assert canary_replicas(spec, a_rollout(step=1)) == 10
    assert canary_replicas(a_spec("v2", replicas=10), a_rollout(full=True)) == 10


@pytest.mark.parametrize("weight", [0, 1, 10, 50, 99, 100])
def test_the_stable_version_keeps_all_its_pods_until_promotion(weight: int) -> None:
    seen = a_canary_seen(
        spec=a_spec("v2", replicas=10), memory=a_memory(rollout=at_pause(weight=weight))
    )
    assert wanted(seen)["v1"] == 10


def test_a_version_that_serves_is_scaled_down_at_once_when_the_spec_says_so() -> None:
    seen = a_model_seen({"v1": 4}, spec=a_spec(replicas=1))
    assert allowed(seen) == {"v1": 1}


def test_the_last_good_version_is_kept_warm_and_no_larger_than_the_model() -> None:
    promoted = a_memory("v2", previous=a_previous("v1"))
    seen = a_model_seen({"v1": 1, "v2": 2}, pinned="v2", spec=a_spec("v2"), memory=promoted)
    assert wanted(seen) == {"v1": 1, "v2": 2}
    many = a_spec("v2", rollback={"keepWarm": 5})
    assert wanted(a_model_seen({}, spec=many, memory=promoted)) == {"v1": 2, "v2": 2}
    none = a_spec("v2", replicas=0)
    assert wanted(a_model_seen({}, spec=none, memory=promoted)) == {"v1": 0, "v2": 0}


def test_while_another_rollout_is_under_way_nothing_is_kept_warm() -> None:
    """A selector without a version would reach it."""
    memory = a_memory("v2", previous=a_previous("v1"), rollout=a_rollout("v3"))
    seen = a_model_seen({"v1": 1, "v2": 2}, pinned="v2", spec=a_spec("v3"), memory=memory)
    assert wanted(seen) == {"v1": 0, "v2": 2, "v3": 1}


class TestRecreate:
    """The old version is stopped before the new one starts."""

    memory = a_memory(rollout=a_rollout(kind=RolloutKind.RECREATE, weight=100))
    spec = a_spec("v2", strategy={"recreate": {}})

    def test_the_old_pods_go_first(self) -> None:
        seen = a_model_seen({"v1": 2}, spec=self.spec, memory=self.memory)
        assert allowed(seen) == {"v1": 0, "v2": 0}

    def test_the_new_ones_wait_until_the_last_old_one_is_gone(self) -> None:
        seen = a_model_seen(
            {"v1": 0},
            spec=self.spec,
            memory=self.memory,
            pods={"v1": (a_pod("v1", ready=False, leaving=True),)},
        )
        assert allowed(seen) == {"v1": 0, "v2": 0}

    def test_then_they_come_in_full(self) -> None:
        seen = a_model_seen({"v1": 0}, spec=self.spec, memory=self.memory)
        assert allowed(seen) == {"v1": 0, "v2": 2}

    def test_nothing_of_the_old_one_is_kept_warm_beside_the_new_one(self) -> None:
        promoted = a_memory("v2", previous=a_previous("v1"))
        seen = a_model_seen({"v1": 0, "v2": 2}, pinned="v2", spec=self.spec, memory=promoted)
        assert allowed(seen) == {"v1": 0, "v2": 2}


class TestPodsThatGo:
    """Traffic first: nothing is scaled down while it may still be reached."""

    def given_up(self, **changes: Any) -> Observed:
        """Return v2 given up: nothing is wanted of it, its two pods are there."""
        return a_model_seen({"v1": 2, "v2": 2}, **changes)

    def test_a_version_still_selected_keeps_its_pods(self) -> None:
        assert allowed(self.given_up(pinned=None))["v2"] == 2
        assert allowed(self.given_up(pinned="v2"))["v2"] == 2

    def test_a_version_still_among_the_endpoints_keeps_its_pods(self) -> None:
        assert allowed(self.given_up(endpoints={"v1": 2, "v2": 1}))["v2"] == 2

    def test_a_version_that_has_just_left_the_endpoints_keeps_its_pods(self) -> None:
        seen = self.given_up(endpoints_since=NOW - 2.9 * SECOND)
        assert allowed(seen)["v2"] == 2

    def test_a_version_that_left_the_endpoints_three_seconds_ago_may_go(self) -> None:
        assert allowed(self.given_up(endpoints_since=NOW - 3 * SECOND))["v2"] == 0

    def test_an_operator_that_does_not_know_since_when_waits(self) -> None:
        assert allowed(self.given_up(endpoints_since=None))["v2"] == 2

    def test_without_a_service_nothing_is_reached(self) -> None:
        assert allowed(self.given_up(service=None))["v2"] == 0

    def test_a_service_that_only_we_lost_sight_of_still_reaches_its_endpoints(self) -> None:
        """Somebody took our label off it: it is there, and routes, but no cache of ours has it."""
        seen = self.given_up(service=None, endpoints={"v1": 2, "v2": 2})
        assert allowed(seen)["v2"] == 2

    def test_more_pods_never_wait(self) -> None:
        seen = a_model_seen({"v1": 1}, service=ServiceSeen(pinned=None))
        assert allowed(seen) == {"v1": 2}

    def test_a_deployment_of_a_version_nobody_remembers_is_emptied(self) -> None:
        seen = a_model_seen(deployments={"v1": a_deployment("v1", 2), "v0": a_deployment("v0", 1)})
        assert allowed(seen) == {"v0": 0, "v1": 2}
