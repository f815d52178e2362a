"""What a check is asked about: the data, what the models said, and which rows."""

from dataclasses import dataclass, replace

from headgate.jobs.validation.data.answers import Answers, Model
from headgate.jobs.validation.data.dataset import Booleans, Dataset, Floats
from headgate.jobs.validation.data.task import Task
from headgate.modelversion.types import ExplainMethod
from headgate.validation.policy_types import ValidationPolicySpec

__all__ = ["Case", "Task"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that the checks of one suite see; `restricted` gives the same for a segment's rows."""

    policy: ValidationPolicySpec
    reference: Dataset
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
