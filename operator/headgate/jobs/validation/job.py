"""What a ValidationRun's Job does: check the plan, validate, hand the report back.

The report goes to stdout, the verdict into the termination message, all else to stderr. Every
verdict ends with exit code 0; 3 says that there is none, and the message why.
"""

import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from headgate.core.conditions import printable, shorten
from headgate.jobs.validation.frames import MOST, MOST_UNPACKED, digest_of, frame, packed
from headgate.jobs.validation.last_words import own_stdout, write_last_words
from headgate.validation.plan import (
    PlanError,
    digest_of_text,
    plan_digest,
    policy_in,
    read_plan,
)

if TYPE_CHECKING:  # numpy's import is to fail within what reports it
    from headgate.jobs.validation.run import ModelSource

COULD_NOT_RUN: Final = 3
_TERMINATION_LOG: Final = "/dev/termination-log"
_MOST_MESSAGE: Final = 450
"""Characters; one may take 4 bytes."""


class RefusedError(Exception):
    """There is no verdict: why, in a word that the operator knows, and in a sentence."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class JobSettings:
    """Where everything is, as the Job's environment says."""

    plan_file: Path
    plan_digest: str
    reference: Path
    candidate: Path
    model: Path | None
    model_format: str
    allow_pickle: bool
    stable: Path | None
    stable_format: str
    stable_allow_pickle: bool
    termination_log: Path


def settings_from(env: Mapping[str, str]) -> JobSettings:
    """Return the settings; RefusedError naming the variable that is not set."""
    required = (
        "HEADGATE_PLAN_FILE",
        "HEADGATE_PLAN_DIGEST",
        "HEADGATE_REFERENCE_DIR",
        "HEADGATE_CANDIDATE_DIR",
    )
    missing = [name for name in required if not env.get(name)]
    if missing:
        raise RefusedError("Internal", f"the environment lacks {', '.join(missing)}")
    return JobSettings(
        plan_file=Path(env["HEADGATE_PLAN_FILE"]),
        plan_digest=env["HEADGATE_PLAN_DIGEST"],
        reference=Path(env["HEADGATE_REFERENCE_DIR"]),
        candidate=Path(env["HEADGATE_CANDIDATE_DIR"]),
        model=_folder(env, "HEADGATE_MODEL_DIR"),
        model_format=env.get("HEADGATE_FORMAT", ""),
        allow_pickle=env.get("HEADGATE_ALLOW_PICKLE") == "true",
        stable=_folder(env, "HEADGATE_STABLE_DIR"),
        stable_format=env.get("HEADGATE_STABLE_FORMAT", ""),
        stable_allow_pickle=env.get("HEADGATE_STABLE_ALLOW_PICKLE") == "true",
        termination_log=Path(env.get("HEADGATE_TERMINATION_LOG", _TERMINATION_LOG)),
    )


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def run(settings: JobSettings, out: TextIO) -> dict[str, Any]:
    """Validate, write the reports' frames to `out`, and return the last words.

    Raises RefusedError where there is no verdict.
    """
    plan = _plan(settings)
    with _refusals():
        from headgate.jobs.validation.report.summary import summary_of
        from headgate.jobs.validation.reports import reports_of
        from headgate.jobs.validation.run import validate

        result = validate(
            policy_in(plan),
            _data_file(settings.reference),
            _data_file(settings.candidate),
            model=_source(settings.model, settings.model_format, settings.allow_pickle),
            stable=_source(settings.stable, settings.stable_format, settings.stable_allow_pickle),
            plan=plan,
            progress=_log_step,
            archives=_archives(settings),
        )
        reports = reports_of(result, plan)
    html = _write_frames(reports, out)
    digests = plan_digest(plan), digest_of(reports["json"]), html
    return summary_of(result.outcome, *digests)


def _write_frames(reports: Mapping[str, bytes], out: TextIO) -> str | None:
    """Write both reports, and return the digest of the HTML; None where the log has no room."""
    texts = {kind: packed(content) for kind, content in reports.items()}
    if len(texts["json"]) > MOST or len(reports["json"]) > MOST_UNPACKED:
        raise RefusedError(
            "DataInvalid",
            f"the report is {len(reports['json'])} bytes, more than can be handed back: let the"
            " policy check fewer columns or segments",
        )
    whole = sum(map(len, texts.values())) <= MOST and len(reports["html"]) <= MOST_UNPACKED
    kept = ["json", "html"] if whole else ["json"]
    for kind in kept:
        out.writelines(f"{line}\n" for line in frame(kind, reports[kind], texts[kind]))
    out.flush()
    return digest_of(reports["html"]) if "html" in kept else None


def _source(path: Path | None, format_name: str, allow_pickle: bool) -> "ModelSource | None":
    from headgate.jobs.validation.run import ModelSource

    if path is None:
        return None
    return ModelSource(path=path, format_name=format_name or None, allow_pickle=allow_pickle)


def _plan(settings: JobSettings) -> dict[str, Any]:
    """Return the plan; RefusedError where it is not the recorded one."""
    try:
        text = settings.plan_file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError("PlanMismatch", f"the plan cannot be read: {error}") from None
    found = digest_of_text(text)
    if found != settings.plan_digest:
        raise RefusedError(
            "PlanMismatch", f"the plan has {found}, and {settings.plan_digest} was recorded"
        )
    try:
        return read_plan(text)
    except PlanError as error:
        raise RefusedError("PlanMismatch", str(error)) from None


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn whatever keeps a run from its verdict into a RefusedError."""
    from headgate.jobs.validation.data.answers import ModelError
    from headgate.jobs.validation.data.dataset import DataError
    from headgate.jobs.validation.parts.engine import EngineError
    from headgate.jobs.validation.run import DigestError
    from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
    from headgate.jobs.validation.tests.result import UntestableError

    try:
        yield
    except PlanError as error:
        raise RefusedError("PolicyInvalid", str(error)) from error
    except DigestError as error:
        raise RefusedError("PlanMismatch", str(error)) from error
    except PolicyMismatchError as error:
        raise RefusedError("PolicyInvalid", str(error)) from error
    except ModelError as error:
        raise RefusedError("ModelUnusable", str(error)) from error
    except EngineError as error:
        raise RefusedError("EngineUnavailable", str(error)) from error
    except (DataError, UntestableError) as error:
        raise RefusedError("DataInvalid", str(error)) from error
    except MemoryError as error:
        raise RefusedError(
            "OutOfMemory",
            "the checks took more memory than there is: give spec.resources.limits.memory of the"
            " policy more, or the data fewer rows",
        ) from error


def _data_file(folder: Path) -> Path:
    """Return the one file that was fetched into a folder, or the folder of parquet files."""
    from headgate.jobs.validation.data.dataset import DataError
    from headgate.server.modelfolder import served_folder

    try:
        place = served_folder(folder)
        files = [path for path in sorted(place.iterdir()) if not path.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror or error}") from None
    if len(files) == 1:
        return files[0]
    if files and all(path.suffix == ".parquet" for path in files):
        return place
    listed = ", ".join(path.name for path in files[:10]) or "no file"
    raise DataError(f"{folder.name}: expected one file of data, got {listed}")


def _archives(settings: JobSettings) -> dict[str, str]:
    """Return the digests of what was fetched, checked before it was unpacked, by input."""
    from headgate.server.layout import FETCHED_FOLDER, FETCHED_MARKER

    folders = {"reference": settings.reference, "candidate": settings.candidate}
    marks = {name: each / FETCHED_FOLDER / FETCHED_MARKER for name, each in folders.items()}
    return {name: f"sha256:{mark.read_text()}" for name, mark in marks.items() if mark.is_file()}


def _log_step(done: int, total: int, what: str) -> None:
    print(f"{done}/{total} {what}", file=sys.stderr)


def main(env: Mapping[str, str] | None = None) -> int:
    """Run the Job; 0 for a verdict, 3 where there is none."""
    given = os.environ if env is None else env
    log = Path(given.get("HEADGATE_TERMINATION_LOG") or _TERMINATION_LOG)
    try:
        with own_stdout() as out:
            words = {"phase": "Succeeded", **run(settings_from(given), out)}
    except RefusedError as refusal:
        failure = (refusal.reason, str(refusal))
    except Exception as error:  # noqa: BLE001 - whatever it is, the run must say so
        traceback.print_exc()
        failure = ("Internal", f"{type(error).__name__}: {error}")
    else:
        write_last_words(log, words)
        return 0
    reason, message = failure[0], shorten(printable(failure[1]), _MOST_MESSAGE)
    print(f"{reason}: {message}", file=sys.stderr)
    write_last_words(log, {"phase": "Failed", "reason": reason, "message": message})
    return COULD_NOT_RUN
