"""Errors of areas under the ROC curve where few rows, or few groups of them, tell a class."""

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Floats
from headgate.jobs.validation.suite.rows.groups import Groups
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.scores.placements import satterthwaite


def area_degrees(influence: Floats, positive: Booleans, groups: Groups) -> float:
    """Return the degrees of freedom of an area's error: five rows of a class know it badly.

    By class, from the groups that have rows of it; 1 where a class is in one group only.
    """
    parts = []
    for of_class in (positive, ~positive):
        sums = np.bincount(groups.labels, np.where(of_class, influence, 0.0), groups.count)
        count = int(np.count_nonzero(np.bincount(groups.labels[of_class])))
        parts.append((float(sums @ sums), count))
    if min(count for _, count in parts) < 2:  # noqa: PLR2004  (no spread is seen)
        return 1.0
    return min(satterthwaite(parts), groups.count - 1.0)


def student_interval(value: float, error: float, level: float, degrees: float) -> Interval:
    """Return value -+ t * error, by Student's t of these degrees of freedom."""
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, (1 + level) / 2)) * error
    return Interval(low=value - half, high=value + half, level=level)


def interval_on_logits(area: float, error: float, level: float, degrees: float) -> Interval:
    """Return the interval of an area on the scale of logits, which keeps it within 0 .. 1.

    Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, ch. 5.
    """
    if error == 0 or not 0 < area < 1:
        return Interval(low=area, high=area, level=level)
    from scipy.special import expit, logit

    inner = student_interval(float(logit(area)), error / (area * (1 - area)), level, degrees)
    return Interval(low=float(expit(inner.low)), high=float(expit(inner.high)), level=level)
