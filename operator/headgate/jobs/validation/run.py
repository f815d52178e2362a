"""From a plan and files to an outcome: read, ask the models, put the suite to the case."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headgate.jobs.validation.data.align import align_categories
from headgate.jobs.validation.data.answers import Answers, ModelError
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.model_file import load_model
from headgate.jobs.validation.data.predictions import column_answers
from headgate.jobs.validation.data.read import ReadLimits, read_dataset
from headgate.jobs.validation.data.target import read_target
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Outcome
from headgate.jobs.validation.suite import runner
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.jobs.validation.suite.named_columns import check_named_columns
from headgate.validation.plan import INPUTS, explain_in, seed_of
from headgate.validation.policy_types import ValidationPolicySpec

REFERENCE, CANDIDATE = "reference", "candidate"
_CHUNK = 1024 * 1024


class DigestError(DataError):
    """A file that is not the one in the plan."""


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """Where a version's model lies, and how it may be loaded."""

    path: Path
    """A file, a folder or an archive."""
    format_name: str | None = None
    """One of the server's formats; None: told by the file's ending."""
    allow_pickle: bool = False


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a report is made of."""

    outcome: Outcome
    case: Case


type Progress = Callable[[int, int, str], None]
"""Called with the steps done, all steps, and what comes next."""


def validate(
    policy: ValidationPolicySpec,
    reference: Path,
    candidate: Path,
    *,
    model: ModelSource | None,
    stable: ModelSource | None,
    plan: Mapping[str, Any],
    progress: Progress,
    limits: ReadLimits = ReadLimits(),  # noqa: B008  (frozen)
) -> Result:
    """Carry out a plan; the policy is the plan's.

    The files' digests are held against the plan's before anything is parsed. Raises DataError
    (its kinds: DigestError, PolicyMismatchError, ModelError) naming file, column and row.
    """
    for name, path in ((REFERENCE, reference), (CANDIDATE, candidate)):
        check_digest(path, str(plan[INPUTS].get(name, "")))
    case = _case(policy, reference, candidate, seed_of(plan), limits)
    case = replace(_answered(case, model, stable), explain=explain_in(plan))
    return Result(outcome=runner.run(case, progress=progress), case=case)


def digest_of_file(path: Path) -> str:
    """Return sha256:... of a file; DataError where it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                found.update(chunk)
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read: {error.strerror or error}") from None
    return f"sha256:{found.hexdigest()}"


def check_digest(path: Path, expected: str) -> None:
    """Raise DigestError where a file is not the one that the plan names."""
    found = digest_of_file(path)
    if found != expected:
        raise DigestError(f"{path.name}: has {found}, and the plan says {expected or 'nothing'}")


def _case(
    policy: ValidationPolicySpec, reference: Path, candidate: Path, seed: int, limits: ReadLimits
) -> Case:
    names = _told_apart(reference, candidate)
    aligned = align_categories(
        read_dataset(reference, name=names[0], limits=limits),
        read_dataset(candidate, name=names[1], limits=limits),
    )
    check_named_columns(policy, aligned.reference, aligned.candidate)
    target = read_target(aligned.reference, aligned.candidate, policy)
    return Case(
        policy=policy,
        reference=aligned.reference,
        candidate=aligned.candidate,
        seed=seed,
        task=target.task,
        classes=target.classes,
        target=target.candidate,
        reference_target=target.reference,
    )


def _told_apart(reference: Path, candidate: Path) -> tuple[str, str]:
    """Return the files' names for messages; two of one name, as data.csv, get their inputs'."""
    if reference.name != candidate.name:
        return reference.name, candidate.name
    return f"{REFERENCE} {reference.name}", f"{CANDIDATE} {candidate.name}"


def _answered(case: Case, model: ModelSource | None, stable: ModelSource | None) -> Case:
    """Return the case with the answers that the policy says how to get."""
    predictions = case.policy.predictions
    if predictions is None:
        return case
    if predictions.column is not None:
        return _by_column(case)
    if model is None:
        raise PolicyMismatchError(
            "spec.predictions: from: Model runs the model, and none was given: name its file, or"
            " set spec.predictions.column to a column that holds its answers"
        )
    loaded = _loaded(case, model)
    case = replace(case, model=loaded, answers=loaded.answer(case.candidate))
    if case.task is None:  # no target: the answers are of whatever the model knows
        case = replace(case, task=loaded.task, classes=loaded.classes)
    if set(loaded.inputs) <= set(case.reference.columns):
        case = replace(case, reference_answers=loaded.answer(case.reference))
    if stable is None:
        return case
    return replace(case, stable_answers=_loaded(case, stable).answer(case.candidate))


def _loaded(case: Case, source: ModelSource) -> FileModel:
    if not source.path.exists():
        raise ModelError(f"{source.path}: there is no such file or folder")
    return load_model(
        source.path,
        format_name=source.format_name,
        allow_pickle=source.allow_pickle,
        task=case.task,
        classes=case.classes,
        features=case.feature_names(),
    )


def _by_column(case: Case) -> Case:
    predictions = case.policy.predictions
    assert predictions is not None  # noqa: S101 - asked by the caller
    assert predictions.column is not None  # noqa: S101
    if case.task is None:
        # no target: the answers say themselves whether they are classes, and which
        by_answers = case.policy.model_copy(update={"target": predictions.column})
        told = read_target(case.reference, case.candidate, by_answers)
        case = replace(case, task=told.task, classes=told.classes)
    task = case.task or Task.CLASSIFICATION
    answers = column_answers(case.candidate, predictions, case.classes, task)
    before: Answers | None = None
    if {predictions.column, *predictions.scores} <= set(case.reference.columns):
        before = column_answers(case.reference, predictions, case.classes, task)
    return replace(case, answers=answers, reference_answers=before)
