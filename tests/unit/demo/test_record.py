"""What the demo makes of the generator's lines: whose failures, and how long until the return."""

import json
from typing import Any

from hack.demo.record import NOBODY, Record


def a_count(version: str = "v1", outcome: str = "ok", **changes: Any) -> dict[str, Any]:
    count = {"version": version, "outcome": outcome, "requests": 1, "first": 100.0, "last": 100.0}
    return count | changes


def a_line(*counts: dict[str, Any], at: float = 101.0, unsent: int = 0) -> str:
    return json.dumps({"at": at, "unsent": unsent, "counts": counts})


def test_requests_add_up_by_version() -> None:
    record = Record()
    record.take(a_line(a_count("v1", requests=30), a_count("v2", requests=10)))
    record.take(a_line(a_count("v1", requests=5), at=102.0))
    assert (record.of("v1").requests, record.of("v2").requests) == (35, 10)
    assert record.requests == 45
    assert record.at == 102.0
    assert record.last_second["v2"] == 0


def test_what_is_not_a_line_of_the_generator_is_passed_over() -> None:
    record = Record()
    assert not record.take("Traceback (most recent call last):")
    assert not record.take('"a string"')
    assert record.requests == 0


def test_the_return_lasts_from_the_first_bad_answer_to_the_last_of_any_kind() -> None:
    record = Record()
    record.take(a_line(a_count("v3", first=100.0, last=101.0)))
    record.take(a_line(a_count("v3", "500", first=102.5, last=103.0)))
    record.take(a_line(a_count("v3", first=104.0, last=106.0)))
    assert record.of("v3").seconds_to_return == 3.5


def test_a_version_that_never_failed_has_nothing_to_return_from() -> None:
    record = Record()
    record.take(a_line(a_count("v3")))
    assert record.of("v3").seconds_to_return is None
    assert record.of("v9").seconds_to_return is None


def test_failures_outside_name_who_and_how_and_leave_out_the_excused() -> None:
    record = Record()
    record.take(
        a_line(
            a_count("v3", "500", requests=7),
            a_count("v1", "503", requests=2),
            a_count("", "reset", requests=1),
            a_count("v1", requests=90),
        )
    )
    assert record.failures_outside(["v3"]) == {"v1: 503": 2, f"{NOBODY}: reset": 1}
