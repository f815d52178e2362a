"""Which versions the Service selects: never one that cannot take the traffic."""

from typing import Any

import pytest

from headgate.model.decide.plan import Route
from headgate.model.decide.route import in_effect, route_wanted, weights_wanted
from headgate.model.observed import Observed
from headgate.model.status_types import HistoryEntry, Outcome, RolloutKind
from tests.builders.observed import (
    NOW,
    SECOND,
    a_canary_seen,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_pod,
    a_previous,
    a_rollout,
    a_spec,
    a_version,
    an_unready_pod,
    at_pause,
    no_version,
    pods,
)

ALL = Route(pinned=None)


def only(version: str) -> Route:
    return Route(pinned=version)


def route(seen: Observed) -> Route | None:
    return route_wanted(seen, NOW)


def turns_ended(seconds_ago: float, version: str = "v2") -> tuple[HistoryEntry, ...]:
    at = NOW - seconds_ago * SECOND
    return (HistoryEntry(version=version, at=at, outcome=Outcome.REJECTED),)


class TestWeights:
    """Percent of requests, by version."""

    @pytest.mark.parametrize("weight", [0, 1, 10, 99, 100])
    def test_two_versions_share_a_hundred(self, weight: int) -> None:
        seen = a_canary_seen(memory=a_memory(rollout=at_pause(weight=weight)))
        assert weights_wanted(seen) == (("v1", 100 - weight), ("v2", weight))

    def test_a_version_at_rest_has_all(self) -> None:
        assert weights_wanted(a_model_seen()) == (("v1", 100),)

    def test_a_first_version_has_all(self) -> None:
        first = a_memory(None, rollout=a_rollout("v1", kind=RolloutKind.INITIAL))
        assert weights_wanted(a_model_seen({}, memory=first)) == (("v1", 100),)

    def test_a_model_without_any_version_has_none(self) -> None:
        assert weights_wanted(a_model_seen({}, memory=a_memory(None))) == ()

    def test_a_version_whose_dependency_stopped_serving_gets_nothing_and_keeps_its_step(
        self,
    ) -> None:
        waiting = a_version("v2", dependencies=(a_missing_dependency(),))
        seen = a_canary_seen(versions={"v1": a_version("v1"), "v2": waiting})
        assert weights_wanted(seen) == (("v1", 100), ("v2", 0))
        assert route(seen) == only("v1")

    def test_a_version_that_was_deleted_keeps_what_it_has_while_its_pods_run(self) -> None:
        seen = a_canary_seen(versions={"v1": a_version("v1"), "v2": no_version("v2")})
        assert weights_wanted(seen) == (("v1", 90), ("v2", 10))


class TestSharing:
    """A selector without a version reaches every ready pod of the Model."""

    def test_it_begins_once_the_canary_has_a_ready_pod(self) -> None:
        assert route(a_canary_seen(pinned="v1")) == ALL

    def test_it_waits_for_the_canarys_first_ready_pod(self) -> None:
        starting = {"v1": pods("v1", 2), "v2": (an_unready_pod("v2"),)}
        assert route(a_canary_seen(pinned="v1", pods=starting)) == only("v1")

    def test_it_waits_while_a_third_version_would_be_reached_too(self) -> None:
        seen = a_canary_seen({"v0": 1, "v1": 2, "v2": 1}, pinned="v1")
        assert route(seen) == only("v1")

    def test_a_third_versions_pods_that_leave_hinder_nobody(self) -> None:
        seen = a_canary_seen(pinned="v1")
        seen = a_canary_seen(
            pinned="v1", pods={**seen.pods, "v0": (a_pod("v0", ready=False, leaving=True),)}
        )
        assert route(seen) == ALL

    def test_a_newer_version_does_not_share_with_one_that_was_given_up(self) -> None:
        # given v2 was sharing with v1 when the spec turned to v3
        seen = a_canary_seen(
            {"v1": 2, "v2": 1, "v3": 1},
            pinned=None,
            spec=a_spec("v3"),
            memory=a_memory(rollout=a_rollout("v3")),
        )
        # then v1 has everything until v2's pods are gone
        assert route(seen) == only("v1")

    def test_it_ends_when_the_canary_has_no_ready_pod_left(self) -> None:
        failing = {"v1": pods("v1", 2), "v2": (an_unready_pod("v2"),)}
        assert route(a_canary_seen(pinned=None, pods=failing)) == only("v1")

    def test_it_goes_on_when_the_stable_version_has_no_ready_pod_left(self) -> None:
        failing = {"v1": (an_unready_pod("v1"),), "v2": pods("v2", 1)}
        assert route(a_canary_seen(pinned=None, pods=failing)) == ALL


class TestAllTrafficForACanary:
    """A step of weight 100 before promotion."""

    def seen(self, ready: int, pinned: str | None = None, **changes: Any) -> Observed:
        found = a_canary_seen(
            {"v1": 4, "v2": 4},
            pinned=pinned,
            spec=a_spec("v2", replicas=4),
            memory=a_memory(rollout=at_pause(weight=100)),
        )
        some = (*pods("v2", ready), *(an_unready_pod("v2", 9 - n) for n in range(4 - ready)))
        return a_canary_seen(
            {"v1": 4, "v2": 4},
            pinned=pinned,
            **(
                {
                    "spec": found.spec,
                    "memory": found.memory,
                    "pods": {"v1": pods("v1", 4), "v2": some},
                }
                | changes
            ),
        )

    @pytest.mark.parametrize("pinned", [None, "v1"])
    def test_waits_until_all_its_pods_are_ready(self, pinned: str | None) -> None:
        for ready in range(4):
            assert route(self.seen(ready, pinned)) == Route(pinned=pinned)
        assert route(self.seen(4, pinned)) == only("v2")

    def test_goes_to_some_pods_only_where_nothing_else_is_ready(self) -> None:
        lost = {"v1": (an_unready_pod("v1"),), "v2": pods("v2", 1)}
        assert route(self.seen(1, "v1", pods=lost)) == only("v2")

    def test_is_not_left_because_one_of_its_pods_is_not_ready_for_a_moment(self) -> None:
        assert route(self.seen(3, "v2")) == only("v2")

    def test_a_service_made_anew_selects_the_stable_version_until_then(self) -> None:
        assert route(self.seen(1, service=None)) == only("v1")
        assert route(self.seen(4, service=None)) == only("v2")


class TestGoingBack:
    """After a rejection the stable version has everything."""

    def test_from_sharing_it_is_immediate(self) -> None:
        rejected = a_memory(history=turns_ended(0))
        assert route(a_model_seen({"v1": 2, "v2": 1}, pinned=None, memory=rejected)) == only("v1")

    def test_from_sharing_it_is_immediate_also_to_fewer_pods_than_wanted(self) -> None:
        few = {"v1": (*pods("v1", 1), an_unready_pod("v1", 2)), "v2": pods("v2", 2)}
        rejected = a_memory(history=turns_ended(0))
        seen = a_model_seen({"v1": 2, "v2": 2}, pinned=None, memory=rejected, pods=few)
        assert route(seen) == only("v1")

    def test_to_no_pod_at_all_it_waits(self) -> None:
        lost = {"v1": (an_unready_pod("v1"),), "v2": pods("v2", 2)}
        seen = a_model_seen({"v1": 1, "v2": 2}, pinned="v2", pods=lost)
        assert route(seen) == only("v2")

    def seen_after_promotion(self, ready: int, seconds_ago: float, **changes: Any) -> Observed:
        """Return v2, promoted and selected, given up for v1 of which some pods are ready."""
        some = (*pods("v1", ready), *(an_unready_pod("v1", 9 - n) for n in range(4 - ready)))
        return a_model_seen(
            {"v1": 4, "v2": 4},
            pinned="v2",
            **(
                {
                    "spec": a_spec("v2", replicas=4),
                    "memory": a_memory(history=turns_ended(seconds_ago)),
                    "pods": {"v1": some, "v2": pods("v2", 4)},
                }
                | changes
            ),
        )

    def test_after_promotion_it_waits_a_little_for_all_the_pods(self) -> None:
        assert route(self.seen_after_promotion(1, 14)) == only("v2")
        assert route(self.seen_after_promotion(4, 0)) == only("v1")

    def test_after_promotion_it_does_not_wait_for_ever(self) -> None:
        assert route(self.seen_after_promotion(1, 15)) == only("v1")

    def test_after_promotion_it_does_not_wait_where_the_failing_version_has_no_ready_pod(
        self,
    ) -> None:
        none = {"v1": pods("v1", 1), "v2": (an_unready_pod("v2"),)}
        assert route(self.seen_after_promotion(1, 0, pods=none)) == only("v1")


class TestPromotion:
    """The new stable version takes over from sharing."""

    def seen(self, ready: int) -> Observed:
        some = (*pods("v2", ready), *(an_unready_pod("v2", 9 - n) for n in range(2 - ready)))
        return a_model_seen(
            {"v1": 2, "v2": 2},
            pinned=None,
            spec=a_spec("v2"),
            memory=a_memory("v2", previous=a_previous("v1")),
            pods={"v1": pods("v1", 2), "v2": some},
        )

    def test_it_takes_all_with_all_its_pods(self) -> None:
        assert route(self.seen(2)) == only("v2")

    def test_a_pod_lost_at_that_moment_leaves_the_version_before_in_place(self) -> None:
        assert route(self.seen(1)) == ALL
        assert route(self.seen(0)) == ALL


class TestFirstVersion:
    """Nothing else could serve."""

    memory = a_memory(None, rollout=a_rollout("v1", kind=RolloutKind.INITIAL, weight=100))

    def test_is_selected_before_it_has_pods(self) -> None:
        seen = a_model_seen({}, memory=self.memory, service=None)
        assert route(seen) == only("v1")

    def test_no_version_no_service(self) -> None:
        assert route(a_model_seen({}, memory=a_memory(None), service=None)) is None


class TestScaledToZero:
    """There is nothing to wait for."""

    def test_the_service_still_follows_the_stable_version(self) -> None:
        seen = a_model_seen({"v1": 0}, pinned="v2", spec=a_spec(replicas=0))
        assert route(seen) == only("v1")


class TestInEffect:
    """Whether the data plane has what the weights ask for."""

    def test_selector_and_endpoints_are_as_wanted(self) -> None:
        assert in_effect(a_canary_seen())

    def test_a_selector_that_does_not_share_yet_is_not(self) -> None:
        assert not in_effect(a_canary_seen(pinned="v1"))

    def test_endpoints_that_lag_behind_are_not(self) -> None:
        assert not in_effect(a_canary_seen(endpoints={"v1": 2}))
        assert not in_effect(a_canary_seen(endpoints={"v1": 1, "v2": 1}))

    def test_endpoints_of_a_third_version_are_not(self) -> None:
        assert not in_effect(a_canary_seen(endpoints={"v0": 1, "v1": 2, "v2": 1}))

    def test_no_service_is_not(self) -> None:
        assert not in_effect(a_canary_seen(service=None))
