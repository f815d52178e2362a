"""What is kept of a Model on arrival, also of one that should never have got in."""

from typing import Any

import pytest
from pydantic import ValidationError

from headgate.model.records import memory_of, project_model
from tests.builders.resources import a_model


def a_record(status: Any = None, **spec: Any) -> Any:
    raw = a_model(**spec)
    raw["metadata"] |= {"uid": "uid-churn", "resourceVersion": "7", "generation": 3}
    if status is not None:
        raw["status"] = status
    return project_model(raw)


def test_a_model_without_a_status_remembers_nothing() -> None:
    assert memory_of(a_record().status()).stable is None


def test_a_spec_that_cannot_be_read_keeps_the_scale_of_what_serves() -> None:
    """It got in before its rule did: replicas must not fall to the default meanwhile."""
    spec, problems = a_record(replicas=7, strategy={"telepathy": {}}).spec()
    assert spec.replicas == 7
    assert spec.version == "churn-v1"
    assert [str(problem) for problem in problems] == [
        "spec.strategy.telepathy: is not a known field"
    ]


@pytest.mark.parametrize("replicas", ["many", -1, 1e9])
def test_a_scale_that_cannot_be_read_is_a_problem_and_not_a_crash(replicas: Any) -> None:
    spec, problems = a_record(replicas=replicas).spec()
    assert spec.version == "churn-v1"
    assert problems


def test_a_spec_that_is_refused_is_read_and_says_why() -> None:
    spec, problems = a_record(strategy={"shadow": {}}).spec()
    assert spec.strategy.shadow is not None
    assert [problem.path for problem in problems] == ["spec.strategy.shadow"]


def test_fields_of_a_status_that_a_later_release_wrote_are_passed_over() -> None:
    found = a_record(status={"stableVersion": "churn-v1", "horoscope": "good"}).status()
    assert found.stable_version == "churn-v1"


def test_a_status_that_cannot_be_read_is_not_taken_for_an_empty_one() -> None:
    """It would forget which version is the stable one, and begin anew with everybody's traffic."""
    with pytest.raises(ValidationError):
        a_record(status={"stableVersion": ["churn-v1"]}).status()
