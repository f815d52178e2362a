"""From a plan and files to an outcome: read, ask the models, put the suite to the case."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from headgate.jobs.validation.answering import answered
from headgate.jobs.validation.data.align import align_categories
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.digests import (
    DigestError,
    check_digest,
    digest_of_file,
    digest_of_input,
)
from headgate.jobs.validation.data.model_source import ModelSource
from headgate.jobs.validation.data.parquet_table import ParquetTable, is_parquet, open_table
from headgate.jobs.validation.data.read import ReadLimits, read_dataset
from headgate.jobs.validation.data.target import read_target
from headgate.jobs.validation.finding import Outcome
from headgate.jobs.validation.parts.engine import Engine, LocalEngine
from headgate.jobs.validation.streamed_case import Streaming, streamed_case
from headgate.jobs.validation.suite import runner
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.named_columns import check_named_columns, check_times
from headgate.jobs.validation.suite.streamed_notes import notes_of
from headgate.validation.plan import INPUTS, explain_in, seed_of
from headgate.validation.policy_types import ValidationPolicySpec

__all__ = ["DigestError", "ModelSource", "digest_of_file", "digest_of_input", "validate"]

REFERENCE, CANDIDATE = "reference", "candidate"


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
    archives: Mapping[str, str] = MappingProxyType({}),
) -> Result:
    """Carry out a plan; the policy is the plan's.

    Each input is a file, or a folder of parquet files; `archives` are the digests, by input, of
    what folders were unpacked from. Rows that outgrow `limits` are read part by part.
    The files' digests are held against the plan's before anything is parsed. Raises DataError
    (its kinds: DigestError, PolicyMismatchError, ModelError) naming file, column and row.
    """
    for name, path in ((REFERENCE, reference), (CANDIDATE, candidate)):
        check_digest(path, str(plan[INPUTS].get(name, "")), archives.get(name))
    names = _told_apart(reference, candidate)
    tables = _outgrown(policy, (reference, candidate), names, limits)
    if tables is None:
        case = _case(policy, (reference, candidate), names, seed_of(plan), limits)
        case = replace(answered(case, model, stable), explain=explain_in(plan))
    else:
        with _engine(policy) as engine:
            case = streamed_case(
                Streaming(
                    policy=policy,
                    explain=explain_in(plan),
                    tables=tables,
                    seed=seed_of(plan),
                    model=model,
                    stable=stable,
                    limits=limits,
                    engine=engine,
                    progress=progress,
                )
            )
    outcome = runner.run(case, progress=progress)
    return Result(outcome=replace(outcome, notes=(*outcome.notes, *notes_of(case))), case=case)


def _outgrown(
    policy: ValidationPolicySpec,
    paths: tuple[Path, Path],
    names: tuple[str, str],
    limits: ReadLimits,
) -> tuple[ParquetTable, ParquetTable] | None:
    """Return both files where their rows are not to be in memory, else None.

    Raises DataError where that is so and one of them is no parquet.
    """
    tables = [_table(path, name) for path, name in zip(paths, names, strict=True)]
    large = [
        table.name
        for table in tables
        if table is not None and limits.outgrown_by(table.rows, len(table.column_names))
    ]
    if policy.engine.dask is None and not large:
        return None
    reference, candidate = tables
    if reference is None or candidate is None:
        why = f"{large[0]} outgrows memory" if large else "spec.engine is dask"
        name = names[0] if reference is None else names[1]
        raise DataError(
            f"{name}: is read as a whole, and {why}: store it as parquet, which is read part by"
            " part"
        )
    return reference, candidate


def _table(path: Path, name: str) -> ParquetTable | None:
    try:
        return open_table(path, name) if is_parquet(path) else None
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}") from None


@contextmanager
def _engine(policy: ValidationPolicySpec) -> Iterator[Engine]:
    if policy.engine.dask is None:
        yield LocalEngine()
        return
    from headgate.jobs.validation.parts.dask_engine import dask_engine

    with dask_engine(policy.engine.dask.scheduler_address) as engine:
        yield engine


def _case(
    policy: ValidationPolicySpec,
    paths: tuple[Path, Path],
    names: tuple[str, str],
    seed: int,
    limits: ReadLimits,
) -> Case:
    aligned = align_categories(
        read_dataset(paths[0], name=names[0], limits=limits),
        read_dataset(paths[1], name=names[1], limits=limits),
    )
    check_named_columns(policy, aligned.reference, aligned.candidate)
    check_times(policy, aligned.reference, aligned.candidate)
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
