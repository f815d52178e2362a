"""What a check is asked about: the data, what the models said, and which rows."""

from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.answers import Answers, Model
from headgate.jobs.validation.data.dataset import Booleans, Dataset, Floats, Integers
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.parts.counted import Counted
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec

__all__ = ["Case", "Task"]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Some rows of a case with all columns, where the case itself has only some columns."""

    case: "Case"
    reference_rows: Integers
    """(rows drawn,) their numbers in the case, in order."""
    candidate_rows: Integers

    def restricted(self, segment: str, reference: Booleans, candidate: Booleans) -> "Sample":
        """Return those of the drawn rows that masks over all rows choose, among those chosen."""
        inner = reference[self.reference_rows], candidate[self.candidate_rows]
        return Sample(
            case=self.case.restricted(segment, *inner),
            reference_rows=(np.cumsum(reference) - 1)[self.reference_rows][inner[0]],
            candidate_rows=(np.cumsum(candidate) - 1)[self.candidate_rows][inner[1]],
        )


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the checks of one suite see; `restricted` gives the same for a segment's rows."""

    policy: ValidationPolicySpec
    reference: Dataset
    """All columns; where `counted` is there, only those that are needed row by row."""
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
    counted: Counted | None = None
    """All columns as counts, where the files' rows outgrow memory."""
    sample: Sample | None = None
    """Rows with all columns, drawn by the seed; there where `counted` is."""

    def restricted(self, segment: str, reference: Booleans, candidate: Booleans) -> "Case":
        """Return the case of some rows, by masks over reference and candidate rows."""
        return replace(
            self,
            segment=segment,
            reference=self.reference.take(reference),
            candidate=self.candidate.take(candidate),
            target=None if self.target is None else self.target[candidate],
            reference_target=None
            if self.reference_target is None
            else self.reference_target[reference],
            answers=None if self.answers is None else self.answers.take(candidate),
            reference_answers=None
            if self.reference_answers is None
            else self.reference_answers.take(reference),
            stable_answers=None
            if self.stable_answers is None
            else self.stable_answers.take(candidate),
            counted=None if self.counted is None else self.counted.of_segment(segment),
            sample=None
            if self.sample is None
            else self.sample.restricted(segment, reference, candidate),
        )

    @property
    def with_all_columns(self) -> "Case":
        """The case itself, or the sample of its rows that has all columns."""
        return self if self.sample is None else self.sample.case

    @property
    def by_form(self) -> "Case":
        """The case with all columns by name and kind; of values and rows it may have only a few."""
        if self.counted is None:
            return self
        forms = self.counted.forms
        return replace(self, reference=forms.reference, candidate=forms.candidate)

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
