"""progressDeadlineSeconds: pods that stay unready are given up, and only those."""

from dataclasses import replace

from headgate.model.decide import decide
from headgate.model.observed import Observed, PodSeen
from tests.builders.observed import (
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    a_canary_seen,
    a_deployment,
    a_memory,
    a_rollout,
    a_spec,
    an_unready_pod,
    pods,
)

LONG_AWAITED = a_rollout(waiting_since=NOW - HOUR, started_at=NOW - HOUR, weight=50)


def is_rejected(seen: Observed) -> bool:
    change = decide(seen, NOW).change
    return change is not None and bool(change.memory.rejected)


def held_for_an_hour(
    *canary: PodSeen, replicas: int = 2, failing_for: int | None = None
) -> Observed:
    """Return a canary whose first step was held up for an hour by something else than its pods."""
    deployment = a_deployment("v2", replicas)
    if failing_for is not None:
        since = NOW - failing_for * SECOND
        deployment = replace(deployment, failure="exceeded quota", failing_since=since)
    return a_canary_seen(
        spec=a_spec("v2", replicas=replicas, paused=True),
        memory=a_memory(rollout=LONG_AWAITED),
        pods={"v1": pods("v1", replicas), "v2": canary},
        deployments={"v1": a_deployment("v1", replicas), "v2": deployment},
    )


def test_a_pod_that_was_moved_to_another_node_gets_its_own_time() -> None:
    moved = an_unready_pod("v2", 2, created_at=NOW - 5 * SECOND)
    assert not is_rejected(held_for_an_hour(*pods("v2", 1), moved))


def test_a_pod_that_was_ready_until_just_now_gets_time_to_come_back() -> None:
    blinking = an_unready_pod("v2", 2, created_at=NOW - HOUR, unready_since=NOW - 5 * SECOND)
    assert not is_rejected(held_for_an_hour(*pods("v2", 1), blinking))


def test_one_that_stays_unready_is_given_up() -> None:
    lost = an_unready_pod("v2", 2, created_at=NOW - HOUR, unready_since=NOW - 10 * MINUTE)
    assert is_rejected(held_for_an_hour(*pods("v2", 1), lost))


def test_more_pods_asked_for_in_mid_rollout_get_their_time() -> None:
    assert not is_rejected(held_for_an_hour(*pods("v2", 1), replicas=10))


def test_pods_that_a_quota_refuses_are_given_up_at_the_deadline_of_the_refusal() -> None:
    assert not is_rejected(held_for_an_hour(*pods("v2", 1), replicas=10, failing_for=5))
    assert is_rejected(held_for_an_hour(*pods("v2", 1), replicas=10, failing_for=600))


def test_the_end_of_a_pods_own_time_is_not_slept_through() -> None:
    unscheduled = an_unready_pod("v2", 2, ip="", created_at=NOW - 5 * SECOND)
    seen = replace(held_for_an_hour(unscheduled, replicas=1), endpoints={"v1": 1})
    assert decide(seen, NOW + MINUTE).wake_at == NOW + 595 * SECOND
