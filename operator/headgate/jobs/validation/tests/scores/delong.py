"""DeLong: an area under the ROC curve with its error, or the difference of two on the same rows."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.scores.placements import auc_influence

_DELONG = (
    "DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44, 837; by ranks: Sun, Xu 2014, IEEE Signal"
    " Processing Letters 21, 1389"
)
_TWO = 2


def delong(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Test (n,) labels of 0 and 1 against (n,) scores, or against two models' (n, 2) scores.

    One score: null, the area is 1/2; effect: the area. Two: null, both areas are equal; effect: the
    first's area less the second's. With an interval of level 1 - alpha. O(n log n).
    Raises UntestableError without two rows of either label, and where the error is zero.
    """
    positive = checked_labels(x, least=_TWO)
    scores = _scores(y, len(positive))
    areas, influences = zip(*(auc_influence(positive, column) for column in scores.T), strict=True)
    if len(areas) == 1:
        return _one(areas[0], _error(influences[0], positive), positive, alpha)
    difference = areas[0] - areas[1]
    error = _error(influences[0] - influences[1], positive)
    details = {"first area": areas[0], "second area": areas[1]}
    return _result("difference of areas", difference, 0.0, error, positive, alpha, details)


def _one(area: float, error: float, positive: NDArray[np.bool_], alpha: float) -> TestResult:
    return _result("area under the ROC curve", area, 0.5, error, positive, alpha, {})


def _result(
    name: str,
    value: float,
    null: float,
    error: float,
    positive: NDArray[np.bool_],
    alpha: float,
    details: dict[str, float],
) -> TestResult:
    from scipy.special import ndtr, ndtri

    level = 1 - checked_alpha(alpha)
    if error == 0:
        raise UntestableError(
            f"{name}: {value:g}, and no row is placed otherwise than the rest: its error is 0"
        )
    z = (value - null) / error
    half = float(ndtri((1 + level) / 2)) * error
    least = 0.0 if null else -1.0
    interval = Interval(low=max(least, value - half), high=min(1.0, value + half), level=level)
    hits = int(np.count_nonzero(positive))
    return TestResult(
        name="delong",
        statistic=z,
        pvalue=2 * float(ndtr(-abs(z))),
        effect=Effect(name=name, value=value, interval=interval),
        n=(len(positive),),
        method="asymptotic (normal)",
        reference=_DELONG,
        details={"rows of 1": hits, "rows of 0": len(positive) - hits, "error": error, **details},
    )


def _error(influence: Floats, positive: NDArray[np.bool_]) -> float:
    """Return the standard error: variances of placements within each label, by their counts.

    Influences are placements about their mean, times n over the label's count.
    """
    n, total = len(influence), 0.0
    for rows in (positive, ~positive):
        count = int(np.count_nonzero(rows))
        placements = influence[rows] * count / n
        total += float(placements.var(ddof=1)) / count
    return math.sqrt(total)


def _scores(y: ArrayLike, n: int) -> Floats:
    given: NDArray[Any] = np.asarray(y)
    columns = given[:, None] if given.ndim == 1 else given
    if columns.ndim != _TWO or columns.shape[1] not in {1, _TWO}:
        raise UntestableError(f"y: expected the scores of one or two models, got {given.shape}")
    scores = np.column_stack([checked_sample(column, "y", least=_TWO) for column in columns.T])
    if len(scores) != n:
        raise UntestableError(f"x has {n} labels, and y scores for {len(scores)} rows")
    return scores


TESTS = (
    StatTest(
        name="delong",
        purpose="an area under the ROC curve, or are two on the same rows equal?",
        assumptions="independent rows",
        source=_DELONG,
        takes=Takes.LABELS_AND_SCORES,
        run=delong,
    ),
)
