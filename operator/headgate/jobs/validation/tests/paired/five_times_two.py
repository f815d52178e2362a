"""5x2cv: of two ways to train, is one better, by five times two folds of a cross-validation?"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha

_DIETTERICH = "Dietterich 1998, Neural Computation 10, 1895"
_ALPAYDIN = "Alpaydin 1999, Neural Computation 11, 1885"
_TIMES, _FOLDS = 5, 2
_ASSUMPTIONS = (
    "each repetition halves the same rows anew, trains on each half and measures on the other;"
    " differences near normal"
)


@dataclass(frozen=True, kw_only=True)
class _Differences:
    """What the folds say."""

    values: Floats
    """(5, 2) the first's measure less the second's."""
    variances: Floats
    """(5,) of each repetition."""

    @property
    def mean(self) -> float:
        return float(self.values.mean())


def five_times_two_t(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Dietterich's paired t of measures (5, 2) x and (5, 2) y; null: both train as well.

    A row for each of five repetitions, a column for each of its two folds, in the order in which
    they were drawn. Two-sided, Student's t with 5 degrees of freedom: the very first difference
    over the root of the mean of the repetitions' variances.
    Effect: the mean difference of all ten folds, in the measure's unit, with an interval of level
    1 - alpha whose error is that of a single one, as in the test: wide rather than narrow.
    Raises UntestableError for other shapes, values that are not finite, and where both folds of
    every repetition differ by the same. Source: `reference`.
    """
    from scipy.special import stdtr, stdtrit

    level = 1 - checked_alpha(alpha)
    found = _differences(x, y)
    error = math.sqrt(float(found.variances.mean()))
    statistic = float(found.values[0, 0]) / error
    half = float(stdtrit(_TIMES, (1 + level) / 2)) * error
    interval = Interval(low=found.mean - half, high=found.mean + half, level=level)
    return TestResult(
        name="5x2cv",
        statistic=statistic,
        pvalue=2 * float(stdtr(_TIMES, -abs(statistic))),
        effect=Effect(name="mean difference", value=found.mean, interval=interval),
        n=(_TIMES * _FOLDS,),
        method=f"Student's t, {_TIMES} degrees of freedom",
        reference=_DIETTERICH,
        details={"degrees of freedom": _TIMES, "error": error},
    )


def five_times_two_f(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Alpaydin's combined F of measures (5, 2) x and (5, 2) y; null: both train as well.

    Shapes, effect and errors as `five_times_two_t`. The mean of all ten squared differences over
    the mean of the repetitions' variances, against F with 10 and 5 degrees of freedom: the order
    of folds does not matter, and it sees more. Source: `reference`.
    """
    from scipy.special import fdtrc

    checked_alpha(alpha)
    found = _differences(x, y)
    squares, variances = float((found.values**2).sum()), float(found.variances.sum())
    statistic = squares / (2 * variances)
    single = five_times_two_t(x, y, alpha=alpha)
    return TestResult(
        name="5x2cv-f",
        statistic=statistic,
        pvalue=float(fdtrc(_TIMES * _FOLDS, _TIMES, statistic)),
        effect=single.effect,
        n=single.n,
        method=f"F, {_TIMES * _FOLDS} and {_TIMES} degrees of freedom",
        reference=f"{_ALPAYDIN}; interval: {_DIETTERICH}",
    )


def _differences(x: ArrayLike, y: ArrayLike) -> _Differences:
    first, second = _measures(x, "x"), _measures(y, "y")
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    values = first - second
    # no fold tells more than another but by rounding
    if float(np.ptp(values, axis=1).max()) <= 4 * np.finfo(np.float64).eps * largest:
        raise UntestableError(
            "x and y: both folds of every repetition differ by the same; there is no spread to"
            " test by: take a measure that counts in finer steps, or more rows"
        )
    return _Differences(values=values, variances=values.var(axis=1, ddof=1))


def _measures(given: ArrayLike, name: str) -> Floats:
    raw: NDArray[Any] = np.asarray(given)
    if raw.shape != (_TIMES, _FOLDS):
        raise UntestableError(
            f"{name}: has shape {raw.shape}; expected 5 rows, one a repetition, of 2 values, one"
            " a fold"
        )
    try:
        measures: Floats = raw.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UntestableError(f"{name}: holds values that are not numbers: {error}") from None
    wrong = np.argwhere(~np.isfinite(measures))
    if len(wrong):
        row, column = wrong[0]
        raise UntestableError(
            f"{name}: repetition {row + 1}, fold {column + 1} is {measures[row, column]}; all ten"
            " measures have to be finite"
        )
    return measures


TESTS = (
    StatTest(
        name="5x2cv",
        purpose="of two ways to train, is one better? (t of 5 x 2 cross-validation)",
        assumptions=_ASSUMPTIONS,
        source=_DIETTERICH,
        takes=Takes.FOLDS,
        run=five_times_two_t,
    ),
    StatTest(
        name="5x2cv-f",
        purpose="of two ways to train, is one better? (all folds at once; sees more than 5x2cv)",
        assumptions=_ASSUMPTIONS,
        source=_ALPAYDIN,
        takes=Takes.FOLDS,
        run=five_times_two_f,
    ),
)
