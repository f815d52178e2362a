"""A plan that was recorded by another run, to be carried out once more: the auditor's way in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headgate.validation.plan import INPUTS, PlanError, read_plan

_MOST_BYTES = 64 * 1024**2
"""Of a report, whose plan is read: none is larger."""
_HINT = "name the run's report.json, as `kubectl headgate report RUN` fetches it, or a plan.json"


class RecordedPlanError(Exception):
    """The file holds no plan that can be carried out here; the message says why."""


def read_recorded_plan(path: Path) -> dict[str, Any]:
    """Return the plan in a plan.json or a report.json; RecordedPlanError for any other file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RecordedPlanError(f"{path}: is larger than {_MOST_BYTES} bytes: {_HINT}")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordedPlanError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise RecordedPlanError(f"{path}: is not JSON in UTF-8: {_HINT}") from None
    plan = content.get("plan", content) if isinstance(content, dict) else content
    try:
        return read_plan(json.dumps(plan))
    except PlanError as error:
        raise RecordedPlanError(f"{path}: {error}; {_HINT}") from None


def check_versions(plan: Mapping[str, Any], here: Mapping[str, str]) -> None:
    """Raise RecordedPlanError where other versions of the libraries would compute the figures.

    `here` are those installed, by package. A report names the versions of its plan, so it must not
    come from others.
    """
    planned: Mapping[str, str] = plan.get("versions") or {}
    other = [
        f"{name} {version} ({here.get(name, 'none')} here)"
        for name, version in sorted(planned.items())
        if here.get(name) != version
    ]
    if other:
        image = plan.get("image") or "the image of the run"
        raise RecordedPlanError(
            f"the plan was made for {', '.join(other)}: carry it out in {image}, or install these"
        )


def check_inputs(plan: Mapping[str, Any], given: Mapping[str, Path]) -> None:
    """Raise RecordedPlanError where the files given, by input, are not those that the plan names.

    DataError where one cannot be read, DigestError where its bytes are others.
    """
    from headgate.jobs.validation.data.digests import check_digest

    planned: Mapping[str, str] = plan[INPUTS]
    for name in sorted({*planned, *given}):
        if name not in given:
            raise RecordedPlanError(f"--{name}: is missing, and the plan names {planned[name]}")
        if name not in planned:
            raise RecordedPlanError(f"--{name}: the plan has no such input: leave it out")
        check_digest(given[name], planned[name])
