"""Builders of cases: valid as they are, tests state only what matters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.suite.case import Case
from headgate.validation.policy_types import ValidationPolicySpec


def a_policy(*checks: Mapping[str, Any], **changes: Any) -> ValidationPolicySpec:
    asked = {
        "target": "y",
        "predictions": {"from": "Model"},
        "checks": list(checks) or [{"drift": {}}],
        **changes,
    }
    policy = ValidationPolicySpec.parse(asked)
    assert isinstance(policy, ValidationPolicySpec), policy
    return policy


def numbers(name: str, values: ArrayLike) -> Column:
    array = np.asarray(values, dtype=np.float64)
    return Column(name=name, kind=ColumnKind.NUMERIC, values=array, missing=np.isnan(array))


def words(name: str, values: Sequence[str]) -> Column:
    """Return a categorical column; an empty text is a missing value."""
    categories = tuple(sorted({value for value in values if value}))
    codes = np.array([categories.index(v) if v else -1 for v in values], dtype=np.float64)
    return Column(
        name=name,
        kind=ColumnKind.CATEGORICAL,
        values=codes,
        missing=codes < 0,
        categories=categories,
    )


def a_dataset(*columns: Column, name: str = "candidate.csv", rows: int | None = None) -> Dataset:
    count = len(columns[0]) if rows is None else rows
    return Dataset(name=name, columns={column.name: column for column in columns}, rows=count)


def a_case(policy: ValidationPolicySpec, *columns: Column, **changes: Any) -> Case:
    """Return a case whose reference has the candidate's columns."""
    candidate = a_dataset(*columns)
    case = Case(
        policy=policy,
        reference=replace(candidate, name="reference.csv"),
        candidate=candidate,
        seed=1,
    )
    return replace(case, **changes)


def a_regression(
    policy: ValidationPolicySpec, target: ArrayLike, answers: ArrayLike, *columns: Column
) -> Case:
    truth = np.asarray(target, dtype=np.float64)
    return a_case(
        policy,
        numbers("x", np.arange(len(truth))),
        *columns,
        task=Task.REGRESSION,
        target=truth,
        answers=Answers(values=np.asarray(answers, dtype=np.float64)),
    )


def a_classification(
    policy: ValidationPolicySpec,
    target: ArrayLike,
    scores: ArrayLike,
    *columns: Column,
    stable: ArrayLike | None = None,
) -> Case:
    """Return a case of classes `no` and `yes`, by (n,) scores of the latter."""
    truth = np.asarray(target, dtype=np.float64)
    return a_case(
        policy,
        numbers("x", np.arange(len(truth))),
        *columns,
        task=Task.CLASSIFICATION,
        classes=("no", "yes"),
        target=truth,
        answers=answers_by(scores),
        stable_answers=None if stable is None else answers_by(stable),
    )


def answers_by(scores: ArrayLike) -> Answers:
    positive = np.asarray(scores, dtype=np.float64)
    return Answers(
        values=(positive > 0.5).astype(np.float64),
        scores=np.column_stack([1 - positive, positive]),
    )
