"""ValidationRuns by hand: fetch a report, approve what could not be decided."""

import gzip
import hashlib
from pathlib import Path
from typing import Any, Protocol

from headgate.cli.requests import RequestError
from headgate.core import labels
from headgate.validation.run_types import Report, RunVerdict, ValidationRunStatus

MOST_NAME = 128
_KEYS = {"json": "report.json.gz", "html": "report.html.gz"}


class Runs(Protocol):
    """Where ValidationRuns and their reports are."""

    def get(self, name: str) -> dict[str, Any]:
        """Return a run as it is now."""

    def annotate(self, name: str, key: str, value: str) -> None:
        """Write an annotation."""

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


def approve(runs: Runs, name: str, by: str) -> str:
    """Name a person who lets a version through; RequestError where nothing waits for that."""
    person = " ".join(by.split())
    if not person or len(person) > MOST_NAME or not person.isprintable():
        raise RequestError(f"--by: 1 to {MOST_NAME} printable characters, not {by!r}")
    status = ValidationRunStatus.parse_status(runs.get(name).get("status"))
    if status.verdict is not RunVerdict.INCONCLUSIVE:
        said = status.verdict or f"no verdict yet ({status.phase})"
        raise RequestError(f"cannot approve: ValidationRun {name} says {said}, not Inconclusive")
    runs.annotate(name, labels.APPROVED_BY, person)
    return f"{name}: approved by {person}, where the policy leaves it to a person"


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
