"""One sample of numbers as the tests want it: finite, long enough, on a safe scale."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.result import UntestableError

type Floats = NDArray[np.float64]


_SMALLEST, _LARGEST = 1e-100, 1e100
"""Between them, squares of values and their sums are numbers too."""


def checked_sample(values: ArrayLike, name: str, *, least: int, squared: bool = False) -> Floats:
    """Return the values as (n,) float64, which may be the very ones given: not to be written to.

    Raises UntestableError where there are fewer than `least`, or where one is not a finite number;
    where values are to be `squared`, also where the largest is so large, or so small, that its
    square is none. `name` is what the message calls them.
    """
    given: NDArray[Any] = np.asarray(values)
    if given.ndim != 1:
        raise UntestableError(f"{name}: expected one column of numbers, got shape {given.shape}")
    try:
        sample: Floats = given.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise UntestableError(f"{name}: holds values that are not numbers: {error}") from None
    if len(sample) < least:
        raise UntestableError(f"{name}: has {len(sample)} values; at least {least} are needed")
    if not np.isfinite(sample).all():
        wrong = np.flatnonzero(~np.isfinite(sample))
        raise UntestableError(
            f"{name}: value {wrong[0] + 1} of {len(sample)} is {sample[wrong[0]]}; "
            f"{len(wrong)} are not finite: test missing values as a fact of their own, then "
            "leave them out"
        )
    if squared:
        _require_squares(sample, name)
    return sample


def _require_squares(sample: Floats, name: str) -> None:
    largest = float(np.abs(sample).max(initial=0.0))
    if largest and not _SMALLEST <= largest <= _LARGEST:
        raise UntestableError(
            f"{name}: the largest value is {largest:g}, whose square is no number that a computer "
            "holds: give values in another unit"
        )


def standardised(values: Floats, name: str) -> Floats:
    """Return (values - mean) / standard deviation (n - 1); raises UntestableError where constant.

    Scaled by the largest value first: squares of values near 1e308 would overflow, and differences
    that are rounding errors of large values are taken for the constant that they are.
    """
    largest = float(np.abs(values).max())
    if largest > 0:
        scaled = values / largest
        centred = scaled - scaled.mean()
        spread = float(np.abs(centred).max())
        if spread > 4 * np.finfo(np.float64).eps:
            unit: Floats = centred / spread
            return unit / unit.std(ddof=1)
    raise UntestableError(
        f"{name}: all {len(values)} values are {values[0]:g}; "
        "a constant has no distribution to test"
    )


def checked_alpha(alpha: float) -> float:
    """Return a level between 0 and 1, both excluded; raises UntestableError for any other."""
    if not 0 < alpha < 1:
        raise UntestableError(f"alpha is {alpha:g}; it has to be above 0 and below 1, as 0.05")
    return alpha
