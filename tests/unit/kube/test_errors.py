"""Which answers of the API server are worth a second try."""

from typing import Any

import pytest

from headgate.kube.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Throttled,
    Unauthorized,
    Unavailable,
    error_of,
)


def a_status(code: int, reason: str = "", message: str = "", **details: Any) -> dict[str, Any]:
    return {"kind": "Status", "code": code, "reason": reason, "message": message} | (
        {"details": details} if details else {}
    )


@pytest.mark.parametrize(
    ("status", "expected", "permanent"),
    [
        (a_status(400, "BadRequest", "strict decoding error"), Invalid, True),
        (a_status(401, "Unauthorized"), Unauthorized, False),
        (a_status(403, "Forbidden"), Forbidden, True),
        (a_status(404, "NotFound"), NotFound, False),
        (a_status(409, "Conflict"), Conflict, False),
        (a_status(409, "AlreadyExists"), AlreadyExists, False),
        (a_status(410, "Expired"), Gone, False),
        (a_status(413, "RequestEntityTooLarge"), Invalid, True),
        (a_status(418), Invalid, True),
        (a_status(422, "Invalid"), Invalid, True),
        (a_status(429, "TooManyRequests"), Throttled, False),
        (a_status(500, "", "failed to create typed patch object"), Invalid, True),
        (a_status(500, "InternalError", "etcdserver: no leader"), Unavailable, False),
        (a_status(503, "ServiceUnavailable"), Unavailable, False),
        (a_status(504, "Timeout"), Unavailable, False),
    ],
)
def test_an_answer_has_a_type_that_says_whether_to_try_again(
    status: dict[str, Any], expected: type[ApiError], permanent: bool
) -> None:
    error = error_of(status["code"], status)
    assert type(error) is expected
    assert error.permanent is permanent


def test_a_namespace_that_is_going_away_is_no_matter_of_permissions() -> None:
    status = a_status(403, "Forbidden", causes=[{"reason": "NamespaceTerminating"}])
    assert isinstance(error_of(403, status), NotFound)


def test_a_write_for_an_object_whose_name_another_has_is_a_conflict() -> None:
    status = a_status(422, "Invalid", causes=[{"field": "metadata.uid"}])
    assert isinstance(error_of(422, status), Conflict)
    assert isinstance(
        error_of(422, a_status(422, "Invalid", causes=[{"field": "spec.replicas"}])), Invalid
    )


def test_the_wait_asked_for_in_the_body_counts_when_the_header_has_none() -> None:
    status = a_status(429, "TooManyRequests", retryAfterSeconds=3)
    assert error_of(429, status).retry_after == 3.0
    assert error_of(429, status, retry_after=1.0).retry_after == 1.0


@pytest.mark.parametrize("body", ["<html>bad gateway</html>", None, [], {}])
def test_an_answer_that_is_no_status_still_becomes_an_error(body: object) -> None:
    error = error_of(502, body)
    assert isinstance(error, Unavailable)
    assert error.message


def test_of_a_long_message_both_ends_are_kept_for_the_cause_comes_last() -> None:
    quoted = f"Invalid value: {'x' * 100_000}: strict decoding error: unknown field status.wieght"
    error = error_of(422, a_status(422, "Invalid", quoted))
    assert error.message.startswith("Invalid value: xxx")
    assert error.message.endswith("unknown field status.wieght")
    assert len(error.message) < 1700
