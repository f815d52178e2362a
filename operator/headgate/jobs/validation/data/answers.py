"""What a model said about rows."""

from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import DataError, Dataset, Floats

ANYTHING: Final = (Exception, SystemExit)
"""What a model's code may raise: one that ends the process with 0 would have passed itself."""


class ModelError(DataError):
    """A model that cannot be loaded, or does not answer as the case needs; says which row."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """A model's answers to n rows."""

    values: Floats
    """(n,) the predicted number, or the index of the predicted class in the case's classes."""
    scores: Floats | None = None
    """(n, classes) probabilities in the order of the case's classes; None for regressors and for
    classifiers that give none."""

    def take(self, rows: NDArray[Any]) -> "Answers":
        """Return those to some rows, by mask or index."""
        scores = None if self.scores is None else self.scores[rows]
        return replace(self, values=self.values[rows], scores=scores)


class Model(Protocol):
    """A model in memory, whatever format its file had."""

    @property
    def runtime(self) -> str:
        """Return the format: sklearn, xgboost, lightgbm, onnx."""

    @property
    def native(self) -> Any:
        """The library's own object, for SHAP; None where there is none."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads, in its order."""

    @property
    def known(self) -> tuple[int, ...]:
        """The places in the case's classes of its own ones, in its order; empty for numbers."""

    def answer(self, rows: Dataset) -> Answers:
        """Predict; raises DataError naming the column or row that it cannot take."""

    def matrix(self, rows: Dataset) -> Any:
        """Return the (n, features) array in the form that `native` takes."""
