"""The candidate rows on which answers can be held against the target."""

from dataclasses import dataclass

import numpy as np

from headgate.core.resource import ResourceModel
from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Booleans, Floats
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of


@dataclass(frozen=True, kw_only=True)
class Answered:
    """n rows that have both a target and an answer."""

    rows: Booleans
    """(candidate.rows,) which rows these are."""
    target: Floats
    """(n,) as in the case."""
    answers: Answers
    stable: Answers | None
    note: str
    """What was left out, for the report; empty where nothing was."""

    @property
    def n(self) -> int:
        """Count the rows."""
        return len(self.target)


def answered_rows(case: Case, spec: ResourceModel) -> Answered:
    """Return the rows of the case that have a target and an answer.

    Raises PolicyMismatchError where the policy names no target or no predictions.
    """
    if case.target is None:
        raise PolicyMismatchError(
            f"{path_of(case, spec)}: needs spec.target: the column that the model predicts"
        )
    if case.answers is None:
        raise PolicyMismatchError(
            f"{path_of(case, spec)}: needs spec.predictions: {{from: Model}}, or {{column: NAME}}"
        )
    known, told = np.isfinite(case.target), np.isfinite(case.answers.values)
    rows: Booleans = known & told
    return Answered(
        rows=rows,
        target=case.target[rows],
        answers=case.answers.take(rows),
        stable=None if case.stable_answers is None else case.stable_answers.take(rows),
        note=_left_out(case, known, told),
    )


def _left_out(case: Case, known: Booleans, told: Booleans) -> str:
    total = len(known)
    parts = []
    if not known.all():
        parts.append(
            f"{np.count_nonzero(~known)} of {total} rows of {case.candidate.name} have no"
            f" {case.policy.target} and are left out"
        )
    if not told[known].all():
        parts.append(
            f"{np.count_nonzero(~told[known])} of {total} rows have no prediction and are left out"
        )
    return "; ".join(parts)
