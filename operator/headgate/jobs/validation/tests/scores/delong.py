"""DeLong: an area under the ROC curve with its error, or the difference of two on the same rows."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.labels import checked_labels
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.scores.placements import auc_influence, satterthwaite
from headgate.jobs.validation.tests.two_sample.brunner_munzel import FEW, studentised_pvalue
from headgate.jobs.validation.tests.two_sample.cells import cells_of
from headgate.jobs.validation.tests.two_sample.relabelled import RESAMPLES, checked_resamples

_DELONG = (
    "DeLong, DeLong, Clarke-Pearson 1988, Biometrics 44, 837; by ranks: Sun, Xu 2014, IEEE Signal"
    " Processing Letters 21, 1389"
)
_SMALL = (
    "few rows: Brunner, Munzel 2000, Biometrical Journal 42, 17; Neubert, Brunner 2007,"
    " Computational Statistics & Data Analysis 51, 5192"
)
_TWO = 2
_MANY = 40
"""Rows of either label from which the normal is right."""


def delong(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (n,) labels of 0 and 1 against (n,) scores, or against two models' (n, 2) scores.

    One score: null, the area is 1/2; effect: the area. Two: null, both areas are equal; effect: the
    first's area less the second's. With an interval of level 1 - alpha. O(n log n).
    Normal from 40 rows of either label, below by Student's t with Satterthwaite's degrees of
    freedom: five rows of a label have an error that is known badly. One score with fewer than 10
    rows of a label: p by permutation of the labels, of the area over its error.
    Raises UntestableError without two rows of either label, and where the error is zero.
    """
    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    positive = checked_labels(x, least=_TWO)
    scores = _scores(y, len(positive))
    areas, influences = zip(*(auc_influence(positive, column) for column in scores.T), strict=True)
    if len(areas) == 1:
        found = _Estimate("area under the ROC curve", areas[0], 0.5, {})
        influence = influences[0]
    else:
        areas_told = {"first area": areas[0], "second area": areas[1]}
        found = _Estimate("difference of areas", areas[0] - areas[1], 0.0, areas_told)
        influence = influences[0] - influences[1]
    result = _result(found, influence, positive, level)
    hits = int(np.count_nonzero(positive))
    if len(areas) == _TWO or min(hits, len(positive) - hits) >= FEW:
        return result
    cells = cells_of(scores[~positive, 0], scores[positive, 0])
    return replace(
        result,
        pvalue=studentised_pvalue(cells, resamples, seed),
        method=f"permutation ({resamples}, seed {seed})",
    )


@dataclass(frozen=True)
class _Estimate:
    name: str
    value: float
    null: float
    details: dict[str, float]


def _result(
    found: _Estimate, influence: Floats, positive: NDArray[np.bool_], level: float
) -> TestResult:
    from scipy.special import stdtr, stdtrit

    error, degrees = _error(influence, positive)
    if error == 0:
        raise UntestableError(
            f"{found.name}: {found.value:g}, and no row is placed otherwise than the rest: its"
            " error is 0"
        )
    hits = int(np.count_nonzero(positive))
    misses = len(positive) - hits
    method = f"Student's t, {degrees:.6g} degrees of freedom"
    if min(hits, misses) >= _MANY:
        degrees, method = math.inf, "asymptotic (normal)"
    z = (found.value - found.null) / error
    half = float(stdtrit(degrees, (1 + level) / 2)) * error
    low, high = max(0.0 if found.null else -1.0, found.value - half), min(1.0, found.value + half)
    return TestResult(
        name="delong",
        statistic=z,
        pvalue=2 * float(stdtr(degrees, -abs(z))),
        effect=Effect(
            name=found.name, value=found.value, interval=Interval(low=low, high=high, level=level)
        ),
        n=(len(positive),),
        method=method,
        reference=_DELONG if degrees == math.inf else f"{_DELONG}; {_SMALL}",
        details={"rows of 1": hits, "rows of 0": misses, "error": error, **found.details},
    )


def _error(influence: Floats, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the standard error and its degrees of freedom: variances of placements by label.

    Influences are placements about their mean, times n over the label's count.
    """
    n, parts = len(influence), []
    for rows in (positive, ~positive):
        count = int(np.count_nonzero(rows))
        placements = influence[rows] * count / n
        parts.append((float(placements.var(ddof=1)) / count, count))
    return math.sqrt(sum(variance for variance, _ in parts)), satterthwaite(parts)


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
