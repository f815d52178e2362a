"""What each feature adds to each answer, and what the parts have to add up to."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from headgate.jobs.validation.data.dataset import Floats

FLOAT32_TOLERANCE = 1e-4
"""Of the parts' size: trees are added up in 24 bits, in another order than the answer is."""
FLOAT64_TOLERANCE = 1e-6
"""Of the parts' size: leaves are kept in 53 bits, but inputs of trees may be in 24."""


class Scale(StrEnum):
    """What attributions are parts of."""

    NUMBER = "number"
    MARGIN = "margin"
    PROBABILITY = "probability"


class Link(StrEnum):
    """How the model makes its answer of what the attributions add up to."""

    IDENTITY = "identity"
    LOGISTIC = "logistic"
    SOFTMAX = "softmax"
    EXPONENTIAL = "exponential"
    UNKNOWN = "unknown"
    """No answer to hold it against, as labels alone."""


@dataclass(frozen=True, kw_only=True)
class Attributions:
    """Of n rows; k outputs: 1 for regressions and two classes (the second one), else the classes.

    `values.sum(axis=1) + base` is to be `output`.
    """

    features: tuple[str, ...]
    values: Floats
    """(n, features, k)"""
    base: Floats
    """(n, k) the answer when nothing is known of a row."""
    output: Floats
    """(n, k) what the library itself computes for the rows, in `scale`."""
    scale: Scale
    link: Link
    tolerance: float
    """How far sums may be off by rounding, as a share of the parts' size."""
    method: str
    """In words, for the report."""
    again: Floats | None = None
    """(sample, features, k) the first rows once more by another exact way; None: there is none."""
    note: str = ""
    """What a reader has to know of the way."""
    classes: tuple[int, ...] = ()
    """(k,) which of the model's classes each output is; empty for numbers."""

    @property
    def size(self) -> float:
        """The largest sum of absolute parts of a row: what rounding is relative to."""
        parts = np.abs(self.values).sum(axis=1) + np.abs(self.base)
        return float(parts.max(initial=0.0)) or 1.0

    @property
    def rounding(self) -> float:
        """How far sums may be off by rounding, in `scale`."""
        return self.tolerance * self.size

    @property
    def magnitudes(self) -> Floats:
        """(n, features) what each feature moves a row by: absolute parts, summed over outputs."""
        total: Floats = np.abs(self.values).sum(axis=2)
        return total

    @property
    def summed(self) -> Floats:
        """(n, k) the sums of base and attributions."""
        total: Floats = self.values.sum(axis=1) + self.base
        return total

    def linked(self) -> Floats | None:
        """Return (n, k) the answers that the sums amount to; None where the link is not known."""
        from scipy.special import expit, softmax

        summed = self.summed
        match self.link:
            case Link.LOGISTIC:
                found = expit(summed)
            case Link.SOFTMAX:
                found = softmax(summed, axis=1)
            case Link.EXPONENTIAL:
                found = np.exp(summed)
            case Link.IDENTITY:
                found = summed
            case Link.UNKNOWN:
                return None
        answers: Floats = found
        return answers
