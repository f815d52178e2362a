"""Which Deployments of earlier versions are deleted: empty ones, and never one in use."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from headgate.model.decide import decide
from headgate.model.observed import Observed
from tests.builders.observed import (
    LONG_AGO,
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
    a_version,
    no_version,
)

OLD = tuple(f"old-{number}" for number in range(5))


def with_old_ones(limit: int, **changes: Any) -> Observed:
    """Return v1 at rest beside five empty Deployments, old-0 the oldest."""
    old = {
        name: a_deployment(name, 0, created_at=LONG_AGO + timedelta(hours=age))
        for age, name in enumerate(OLD)
    }
    seen = a_model_seen(
        spec=a_spec(revisionHistoryLimit=limit),
        versions={name: a_version(name) for name in ("v1", *OLD)},
    )
    return replace(seen, **({"deployments": {**seen.deployments, **old}} | changes))


def deletes(seen: Observed) -> tuple[str, ...]:
    return decide(seen, NOW).deletes


def test_the_oldest_go_first_and_the_limit_stays() -> None:
    assert deletes(with_old_ones(3)) == ("old-0", "old-1")
    assert deletes(with_old_ones(5)) == ()
    assert deletes(with_old_ones(0)) == OLD


def test_one_that_still_has_pods_stays() -> None:
    seen = with_old_ones(0)
    leaving = a_pod("old-1", ready=False, leaving=True)
    assert "old-1" not in deletes(replace(seen, pods={**seen.pods, "old-1": (leaving,)}))


def test_one_that_is_to_be_emptied_first_stays() -> None:
    seen = with_old_ones(0)
    busy = {**seen.deployments, "old-1": a_deployment("old-1", 1)}
    assert "old-1" not in deletes(replace(seen, deployments=busy))


def test_those_in_use_stay_even_when_empty() -> None:
    running = {"v1": 0, "v2": 0, "v3": 0}
    seen = a_canary_seen(
        running,
        spec=a_spec("v3", replicas=0, revisionHistoryLimit=0),
        memory=a_memory("v2", previous=a_previous("v1")),
    )
    assert deletes(seen) == ()


class TestVersionsThatWereDeleted:
    """Nobody can scale their Deployments any more, and their pods stand in the way of sharing."""

    versions = {"v1": a_version("v1"), "v0": no_version("v0")}  # noqa: RUF012

    def seen(self, **changes: Any) -> Observed:
        found = a_model_seen({"v0": 1, "v1": 2}, versions=self.versions)
        return replace(found, **changes)

    def test_the_deployment_goes_once_nothing_reaches_it(self) -> None:
        assert deletes(self.seen()) == ("v0",)
        assert deletes(self.seen(endpoints_since=NOW - SECOND)) == ()
        assert deletes(self.seen(endpoints={"v0": 1, "v1": 2})) == ()

    def test_one_that_nobody_has_ever_heard_of_goes_too(self) -> None:
        assert deletes(self.seen(versions={"v1": a_version("v1")})) == ("v0",)

    def test_the_stable_one_stays(self) -> None:
        gone = {"v1": no_version("v1"), "v2": a_version("v2")}
        assert deletes(a_model_seen(versions=gone)) == ()

    def test_the_last_good_one_stays(self) -> None:
        seen = self.seen(spec=a_spec("v1"), memory=a_memory("v1", previous=a_previous("v0")))
        assert deletes(seen) == ()

    def test_the_last_good_one_goes_when_the_next_rollout_begins(self) -> None:
        """Its pods would be reached by a selector without a version."""
        seen = self.seen(
            spec=a_spec("v2"),
            memory=a_memory("v1", previous=a_previous("v0"), rollout=a_rollout("v2")),
        )
        assert deletes(seen) == ("v0",)
