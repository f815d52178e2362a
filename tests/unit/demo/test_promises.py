"""The demo's verdict: a promise that does not hold must show, whatever else went well."""

import json
from dataclasses import replace
from typing import Any

import pytest

from hack.demo.promises import EXPECTED_VERDICTS, Gate, Promise, Story, promises
from hack.demo.record import Record
from headgate.model.status_types import ModelStatus, Rejection

AT = "2026-01-02T03:04:05Z"


def a_record(*counts: tuple[str, str, int, float], unsent: int = 0) -> Record:
    record = Record()
    entries = [
        {"version": version, "outcome": outcome, "requests": n, "first": at, "last": at}
        for version, outcome, n, at in counts
    ]
    record.take(json.dumps({"at": 200.0, "unsent": unsent, "counts": entries}))
    return record


ANSWERS = (("m-v1", "ok", 900, 100.0), ("m-v2", "ok", 900, 150.0), ("m-v3", "500", 9, 120.0))


def a_rejection(name: str) -> Rejection:
    return Rejection.model_validate(
        {"name": name, "reason": "CrashLooping", "message": "", "at": AT, "specDigest": "x"}
    )


def a_story(**changes: Any) -> Story:
    told = ModelStatus.parse_status(
        {
            "stableVersion": "m-v2",
            "history": [{"version": "m-v2", "at": AT, "outcome": "Promoted"}],
        }
    )
    story = Story(
        model="m",
        record=a_record(*ANSWERS, ("m-v3", "ok", 3, 126.0)),
        status=told,
        rejected={name: a_rejection(name) for name in ("m-v3", "m-v4")},
        seconds_to_reject_v4=12.0,
        gate=Gate(EXPECTED_VERDICTS, {"digits-v1"}),
    )
    return replace(story, **changes)


def broken(story: Story) -> list[Promise]:
    return [promise for promise in promises(story) if not promise.holds]


def test_a_story_that_went_well_breaks_no_promise() -> None:
    assert broken(a_story()) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": ModelStatus()}, "v2 is promoted"),
        ({"rejected": {"m-v4": a_rejection("m-v4")}}, "v3 is named in status.rejected"),
        ({"rejected": {"m-v3": a_rejection("m-v3")}}, "v4 is named in status.rejected"),
        ({"seconds_to_reject_v4": 30.1}, "v4 is rejected within 30 s"),
        ({"seconds_to_reject_v4": None}, "v4 is rejected within 30 s"),
        ({"record": a_record(*ANSWERS, ("m-v1", "503", 1, 110.0))}, "nothing fails but"),
        ({"record": a_record(*ANSWERS, ("", "reset", 1, 110.0))}, "nothing fails but"),
        ({"record": a_record(*ANSWERS, ("m-v3", "ok", 1, 131.0))}, "at most 10 s"),
        ({"record": a_record(*ANSWERS[:2])}, "at most 10 s"),
        ({"record": a_record(*ANSWERS, ("m-v4", "ok", 1, 110.0))}, "gets no request"),
        ({"record": a_record(*ANSWERS, unsent=100)}, "steady load"),
        ({"gate": Gate({**EXPECTED_VERDICTS, "digits-v4": "Pass"}, set())}, "tells good"),
        ({"gate": Gate({"digits-v1": "Pass"}, set())}, "tells good"),
        ({"gate": Gate(EXPECTED_VERDICTS, {"digits-v3"})}, "no version gets a pod"),
    ],
)
def test_each_thing_that_can_go_wrong_breaks_its_promise(
    changes: dict[str, Any], text: str
) -> None:
    found = broken(a_story(**changes))
    assert any(text in promise.text for promise in found), found
