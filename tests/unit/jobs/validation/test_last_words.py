"""What is left of a Job's process when it ends: a message, and a report in its log."""

import hashlib
import os
from pathlib import Path

import pytest

from headgate.jobs.validation.frames import LINE, frame, packed
from headgate.jobs.validation.last_words import own_stdout, write_last_words
from headgate.validation.summary import (
    Refusal,
    digest_of_packed,
    read_last_words,
    read_report,
)


def test_the_operator_reads_the_frames_back() -> None:
    # given
    content = b'{"a": 1}' * 20_000 + os.urandom(9000)
    lines = ["noise before", *frame("json", content, packed(content)), "noise after"]
    # when
    found = read_report("\n".join(lines))
    # then
    assert digest_of_packed(found["json"]) == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_no_line_is_longer_than_what_log_collection_keeps_whole() -> None:
    content = os.urandom(50_000)
    assert max(map(len, frame("html", content, packed(content)))) == LINE


def test_the_same_content_is_packed_to_the_same_text() -> None:
    assert packed(b"report") == packed(b"report")


def test_a_message_that_is_too_long_is_cut_to_what_the_kubelet_keeps(tmp_path: Path) -> None:
    # given
    log = tmp_path / "termination-log"
    # when
    write_last_words(log, {"phase": "Failed", "reason": "DataInvalid", "message": "ö" * 2000})
    # then
    assert 1000 < log.stat().st_size <= 2000
    assert isinstance(read_last_words(log.read_text()), Refusal)


def test_a_refusal_is_read_as_one(tmp_path: Path) -> None:
    log = tmp_path / "termination-log"
    write_last_words(log, {"phase": "Failed", "reason": "DataInvalid", "message": "row 3"})
    told = read_last_words(log.read_text())
    assert getattr(told, "reason", None) == "DataInvalid"


def test_what_libraries_print_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with own_stdout() as out:
        os.write(1, b"a library's chatter\n")
        out.write("ours\n")
    told = capfd.readouterr()
    assert (told.out, told.err) == ("ours\n", "a library's chatter\n")
