"""What a check is asked about: the data, what the models said, and which rows."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.answers import Answers, Model
from headgate.jobs.validation.data.dataset import Booleans, Dataset, Floats, Integers
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.parts.counted import Counted
from headgate.jobs.validation.parts.whole_columns import WholeColumns
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec

__all__ = ["Case", "Task"]


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """What there is of files whose rows outgrow memory, beside the columns that are kept."""

    counted: Counted
    """All columns, as counts."""
    reference: Dataset
    """Rows of the reference with all columns, drawn by the seed."""
    candidate: Dataset
    reference_rows: Integers
    """(rows drawn,) which of the case's rows they are, in order."""
    candidate_rows: Integers
    whole: tuple[WholeColumns, WholeColumns]
    """The reference's columns and the candidate's, read when they are asked for."""

    def restricted(self, segment: str, inner: "Case", masks: tuple[Booleans, Booleans]) -> Self:
        """Return the same of a segment's rows: `inner` is the case of them."""
        reference, candidate = masks
        before, after = reference[self.reference_rows], candidate[self.candidate_rows]
        return replace(
            self,
            counted=self.counted.of_segment(segment),
            reference=self.reference.take(before),
            candidate=self.candidate.take(after),
            reference_rows=(np.cumsum(reference) - 1)[self.reference_rows[before]],
            candidate_rows=(np.cumsum(candidate) - 1)[self.candidate_rows[after]],
            whole=(
                self.whole[0].of_rows(reference, inner.reference.columns),
                self.whole[1].of_rows(candidate, inner.candidate.columns),
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the checks of one suite see; `restricted` gives the same for a segment's rows."""

    policy: ValidationPolicySpec
    reference: Dataset
    """All columns; where `streamed` is there, only those that are needed row by row."""
    candidate: Dataset
    seed: int
    """Each check derives its own from this and its place in the policy."""
    task: Task | None = None
    """None where no target is given."""
    classes: tuple[str, ...] = ()
    """The target's classes by their text, in order; empty for regressions."""
    target: Floats | None = None
    """(candidate.rows,) the number, or the index in `classes`; NaN where missing."""
    reference_target: Floats | None = None
    answers: Answers | None = None
    """The version's answers to the candidate rows."""
    reference_answers: Answers | None = None
    stable_answers: Answers | None = None
    """The stable version's answers to the candidate rows."""
    model: Model | None = None
    explain: ExplainMethod = ExplainMethod.AUTO
    """How the version says that its answers are to be explained."""
    segment: str = ""
    """`column=value`; empty for all rows."""
    streamed: Streamed | None = None
    """There where the files' rows outgrow memory."""

    def restricted(self, segment: str, reference: Booleans, candidate: Booleans) -> "Case":
        """Return the case of some rows, by masks over reference and candidate rows."""
        inner = replace(
            self._told_of(reference, candidate),
            segment=segment,
            reference=self.reference.take(reference),
            candidate=self.candidate.take(candidate),
        )
        if self.streamed is None:
            return inner
        masks = reference, candidate
        return replace(inner, streamed=self.streamed.restricted(segment, inner, masks))

    @property
    def with_all_columns(self) -> "Case":
        """The case itself; of streamed files that of the rows drawn, which have all columns."""
        if self.streamed is None:
            return self
        rows = self.streamed.reference_rows, self.streamed.candidate_rows
        return replace(
            self._told_of(*rows),
            reference=self.streamed.reference,
            candidate=self.streamed.candidate,
            streamed=None,
        )

    @property
    def by_form(self) -> "Case":
        """The case with all columns by name and kind; of streamed files without their values."""
        if self.streamed is None:
            return self
        forms = self.streamed.counted.forms
        return replace(self, reference=forms.reference, candidate=forms.candidate, streamed=None)

    @property
    def by_column(self) -> "Case":
        """The case with all columns, of streamed files read whole as they are asked for."""
        if self.streamed is None:
            return self
        reference, candidate = self.streamed.whole
        return replace(
            self,
            reference=replace(self.reference, columns=reference),
            candidate=replace(self.candidate, columns=candidate),
        )

    def _told_of(self, reference: NDArray[Any], candidate: NDArray[Any]) -> "Case":
        """Return the case with target and answers of some rows, by mask or index."""
        before, after, stable = self.reference_answers, self.answers, self.stable_answers
        theirs, ours = self.reference_target, self.target
        return replace(
            self,
            target=None if ours is None else ours[candidate],
            reference_target=None if theirs is None else theirs[reference],
            answers=None if after is None else after.take(candidate),
            reference_answers=None if before is None else before.take(reference),
            stable_answers=None if stable is None else stable.take(candidate),
        )

    def feature_names(self) -> tuple[str, ...]:
        """Return the columns that both files have, without target, predictions and design."""
        policy = self.policy
        predicted = policy.predictions
        aside = {policy.target, policy.design.clusters, policy.design.time, policy.design.pairs}
        if predicted is not None:
            aside |= {predicted.column, *predicted.scores}
        return tuple(
            name
            for name in self.reference.columns
            if name in self.candidate.columns and name not in aside
        )
