"""What a Job's last words and log are worth."""

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest

from headgate.validation.run_types import RunVerdict
from headgate.validation.summary import (
    MAX_UNPACKED,
    Refusal,
    ReportError,
    Summary,
    digest_of_packed,
    failures_in,
    read_announced,
    read_last_words,
    read_report,
)

REPORT = b'{"verdict":"Pass"}\n'
DIGEST = f"sha256:{hashlib.sha256(REPORT).hexdigest()}"


def a_log(content: bytes = REPORT, digest: str = DIGEST, kind: str = "json") -> str:
    packed = base64.b64encode(gzip.compress(content, mtime=0)).decode()
    lines = [packed[i : i + 40] for i in range(0, len(packed), 40)]
    head = f"headgate-report {kind} {digest.removeprefix('sha256:')} {len(content)}"
    return "\n".join(["some library spoke", head, *lines, "headgate-report end", "bye"])


def some_words(**fields: Any) -> str:
    told = {
        "verdict": "Fail",
        "checks": {"total": 2, "passed": 1, "failed": 1, "inconclusive": 0},
        "planDigest": DIGEST,
        "reportDigest": DIGEST,
    }
    return json.dumps(told | fields)


def test_a_whole_report_is_read_though_others_wrote_to_the_log() -> None:
    packed = read_announced(a_log(), DIGEST)["json"]
    assert gzip.decompress(packed) == REPORT


@pytest.mark.parametrize(
    "log",
    [
        "",
        "nothing of ours",
        a_log().removesuffix("headgate-report end\nbye"),
        a_log().replace("headgate-report end", "!!!!\nheadgate-report end"),
        a_log(digest=f"sha256:{'0' * 64}"),
        a_log(kind="exe"),
    ],
)
def test_a_report_that_is_not_whole_is_none(log: str) -> None:
    with pytest.raises(ReportError):
        read_report(log)


def test_another_report_than_the_announced_one_is_none() -> None:
    with pytest.raises(ReportError, match="not the one"):
        read_announced(a_log(), f"sha256:{'0' * 64}")


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused() -> None:
    with pytest.raises(ReportError, match="larger"):
        digest_of_packed(gzip.compress(bytes(MAX_UNPACKED + 1)))


def a_report(*failures: Any) -> bytes:
    return gzip.compress(json.dumps({"failures": failures}).encode(), mtime=0)


def test_the_verdict_is_read() -> None:
    told = read_last_words(some_words())
    assert isinstance(told, Summary)
    assert told.verdict is RunVerdict.FAIL


def test_the_worst_findings_are_read_from_the_report() -> None:
    finding = {"check": "drift", "subject": "age", "effect": 0.4, "n": [10, 20], "side": "AtMost"}
    assert failures_in(a_report(finding))[0].subject == "age"


def test_control_characters_do_not_reach_terminals() -> None:
    assert failures_in(a_report({"subject": "a\x1b[2J\nb"}))[0].subject == "a [2J b"


def test_more_failures_than_the_api_takes_are_cut() -> None:
    assert len(failures_in(a_report(*({"subject": str(i)} for i in range(50))))) == 20


@pytest.mark.parametrize("failures", [[3], [{"n": "x"}], [{"effect": "large"}]])
def test_findings_that_are_none_are_refused(failures: list[Any]) -> None:
    with pytest.raises(ReportError):
        failures_in(a_report(*failures))


@pytest.mark.parametrize(
    "words",
    ["", "[]", "{}", "7", "null", '"x"', some_words(checks=None)],
)
def test_other_words_say_nothing(words: str) -> None:
    assert read_last_words(words) is None


def test_a_refusal_is_no_verdict() -> None:
    told = read_last_words(json.dumps({"reason": "DataInvalid", "message": "row 7"}))
    assert told == Refusal(reason="DataInvalid", message="row 7")
