"""When to look again, where no event would tell."""

from datetime import datetime

from headgate.model.decide import decide
from headgate.model.observed import Observed
from tests.builders.observed import (
    NOW,
    SECOND,
    a_canary_seen,
    a_deployment,
    a_memory,
    a_model_seen,
    a_rejection,
    a_rollout,
    a_spec,
    an_unready_pod,
    at_pause,
    pods,
    steps,
)


def wake(seen: Observed) -> datetime | None:
    return decide(seen, NOW).wake_at


def test_at_rest_never() -> None:
    assert wake(a_model_seen()) is None


def test_rejected_and_settled_never() -> None:
    spec = a_spec("v2")
    assert (
        wake(a_model_seen(spec=spec, memory=a_memory(rejected=(a_rejection("v2", spec),)))) is None
    )


def test_under_way_every_second_for_the_gates() -> None:
    endless = a_spec("v2", strategy=steps({"setWeight": 10}, {"pause": {}}))
    assert wake(a_canary_seen(spec=endless)) == NOW + SECOND


def test_at_the_end_of_a_pause() -> None:
    nearly = a_memory(rollout=at_pause(step_started_at=NOW - 29.7 * SECOND))
    assert wake(a_canary_seen(memory=nearly)) == NOW + 0.3 * SECOND


def test_when_the_endpoints_have_settled() -> None:
    seen = a_model_seen({"v1": 2, "v2": 1}, endpoints_since=NOW - SECOND)
    assert wake(seen) == NOW + 2 * SECOND


def test_soon_while_the_endpoints_still_show_a_version_that_left() -> None:
    seen = a_model_seen({"v1": 2, "v2": 1}, endpoints={"v1": 2, "v2": 1})
    assert wake(seen) == NOW + 0.5 * SECOND


def test_never_in_the_past() -> None:
    late = at_pause(step_started_at=NOW - 3600 * SECOND)
    for seen in (
        a_canary_seen(spec=a_spec("v2", paused=True), memory=a_memory(rollout=late)),
        a_model_seen({"v1": 2, "v2": 1}, endpoints_since=NOW - 3600 * SECOND),
    ):
        found = wake(seen)
        assert found is None or found > NOW


def test_when_pods_that_cannot_be_created_count_as_a_failure() -> None:
    quota = a_deployment("v2", 1, failure="quota", created_at=NOW - 19.5 * SECOND)
    seen = a_model_seen(
        spec=a_spec("v2"),
        memory=a_memory(rollout=a_rollout()),
        deployments={"v1": a_deployment("v1", 2), "v2": quota},
    )
    assert wake(seen) == NOW + 0.5 * SECOND


def test_a_deadline_is_not_slept_through() -> None:
    slow = {"v1": pods("v1", 2), "v2": (an_unready_pod("v2"),)}
    found = wake(a_canary_seen(memory=a_memory(rollout=a_rollout()), pods=slow))
    assert found is not None
    assert found <= NOW + SECOND


def test_while_it_has_no_pods_at_its_deadline_only() -> None:
    seen = a_model_seen(spec=a_spec("v2"), memory=a_memory(rollout=a_rollout()))
    assert wake(seen) == NOW + 540 * SECOND
