"""What a container said last, as it stands in status and Events: one line, bounded, harmless."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.conditions import MAX_MESSAGE, printable
from headgate.model.decide.health import pod_failure
from headgate.model.projections import project_pod
from tests.builders.observed import NOW

NASTY = "\x1b]0;owned\x07\x1b[2Jbad\r\nline two\x00\u202egnp.exe\u2028end\x9b31m"
SHOWN = "]0;owned [2Jbad line two gnp.exe end 31m"


def failure_of(said: str) -> str:
    """Return the message of a pod that goes on crashing with these last words."""
    container: dict[str, Any] = {
        "name": "server",
        "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": said}},
        "lastState": {"terminated": {"exitCode": 1, "message": said}},
    }
    meta = {"name": "churn-v2-a", "namespace": "team-a", "uid": "uid-pod"}
    raw = {"metadata": meta, "spec": {}, "status": {"containerStatuses": [container]}}
    failure = pod_failure((project_pod(raw).seen,), None, NOW)
    assert failure is not None
    return failure.message


def test_control_characters_and_line_ends_are_left_out() -> None:
    assert printable(NASTY) == SHOWN
    assert failure_of(NASTY).endswith(f"last with 1: {SHOWN}")


def test_they_are_left_out_of_json_too_where_they_come_escaped() -> None:
    told = json.dumps({"reason": "ModelUnloadable", "message": NASTY})
    assert failure_of(told).endswith(f"container server: {SHOWN}")


def test_a_long_log_is_cut_to_its_end() -> None:
    message = failure_of("first " + "x" * 100_000 + " last")
    assert len(message) <= MAX_MESSAGE
    assert message.endswith(" last")
    assert "first" not in message


def test_letters_of_all_languages_stay() -> None:
    assert printable("モデル größer than 1 GiB: ошибка") == "モデル größer than 1 GiB: ошибка"


@given(st.text(max_size=2000))
def test_whatever_is_said_is_shown_in_one_bounded_printable_line(said: str) -> None:
    message = failure_of(said)
    assert len(message) <= MAX_MESSAGE
    assert message == printable(message)
    message.encode()
