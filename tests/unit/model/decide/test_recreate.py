"""Recreate, where only one version fits: who has to go goes first, on the way there and back."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.model.decide import decide
from headgate.model.observed import Observed
from headgate.model.status_types import RolloutKind
from tests.builders.observed import (
    NOW,
    a_failing_pod,
    a_memory,
    a_model_seen,
    a_rejection,
    a_rollout,
    a_spec,
    a_version,
    an_unready_pod,
    no_version,
    pods,
)

SPEC = a_spec("v2", strategy={"recreate": {}})
BACK = a_memory(rejected=(a_rejection("v2", SPEC),))
UNDER_WAY = a_memory(rollout=a_rollout(kind=RolloutKind.RECREATE, weight=100))
V1_DELETED = {"v1": no_version("v1"), "v2": a_version("v2")}


def seen_back(running: dict[str, int], **changes: Any) -> Observed:
    """Return what is seen after v2 was rejected: v1 is to serve again, the route is v2's still."""
    usual: dict[str, Any] = {"spec": SPEC, "memory": BACK, "pinned": "v2"}
    return a_model_seen(running, **(usual | changes))


class TestGoingBack:
    """The failing version makes room first, also while the route is still its own."""

    def test_it_is_stopped_before_the_old_one_starts(self) -> None:
        assert decide(seen_back({"v1": 0, "v2": 2}), NOW).replicas == (("v1", 0), ("v2", 0))

    def test_the_old_one_starts_when_its_pods_are_gone(self) -> None:
        plan = decide(seen_back({"v1": 0, "v2": 0}, endpoints={}), NOW)
        assert plan.replicas == (("v1", 2), ("v2", 0))

    def test_pods_of_the_old_one_that_found_no_room_wait_again(self) -> None:
        both = {"v1": (an_unready_pod("v1"),), "v2": pods("v2", 2)}
        plan = decide(seen_back({"v1": 2, "v2": 2}, pods=both, endpoints={"v2": 2}), NOW)
        assert plan.replicas == (("v1", 0), ("v2", 0))

    def test_once_the_old_one_serves_its_pods_are_not_touched(self) -> None:
        plan = decide(seen_back({"v1": 2, "v2": 2}), NOW)
        assert dict(plan.replicas)["v1"] == 2

    def test_pods_that_are_nobodys_are_not_waited_for(self) -> None:
        """Somebody's own pod with our labels: nothing of ours could remove it."""
        seen = seen_back({"v1": 0}, pods={"debug": pods("debug", 1)}, endpoints={})
        assert dict(decide(seen, NOW).replicas)["v1"] == 2

    def test_one_whose_modelversion_is_gone_is_deleted_to_make_room(self) -> None:
        versions = {"v1": a_version("v1"), "v2": no_version("v2")}
        seen = seen_back({"v1": 0, "v2": 2}, versions=versions)
        assert decide(seen, NOW).deletes == ("v2",)

    def test_a_canary_goes_back_beside_what_serves(self) -> None:
        spec = a_spec("v2")
        rejected = a_memory(rejected=(a_rejection("v2", spec),))
        plan = decide(seen_back({"v1": 0, "v2": 2}, spec=spec, memory=rejected), NOW)
        assert plan.replicas == (("v1", 2), ("v2", 2))


class TestAnOldVersionThatWasDeleted:
    """Its ModelVersion is gone: its pods cannot be scaled away, nor come back."""

    def seen(self, running: dict[str, int], **changes: Any) -> Observed:
        usual: dict[str, Any] = {"spec": SPEC, "memory": UNDER_WAY, "versions": V1_DELETED}
        return a_model_seen(running, **(usual | changes))

    def test_its_deployment_is_deleted_to_make_room(self) -> None:
        seen = self.seen({"v1": 2})
        assert decide(seen, NOW).deletes == ("v1",)
        gone = replace(seen, deployments={}, pods={}, endpoints={})
        plan = decide(gone, NOW)
        assert plan.deletes == ()
        assert dict(plan.replicas)["v2"] == 2

    def test_beside_a_canary_it_stays(self) -> None:
        memory = a_memory(rollout=a_rollout())
        seen = self.seen({"v1": 2, "v2": 1}, spec=a_spec("v2"), memory=memory, pinned=None)
        assert decide(seen, NOW).deletes == ()

    @pytest.mark.parametrize("request_text", ["", "abort/v2/1"])
    def test_a_new_one_that_fails_is_kept_for_there_is_no_other(self, request_text: str) -> None:
        failing = {"v2": (a_failing_pod("v2"),)}
        seen = self.seen({"v2": 2}, pods=failing, request=request_text, endpoints={})
        plan = decide(seen, NOW)
        assert plan.change is None or plan.change.memory.rollout == UNDER_WAY.rollout
        assert plan.state.reason is Reason.CRASH_LOOPING
        assert plan.state.message.endswith(". v1 was deleted: there is none to go back to")
