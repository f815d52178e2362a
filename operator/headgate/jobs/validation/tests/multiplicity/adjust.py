"""P-values of many tests, adjusted so that one error rate holds for all of them together."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats

METHODS = ("Holm", "BH", "BY", "None")
"""As ValidationPolicy's errorControl."""


def adjust(pvalues: Sequence[float | None], how: str) -> tuple[float | None, ...]:
    """Return each p-value adjusted, in the order given; reject where it is at most alpha.

    How: Holm holds the chance of any false rejection at alpha (Holm 1979, Scandinavian J.
    Statistics 6, 65), BH the expected share of false rejections for independent or positively
    dependent tests (Benjamini, Hochberg 1995, JRSS B 57, 289), BY that share under any dependence
    (Benjamini, Yekutieli 2001, Annals of Statistics 29, 1165), None nothing.
    None among the p-values is a test without one: it is kept, and does not count.
    Raises UntestableError for a p-value outside of 0 .. 1, or NaN, and for another `how`.
    """
    if how not in METHODS:
        raise UntestableError(f"adjustment {how!r} is not known; there are {', '.join(METHODS)}")
    places = [place for place, value in enumerate(pvalues) if value is not None]
    known = np.array([pvalues[place] for place in places], dtype=np.float64)
    for place, value in zip(places, known, strict=True):
        if not 0 <= value <= 1:  # NaN included
            raise UntestableError(f"p-value {place + 1} is {value}; it has to be within 0 and 1")
    adjusted: list[float | None] = [None] * len(pvalues)
    for place, value in zip(places, _adjusted(known, how), strict=True):
        adjusted[place] = float(value)
    return tuple(adjusted)


def _adjusted(known: Floats, how: str) -> Floats:
    m = len(known)
    if how == "None" or not m:
        return known
    order = np.argsort(known, kind="stable")
    ranks: NDArray[np.float64] = np.arange(1, m + 1, dtype=np.float64)
    if how == "Holm":
        steps = np.maximum.accumulate(known[order] * (m + 1 - ranks))
    else:
        worst = math.fsum(1 / ranks) if how == "BY" else 1.0
        raised = known[order] * (m * worst) / ranks
        steps = np.minimum.accumulate(raised[::-1])[::-1]
    result = np.empty_like(known)
    result[order] = np.minimum(steps, 1.0)
    return result
