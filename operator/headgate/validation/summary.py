"""What a Job says of its run: its last words and the report in its log. Pure, and distrustful.

Whoever can make the version can make the Job's process say anything about that version; what is
checked here is only that the words are whole, fit the plan, and cannot hurt the operator.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.core.conditions import printable, shorten
from headgate.validation.run_types import MOST_FAILURES, Counts, FailureEntry, RunVerdict

FRAME = "headgate-report"
KINDS = ("json", "html")
MAX_LOG = 8 * 1024**2
MAX_UNPACKED = 16 * 1024**2
_GZIP = 16 + zlib.MAX_WBITS
_TEXT = 256
_NUMBERS = frozenset({"statistic", "adjustedPvalue", "effect", "bound"})
_LONG_TEXTS = frozenset({"why", "message"})
_TEXTS = frozenset({"check", "subject", "segment", "test", "verdict"})


class ReportError(ValueError):
    """The report is not there, not whole, or not the one that was announced."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The verdict as the Job announced it."""

    verdict: RunVerdict
    checks: Counts
    plan_digest: str
    report_digest: str
    html_digest: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why the Job could not carry the run out, in its own words."""

    reason: str
    message: str


def read_last_words(text: str) -> Summary | Refusal | None:
    """Return what a termination message says; None where it is none of ours."""
    try:
        told = json.loads(text)
        if told.get("reason"):
            message = shorten(printable(str(told.get("message", ""))))
            return Refusal(reason=str(told["reason"]), message=message)
        return Summary(
            verdict=RunVerdict(told["verdict"]),
            checks=Counts.model_validate(told["checks"]),
            plan_digest=str(told["planDigest"]),
            report_digest=str(told["reportDigest"]),
            html_digest=str(told.get("htmlDigest") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_report(log: str) -> dict[str, bytes]:
    """Return the reports in a log by kind, compressed as they came; ReportError if not whole."""
    found: dict[str, bytes] = {}
    lines = iter(log.splitlines())
    for line in lines:
        head = line.split(" ")
        if len(head) == 4 and head[0] == FRAME and head[1] in KINDS:  # noqa: PLR2004
            found[head[1]] = _frame(head[1], head[2], lines)
    if "json" not in found:
        raise ReportError("the Job's log holds no report")
    return found


def read_announced(log: str, digest: str) -> dict[str, bytes]:
    """Return the reports in a log, whose JSON must be the one that was announced."""
    reports = read_report(log)
    if digest_of_packed(reports["json"]) != digest:
        raise ReportError("the report in the log is not the one that the verdict names")
    return reports


def failures_in(packed: bytes) -> tuple[FailureEntry, ...]:
    """Return the worst findings that a report names; ReportError where it is no report."""
    try:
        return tuple(_entries(json.loads(_unpacked(packed))["failures"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportError(f"the report in the Job's log cannot be read: {error}") from None


def digest_of_packed(packed: bytes) -> str:
    """Return the sha256:... of what a gzip holds; ReportError where it is none or too large."""
    return f"sha256:{hashlib.sha256(_unpacked(packed)).hexdigest()}"


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(packed, MAX_UNPACKED)
    except zlib.error as error:
        raise ReportError(f"the report in the Job's log is damaged: {error}") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ReportError(f"the report is cut, or larger than {MAX_UNPACKED} bytes")
    return content


def _frame(kind: str, digest: str, lines: Iterator[str]) -> bytes:
    parts = []
    for line in lines:
        if line == f"{FRAME} end":
            break
        parts.append(line)
    else:
        raise ReportError(f"report.{kind} in the Job's log is cut")
    try:
        packed = base64.b64decode("".join(parts), validate=True)
    except binascii.Error as error:
        raise ReportError(f"report.{kind} in the Job's log is damaged: {error}") from None
    if digest_of_packed(packed) != f"sha256:{digest.removeprefix('sha256:')}":
        raise ReportError(f"report.{kind} in the Job's log does not have the digest it names")
    return packed


def _entries(told: Any) -> Iterator[FailureEntry]:
    for entry in list(told)[:MOST_FAILURES]:
        yield FailureEntry.model_validate(dict(_fields(entry)))


def _fields(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        if name in _TEXTS:
            yield name, shorten(printable(str(value)), _TEXT)
        elif name in _LONG_TEXTS:
            yield name, shorten(printable(str(value)))
        elif name in _NUMBERS and value is not None:
            yield name, float(value)
        elif name == "n":
            yield name, tuple(int(number) for number in value)[:64]
