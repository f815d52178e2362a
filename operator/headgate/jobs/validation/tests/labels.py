"""Labels of 0 and 1, and the probabilities that a model gave them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample


def checked_labels(x: ArrayLike, *, least: int) -> NDArray[np.bool_]:
    """Return which of (n,) labels are 1; raises UntestableError for others than 0 and 1.

    Each label has to occur `least` times.
    """
    labels = checked_sample(x, "x", least=least)
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if len(wrong):
        raise UntestableError(f"x: value {wrong[0] + 1} is {labels[wrong[0]]:g}; labels are 0 or 1")
    positive: NDArray[np.bool_] = labels == 1
    for label, count in ((1, int(positive.sum())), (0, int((~positive).sum()))):
        if count < least:
            raise UntestableError(f"x: {count} rows of label {label}; at least {least} are needed")
    return positive


def checked_probabilities(y: ArrayLike, n: int, *, inside: bool = False) -> Floats:
    """Return (n,) probabilities; raises UntestableError where one is outside of 0 to 1.

    With `inside`, 0 and 1 themselves are outside too: they have no logarithm of odds.
    """
    given = checked_sample(y, "y", least=2)
    if len(given) != n:
        raise UntestableError(f"x has {n} labels, and y probabilities for {len(given)} rows")
    outside = (given <= 0) | (given >= 1) if inside else (given < 0) | (given > 1)
    wrong = np.flatnonzero(outside)
    if len(wrong):
        limits = "above 0 and below 1" if inside else "from 0 to 1"
        raise UntestableError(
            f"y: value {wrong[0] + 1} is {given[wrong[0]]:g}; probabilities have to be {limits}"
        )
    return given
