"""What is read out of Kubernetes' own Events."""

from typing import Any

from headgate.validation.refusals import refusal_in


def an_event(note: str, at: str, reason: str = "FailedCreate", **fields: Any) -> dict[str, Any]:
    return {"metadata": {}, "reason": reason, "note": note, "eventTime": at, **fields}


def test_the_newest_refusal_counts_without_the_name_that_changes_at_every_try() -> None:
    events = [
        an_event('Error creating: pods "j-1" is forbidden: quota a', "2026-01-01T00:00:01Z"),
        an_event('Error creating: pods "j-2" is forbidden: quota b', "2026-01-01T00:00:02Z"),
    ]
    assert refusal_in(events) == "quota b"


def test_a_repeat_counts_by_its_last_time() -> None:
    events = [
        an_event("first", "2026-01-01T00:00:01Z", series={"lastObservedTime": "2026-01-01T09:00Z"}),
        an_event("second", "2026-01-01T00:00:02Z"),
    ]
    assert refusal_in(events) == "first"


def test_events_that_tell_nothing_of_a_start_are_passed_over() -> None:
    assert refusal_in([an_event("back-off", "2026-01-01T00:00:01Z", reason="BackOff")]) == ""


def test_a_note_that_fills_lines_is_one_line() -> None:
    assert refusal_in([an_event("a\n b\x1b[31m.", "2026-01-01T00:00:01Z")]) == "a b [31m"
