"""A request by hand: which version is meant, and what the user is told came of it."""

from typing import Any

import pytest

from headgate.cli.requests import RequestError, ask, unique_value, version_meant
from tests.builders.resources import Manifest, a_model

AT = "2026-01-02T03:04:05Z"


class Answering:
    """Models whose operator answers each request after some looks, or never."""

    def __init__(self, outcome: str, message: str, *, after: int = 2) -> None:
        self.requested: list[str] = []
        self._answer = {"outcome": outcome, "message": message}
        self._looks_left = after

    def get(self, _name: str) -> dict[str, Any]:
        self._looks_left -= 1
        if self._looks_left > 0:
            return a_model()
        value = self.requested[-1]
        return {**a_model(), "status": {"lastRequest": {"value": value} | self._answer}}

    def request(self, _name: str, value: str) -> None:
        self.requested.append(value)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def a_model_with_status(**status: Any) -> Manifest:
    return {**a_model(version="churn-v3"), "status": status}


def a_rejection(name: str) -> dict[str, str]:
    return {
        "name": name,
        "reason": "CrashLooping",
        "message": "exited",
        "at": AT,
        "specDigest": "x",
    }


def test_promote_and_abort_mean_the_version_on_trial() -> None:
    model = a_model_with_status(canaryVersion="churn-v2")
    assert version_meant("promote", model, None) == "churn-v2"
    assert version_meant("abort", model, None) == "churn-v2"


def test_nothing_is_promoted_where_no_rollout_is_under_way() -> None:
    with pytest.raises(RequestError, match="no rollout is under way"):
        version_meant("promote", a_model_with_status(phase="Healthy"), None)


def test_retry_means_the_rejected_version_that_the_spec_names() -> None:
    model = a_model_with_status(rejected=[a_rejection("churn-v4"), a_rejection("churn-v3")])
    assert version_meant("retry", model, None) == "churn-v3"


def test_retry_means_the_newest_rejection_where_the_spec_names_another_version() -> None:
    model = a_model_with_status(rejected=[a_rejection("churn-v5"), a_rejection("churn-v4")])
    assert version_meant("retry", model, None) == "churn-v5"


def test_nothing_is_retried_where_nothing_was_rejected() -> None:
    with pytest.raises(RequestError, match="no version is rejected"):
        version_meant("retry", a_model_with_status(), None)


def test_a_version_that_is_named_is_the_one_meant() -> None:
    assert version_meant("abort", a_model_with_status(), "churn-v9") == "churn-v9"


def test_a_request_that_was_handled_tells_what_was_done() -> None:
    # given
    models, time = Answering("RequestHandled", "churn-v2 was aborted"), Time()
    # when
    told = ask(models, "churn", "abort/churn-v2/1", 30, time.clock, time.sleep)
    # then
    assert told == "churn-v2 was aborted"
    assert models.requested == ["abort/churn-v2/1"]


def test_a_request_that_was_refused_is_an_error_that_says_why() -> None:
    models, time = Answering("RequestRefused", "it is not at a pause"), Time()
    with pytest.raises(RequestError, match="it is not at a pause"):
        ask(models, "churn", "promote/churn-v2/1", 30, time.clock, time.sleep)


def test_a_request_that_nobody_answers_ends_with_where_to_look() -> None:
    models, time = Answering("RequestHandled", "", after=1_000_000), Time()
    with pytest.raises(RequestError, match="is the operator running"):
        ask(models, "churn", "promote/churn-v2/1", 5, time.clock, time.sleep)
    assert 5 <= time.now < 6


def test_two_equal_wishes_differ_in_their_values() -> None:
    assert unique_value("abort", "v", 1) != unique_value("abort", "v", 2)
