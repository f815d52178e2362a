"""ValidationRuns by hand: fetch a report, approve what could not be decided."""

import gzip
import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from headgate.cli.requests import POLL_SECONDS, RequestError
from headgate.core import labels
from headgate.validation.approval import APPROVED, refusal_of, told
from headgate.validation.run_types import (
    MOST_NAME,
    MOST_WHY,
    Report,
    ValidationRunSpec,
    ValidationRunStatus,
)

_KEYS = {"json": "report.json.gz", "html": "report.html.gz"}


class Runs(Protocol):
    """Where ValidationRuns and their reports are."""

    def get(self, name: str) -> dict[str, Any]:
        """Return a run as it is now."""

    def annotate(self, name: str, annotations: Mapping[str, str | None]) -> None:
        """Write annotations, all at once; None takes one away."""

    def config_map(self, name: str) -> dict[str, bytes]:
        """Return what a ConfigMap holds in bytes."""


def save_report(runs: Runs, name: str, folder: Path) -> str:
    """Write a run's reports below a folder; RequestError where they are not those of its status."""
    status = ValidationRunStatus.parse_status(runs.get(name).get("status"))
    report = status.report
    if report is None:
        raise RequestError(
            f"ValidationRun {name} has no report: it is {status.phase or 'not looked at yet'}"
            f" ({status.message})"
        )
    content = runs.config_map(report.config_map)
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        _saved(content, kind, digest, folder / f"{name}.{kind}")
        for kind, digest in _digests(report)
    ]
    return f"{status.verdict}: {', '.join(written)}"


def approve(
    runs: Runs,
    name: str,
    by: str,
    why: str = "",
    *,
    seconds: float = 30.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Let a version through in a person's name, and return what was recorded.

    RequestError where nothing waits for that, or nobody records it within `seconds`.
    """
    person, reason = _words("--by", by, 1, MOST_NAME), _words("--why", why, 0, MOST_WHY)
    run = runs.get(name)
    status = _approvable(name, run)
    runs.annotate(
        name,
        {
            labels.APPROVED_BY: person,
            labels.APPROVED_REPORT: status.report.digest if status.report is not None else None,
            labels.APPROVAL_WHY: reason or None,
        },
    )
    until = clock() + seconds
    while clock() < until:
        now = ValidationRunStatus.parse_status(runs.get(name).get("status"))
        if now.approval is not None:
            return f"{name}: {told(now.approval)}"
        if _refusal(now) not in {"", _refusal(status)}:  # an earlier one is of another's offer
            raise RequestError(_refusal(now))
        sleep(POLL_SECONDS)
    raise RequestError(
        f"nobody recorded it within {seconds:g} s: is the operator running? "
        "(kubectl -n headgate-system get pods). The approval stays and is recorded when it is back"
    )


def _words(option: str, text: str, least: int, most: int) -> str:
    """Return a text in one line; RequestError where it is too long or cannot be read."""
    words = " ".join(text.split())
    if not least <= len(words) <= most or not words.isprintable():
        raise RequestError(f"{option}: {least} to {most} printable characters, not {text!r}")
    return words


def _approvable(name: str, run: dict[str, Any]) -> ValidationRunStatus:
    """Return the status of a run that waits for an approval; RequestError for any other."""
    status = ValidationRunStatus.parse_status(run.get("status"))
    spec = ValidationRunSpec.parse(run.get("spec"))
    known = spec if isinstance(spec, ValidationRunSpec) else None
    refusal = refusal_of(known, status, name=name)
    if refusal is not None:
        raise RequestError(f"cannot approve: {refusal}")
    if status.approval is not None:
        at = f"{status.approval.at:%Y-%m-%d %H:%M:%S} UTC"
        raise RequestError(f"ValidationRun {name} was {told(status.approval)} already, at {at}")
    return status


def _refusal(status: ValidationRunStatus) -> str:
    """Return why the approval that is offered does not count; empty where none is refused."""
    said = next((entry for entry in status.conditions if entry.type == APPROVED), None)
    return said.message if said is not None and said.status == "False" else ""


def _digests(report: Report) -> list[tuple[str, str]]:
    found = [("json", report.digest)]
    return found + ([("html", report.html_digest)] if report.html_digest is not None else [])


def _saved(content: dict[str, bytes], kind: str, digest: str, path: Path) -> str:
    try:
        report = gzip.decompress(content[_KEYS[kind]])
    except (KeyError, OSError, EOFError) as error:
        raise RequestError(f"report.{kind} is not there, or is damaged: {error}") from error
    found = f"sha256:{hashlib.sha256(report).hexdigest()}"
    if found != digest:
        raise RequestError(f"report.{kind} has {found}, and the run's status names {digest}")
    path.write_bytes(report)
    return str(path)
