"""Every column that a policy names, held against the files before any check runs."""

from collections.abc import Iterator
from difflib import get_close_matches

from headgate.jobs.validation.data.dataset import ColumnKind, Dataset, shown
from headgate.jobs.validation.data.names import listed
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.validation.policy_types import ValidationPolicySpec


def check_named_columns(
    policy: ValidationPolicySpec, reference: Dataset, candidate: Dataset
) -> None:
    """Raise PolicyMismatchError for the first column of the policy that a file lacks.

    The message names the field, the column, the file, and columns of similar names. The answers'
    column and the sensitive ones have to be in the candidate only; so has the target.
    """
    for path, name in _in_candidate(policy):
        _require(path, name, candidate)
    for path, name in _in_both(policy):
        _require(path, name, reference)
        _require(path, name, candidate)


def check_times(policy: ValidationPolicySpec, reference: Dataset, candidate: Dataset) -> None:
    """Raise PolicyMismatchError where the column of times holds what has no order in time."""
    name = policy.design.time
    for file in (reference, candidate):
        kind = ColumnKind.NUMERIC if name is None else file.columns[name].kind
        if kind not in {ColumnKind.NUMERIC, ColumnKind.DATETIME}:
            raise PolicyMismatchError(
                f"spec.design.time: column {shown(name)} of {file.name} is {kind}: rows are put in"
                " the order of numbers or of dates, written as 2026-10-01 or 2026-10-01T15:00:00"
            )


def _in_candidate(policy: ValidationPolicySpec) -> Iterator[tuple[str, str]]:
    if policy.target is not None:
        yield "spec.target", policy.target
    if policy.predictions is not None and policy.predictions.column is not None:
        yield "spec.predictions.column", policy.predictions.column
        for index, name in enumerate(policy.predictions.scores):
            yield f"spec.predictions.scores[{index}]", name
    for index, name in enumerate(policy.sensitive):
        yield f"spec.sensitive[{index}]", name


def _in_both(policy: ValidationPolicySpec) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(policy.segments):
        yield f"spec.segments[{index}]", name
    design = policy.design
    for field, named in (
        ("clusters", design.clusters),
        ("time", design.time),
        ("pairs", design.pairs),
    ):
        if named is not None:
            yield f"spec.design.{field}", named
    for index, check in enumerate(policy.checks):
        if check.drift is not None and check.drift.columns != "all":
            for place, name in enumerate(check.drift.columns):
                yield f"spec.checks[{index}].drift.columns[{place}]", name


def _require(path: str, name: str, file: Dataset) -> None:
    if name in file.columns:
        return
    similar = get_close_matches(name, file.columns, n=3)
    hint = f"did you mean {listed(similar)}?" if similar else f"it has {listed([*file.columns])}"
    raise PolicyMismatchError(f"{path}: {file.name} has no column {shown(name)}; {hint}")
