"""Versions of a Model that claim one number: found without looking at all the others."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from headgate.kube.resources import MODEL_VERSIONS, Key
from headgate.model.affected import by_version
from headgate.model.caches import Caches, empty_caches
from headgate.model.observe import graph_problems
from headgate.modelversion.records import VersionRecord
from tests.builders.resources import a_model_version


def keep(caches: Caches, name: str, number: str, second: int = 0) -> VersionRecord:
    made: dict[str, Any] = a_model_version(name, "team-a", version=number)
    made["metadata"] |= {
        "uid": f"uid-{name}",
        "resourceVersion": str(len(caches.versions) + 1),
        "creationTimestamp": f"2026-11-23T12:00:{second:02}Z",
    }
    caches.versions.take(made)
    found = caches.versions.get("team-a", name)
    assert found is not None
    return found


def lines_executed(work: Callable[[], object]) -> int:
    """Count the lines that run: what time would tell of an idle machine only."""
    count = 0

    def traced(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_the_oldest_keeps_a_number_that_two_claim() -> None:
    caches = empty_caches()
    older, newer = keep(caches, "churn-b", "1.0.0", 1), keep(caches, "churn-a", "1.0.0", 2)
    assert graph_problems(older, caches) == ()
    (problem,) = graph_problems(newer, caches)
    assert "1.0.0 is taken by ModelVersion churn-b" in problem.message


def test_who_has_to_look_again_when_a_number_is_given_up() -> None:
    # given
    caches = empty_caches()
    older = keep(caches, "churn-b", "1.0.0", 1)
    keep(caches, "churn-a", "1.0.0", 2)
    keep(caches, "churn-c", "2.0.0", 3)
    # when
    caches.versions.drop(("team-a", "churn-b"), 99)
    keys = set(by_version(older, None, caches))
    # then
    assert Key(MODEL_VERSIONS.kind, "team-a", "churn-a") in keys
    assert Key(MODEL_VERSIONS.kind, "team-a", "churn-c") not in keys


def test_a_look_at_each_of_many_versions_costs_no_more_than_their_number() -> None:
    def lines(count: int) -> int:
        caches = empty_caches()
        records = [keep(caches, f"churn-{number}", f"{number}.0.0") for number in range(count)]
        return lines_executed(lambda: [graph_problems(record, caches) for record in records])

    few, many = lines(50), lines(500)  # ten times as many: a hundred times if quadratic
    assert many < 20 * few
