"""Whether attributions are parts of what the model says: their sums beside its answers. Pure."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.explain.again import AGREEMENT
from headgate.jobs.validation.explain.attributions import Attributions, Link

_ANSWER_ROUNDING: Final = 1e-6
"""Of an answer, and at least of 1: servers answer in single precision."""
_SLOPES: Final = {Link.IDENTITY: 1.0, Link.LOGISTIC: 0.25, Link.SOFTMAX: 0.5}
"""How much an answer moves at most when all margins move by 1 at most."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """The row in which two ways to the same number are farthest apart, for their rounding."""

    rows: int
    """How many were compared."""
    row: int
    """Counted from 0, among those explained."""
    first: float
    second: float
    allowed: float
    """What rounding may make of it."""
    feature: str = ""
    """Where single parts are compared."""

    @property
    def apart(self) -> float:
        """The distance of both numbers."""
        return abs(self.first - self.second)

    @property
    def excess(self) -> float:
        """The distance in units of what is allowed: more than 1 is no rounding."""
        found = self.apart / self.allowed
        return math.inf if math.isnan(found) else found


def gap_to_output(found: Attributions) -> Gap:
    """Return the worst gap between base plus attributions and what the library computes."""
    allowed = np.full_like(found.output, found.rounding)
    return _worst(found.summed, found.output, allowed)


def gap_to_answers(found: Attributions, answers: Answers) -> Gap | None:
    """Return the worst gap between what the sums amount to and the answers that were given.

    None where they cannot be held against each other, as with labels alone.
    """
    linked, given = found.linked(), _given(found, answers)
    if linked is None or given is None:
        return None
    rounding = found.rounding
    if found.link is Link.EXPONENTIAL:
        moved = np.abs(linked) * np.expm1(rounding)
    else:
        moved = np.full_like(linked, _SLOPES[found.link] * rounding)
    allowed = moved + _ANSWER_ROUNDING * np.maximum(1.0, np.abs(given))
    return _worst(linked, given, allowed)


def gap_to_second_way(found: Attributions) -> Gap | None:
    """Return the worst gap between the first rows' parts and the same by another computation."""
    if found.again is None:
        return None
    n = len(found.again)
    allowed = np.full_like(found.again, AGREEMENT * found.size)
    place = _farthest(found.values[:n], found.again, allowed)
    row, feature, output = place
    return Gap(
        rows=len(allowed),
        row=row,
        first=float(found.values[row, feature, output]),
        second=float(found.again[row, feature, output]),
        allowed=float(allowed[row, feature, output]),
        feature=found.features[feature],
    )


def _given(found: Attributions, answers: Answers) -> Floats | None:
    """Return (n, k) the answers to the outputs that are explained."""
    if found.classes:
        return None if answers.scores is None else answers.scores[:, list(found.classes)]
    return answers.values[:, None]


def _worst(first: Floats, second: Floats, allowed: Floats) -> Gap:
    row, output = _farthest(first, second, allowed)
    return Gap(
        rows=len(allowed),
        row=row,
        first=float(first[row, output]),
        second=float(second[row, output]),
        allowed=float(allowed[row, output]),
    )


def _farthest(first: Floats, second: Floats, allowed: Floats) -> tuple[int, ...]:
    excess = np.abs(first - second) / allowed
    return tuple(int(place) for place in np.unravel_index(np.argmax(excess), excess.shape))
