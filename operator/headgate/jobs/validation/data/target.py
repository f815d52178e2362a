"""The column that the model predicts: what kind of task it makes, and its values."""

from typing import Final, NamedTuple

import numpy as np

from headgate.jobs.validation.data.dataset import (
    Column,
    ColumnKind,
    DataError,
    Dataset,
    Floats,
    shown,
)
from headgate.jobs.validation.data.labels import coded
from headgate.jobs.validation.data.names import listed, require_columns
from headgate.jobs.validation.data.task import Task
from headgate.validation.policy_types import ValidationPolicySpec

MOST_CLASS_NUMBERS: Final = 20
"""Numbers with more different values than this are a regression's, where the policy is silent."""
MOST_CLASSES: Final = 1000
_FEWEST_CLASSES: Final = 2


class Target(NamedTuple):
    """What is predicted; all empty where the policy names no target."""

    task: Task | None
    classes: tuple[str, ...]
    """By their text; numbers in their own order. Those of both files. Empty for regressions."""
    candidate: Floats | None
    """(candidate.rows,) the number, or the index in `classes`; NaN where missing."""
    reference: Floats | None
    """(reference.rows,) likewise; None where the reference has no such column."""


def read_target(reference: Dataset, candidate: Dataset, policy: ValidationPolicySpec) -> Target:
    """Return the target of two files that `align_categories` made alike.

    The candidate must have the column, with two classes or a number at least; the reference may
    lack it. Raises DataError naming file and column.
    """
    if policy.target is None:
        return Target(None, (), None, None)
    require_columns(tuple(candidate.columns), (policy.target,), candidate.name)
    theirs, ours = reference.columns.get(policy.target), candidate.columns[policy.target]
    _check_kinds(theirs, ours, reference.name, candidate.name)
    columns = [column for column in (theirs, ours) if column is not None]
    task = _task(policy, columns, candidate.name)
    if task is Task.REGRESSION:
        _check_numbers(ours, candidate.name)
        return Target(task, (), ours.values, None if theirs is None else theirs.values)
    names, values = _classes(columns, candidate.name)
    _check_classes(names, values[-1], ours, candidate.name)
    return Target(task, names, values[-1], None if theirs is None else values[0])


def _check_kinds(theirs: Column | None, ours: Column, reference: str, candidate: str) -> None:
    name = shown(ours.name)
    if ours.missing.all():
        raise DataError(
            f"{candidate}: column {name}, the target, has no values at all: give rows whose"
            " outcome is known, or take spec.target out of the policy"
        )
    if ours.kind is ColumnKind.DATETIME:
        raise DataError(
            f"{candidate}: column {name}, the target, holds dates; classes or numbers are predicted"
        )
    if theirs is not None and theirs.kind is not ours.kind:
        raise DataError(
            f"{candidate}: column {name}, the target, is {ours.kind}, and {theirs.kind} in"
            f" {reference}: store it alike in both"
        )


def _task(policy: ValidationPolicySpec, columns: list[Column], file: str) -> Task:
    numeric = columns[-1].kind is ColumnKind.NUMERIC
    if policy.task == "Classification":
        return Task.CLASSIFICATION
    if policy.task == "Regression":
        if not numeric:
            raise DataError(
                f"{file}: column {shown(columns[-1].name)}, the target, is {columns[-1].kind}, and"
                " spec.task is Regression, which predicts numbers"
            )
        return Task.REGRESSION
    if not numeric:
        return Task.CLASSIFICATION
    different = np.unique(np.concatenate([column.present() for column in columns]))
    return Task.REGRESSION if len(different) > MOST_CLASS_NUMBERS else Task.CLASSIFICATION


def _check_numbers(column: Column, file: str) -> None:
    present = column.present()
    if present.min() == present.max():
        raise DataError(
            f"{file}: column {shown(column.name)}, the target, is {present[0]:g} in every row: a"
            " regression cannot be judged by a constant"
        )


def _classes(columns: list[Column], file: str) -> tuple[tuple[str, ...], list[Floats]]:
    found = [coded(column, file) for column in columns]
    used = {texts[code] for codes, texts in found for code in np.unique(codes[codes >= 0])}
    numeric = columns[-1].kind is ColumnKind.NUMERIC
    names = tuple(sorted(used, key=float if numeric else str))
    places = {name: float(place) for place, name in enumerate(names)}
    values = [
        np.array([*(places.get(text, np.nan) for text in texts), np.nan])[codes]
        for codes, texts in found
    ]
    return names, values


def _check_classes(names: tuple[str, ...], values: Floats, column: Column, file: str) -> None:
    if len(names) > MOST_CLASSES:
        raise DataError(
            f"{file}: column {shown(column.name)}, the target, has {len(names)} classes, and at"
            f" most {MOST_CLASSES} can be judged; is spec.task Regression?"
        )
    seen = np.unique(values[~np.isnan(values)]).astype(int)
    if len(seen) < _FEWEST_CLASSES:
        raise DataError(
            f"{file}: column {shown(column.name)}, the target, has one class only,"
            f" {listed([names[place] for place in seen])}: give rows of the other classes too"
        )
