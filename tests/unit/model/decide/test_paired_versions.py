"""Versions that depend on each other in pairs (B2 on A2, B1 on A1) go back in pairs."""

from types import MappingProxyType

from headgate.core.reasons import Reason
from headgate.model.decide import decide
from headgate.model.observed import DependencySeen, Observed
from tests.builders.observed import (
    HOUR,
    NOW,
    SECOND,
    a_dependency,
    a_leaving,
    a_memory,
    a_missing_dependency,
    a_model_seen,
    a_previous,
    a_spec,
    a_version,
)

GONE = a_missing_dependency("features-v2", unrouted=True)


def b2_on(needed: DependencySeen, before: DependencySeen) -> Observed:
    """Return a Model whose v2 was promoted on one dependency; its v1 depended on another."""
    return a_model_seen(
        {"v1": 1, "v2": 2},
        pinned="v2",
        spec=a_spec("v2"),
        memory=a_memory("v2", previous=a_previous()),
        versions={
            "v1": a_version("v1", dependencies=(before,)),
            "v2": a_version("v2", dependencies=(needed,)),
        },
    )


def test_the_dependent_follows_once_what_it_went_back_from_serves_again() -> None:
    change = decide(b2_on(GONE, a_dependency("features-v1")), NOW).change
    assert change is not None
    assert change.memory.stable == "v1"
    assert change.memory.rejected[0].reason == Reason.DEPENDENCY_WITHDRAWN
    assert change.memory.rejected[0].message == (
        "v2 depends on features-v2: Model features gives it no traffic"
    )


def test_it_stays_while_the_version_before_could_not_serve_either() -> None:
    seen = b2_on(GONE, a_missing_dependency("features-v1", unrouted=True))
    assert decide(seen, NOW).change is None


def test_a_dependency_whose_pods_are_away_for_a_moment_sends_nobody_back() -> None:
    restarting = a_missing_dependency("features-v2")
    assert decide(b2_on(restarting, a_dependency("features-v1")), NOW).change is None


def test_a_failing_version_late_in_its_window_waits_for_dependents_no_longer_than_announced() -> (
    None
):
    seen = a_model_seen(
        {"v1": 1, "v2": 2},
        pinned="v2",
        spec=a_spec("v2"),
        dependents=MappingProxyType({"v2": ("scores-v1",)}),
        memory=a_memory(
            "v2",
            previous=a_previous(since=NOW - 3 * HOUR),
            leaving=a_leaving("v2", reason="CrashLooping", message="it ended"),
        ),
    )
    assert decide(seen, NOW).wake_at == NOW + 4 * SECOND
