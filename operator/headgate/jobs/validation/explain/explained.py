"""What an explanations check computed, for the report: nothing is explained a second time."""

from dataclasses import dataclass

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.explain.attributions import Attributions
from headgate.jobs.validation.explain.ranks import RankAgreement


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The attributions of both files' drawn rows."""

    path: str
    """The check in the policy, as `spec.checks[2].explanations`."""
    reference: Attributions
    candidate: Attributions
    outputs: tuple[str, ...]
    """The classes that are explained, by the attributions' last axis; empty for a number."""
    cells: tuple[Floats, Floats]
    """(n, features) and (m, features) what the rows hold, as numbers; NaN where missing."""
    ranks: RankAgreement | None
    note: str
    """Which rows, and why no more."""

    @property
    def features(self) -> tuple[str, ...]:
        """The model's inputs."""
        return self.reference.features

    @property
    def importances(self) -> tuple[Floats, Floats]:
        """(features,) of both files: mean absolute attribution, summed over outputs."""
        return self.reference.magnitudes.mean(axis=0), self.candidate.magnitudes.mean(axis=0)

    def sentence(self) -> str:
        """Return how it was done, and how the ranks agree, for the notes of a report."""
        parts = (
            self.reference.method,
            self.note,
            self.reference.note,
            self.ranks.sentence() if self.ranks is not None else "",
        )
        return f"{self.path}: {'; '.join(part for part in parts if part)}"
