"""The metric's estimate with its interval: alone, and beside the stable version's."""

import math
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Floats
from headgate.jobs.validation.suite.bounds.resampling import (
    resampled_interval,
    smallest_class,
    widened,
)
from headgate.jobs.validation.suite.bounds.shares import design_effect, paired_difference
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.jobs.validation.suite.performance.areas import (
    area_degrees,
    interval_on_logits,
    student_interval,
)
from headgate.jobs.validation.suite.performance.metric import Metric
from headgate.jobs.validation.suite.rows.answered import Answered
from headgate.jobs.validation.suite.rows.groups import Groups
from headgate.jobs.validation.tests.result import Interval, UntestableError
from headgate.jobs.validation.tests.scores.placements import auc_influence
from headgate.jobs.validation.tests.shares.wilson import wilson_interval


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One metric on n rows."""

    case: Case
    metric: Metric
    rows: Answered
    groups: Groups
    told: Floats
    """(n,) or (n, classes), as the metric takes it."""
    stable: Floats | None
    seed: int
    path: str

    @property
    def level(self) -> float:
        """Return the level of intervals: what the policy's alpha leaves."""
        return 1 - self.case.policy.alpha

    def positive(self) -> Booleans:
        """Return (n,) which rows are of the second class; UntestableError where all are alike."""
        positive: Booleans = self.rows.target == 1
        if positive.all() or not positive.any():
            raise UntestableError(f"all {self.rows.n} rows are of one class: roc_auc has no value")
        return positive


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its interval, and where it is from."""

    value: float
    interval: Interval
    test: str
    why: str
    of_share: tuple[float, float] | None = None
    """Share and n, for the exact p of a share; None: p is read off the interval."""
    degrees: float = math.inf
    """Of freedom, of the t that the interval is by; infinite: the normal's."""


def estimate_alone(asked: Asked) -> Estimate:
    """Return the version's metric; raises UntestableError where these rows give it no value."""
    if asked.metric.name == "accuracy":
        return _share_alone(asked)
    if asked.metric.name == "roc_auc":
        return _area_alone(asked)
    value = _value(asked, asked.told)
    interval, method = resampled_interval(
        value,
        asked.metric.of_draws(asked.rows.target, asked.told),
        asked.groups,
        level=asked.level,
        seed=asked.seed,
        best=1.0 if asked.metric.explains else None,
    )
    few = smallest_class(asked.rows.target) if asked.case.classes else 0
    return Estimate(
        value=value,
        interval=widened(interval, few) if asked.metric.share else interval,
        test="bootstrap",
        why=f"{asked.metric.name} has no error by formula: {method}",
    )


def estimate_beside(asked: Asked, stable: Floats) -> Estimate:
    """Return the version's metric minus the stable one's, by the same rows; raises as above."""
    if asked.metric.name == "accuracy":
        return _shares_beside(asked, stable)
    if asked.metric.name == "roc_auc":
        return _areas_beside(asked, stable)
    of_draws, target = asked.metric.of_draws, asked.rows.target
    ours, theirs = of_draws(target, asked.told), of_draws(target, stable)
    value = _value(asked, asked.told) - _value(asked, stable)
    interval, method = resampled_interval(
        value,
        lambda draws: ours(draws) - theirs(draws),
        asked.groups,
        level=asked.level,
        seed=asked.seed,
        symmetric=True,
    )
    return Estimate(
        value=value,
        interval=interval,
        test="paired-bootstrap",
        why=f"{asked.metric.name} of both versions on the same rows: {method}",
        degrees=asked.groups.count - 1.0,
    )


def _share_alone(asked: Asked) -> Estimate:
    hits = asked.rows.target == asked.told
    worth = len(hits) / design_effect(hits, asked.groups)
    share = float(hits.mean())
    return Estimate(
        value=share,
        interval=wilson_interval(share, worth, asked.level),
        test="wilson",
        why=f"a share of {asked.groups.what}: exact binomial p, Wilson's interval",
        of_share=(share, worth),
    )


def _shares_beside(asked: Asked, stable: Floats) -> Estimate:
    groups = asked.groups
    hits, theirs = asked.rows.target == asked.told, asked.rows.target == stable
    value = float(hits.mean()) - float(theirs.mean())
    if groups.plain:
        what = "Newcombe's interval"
        interval = paired_difference(hits, theirs, asked.level)
    else:
        what = f"the error of {groups.what}"
        each = hits.astype(np.float64) - theirs
        interval = student_interval(value, groups.error(each - value), asked.level, math.inf)
    return Estimate(
        value=value,
        interval=interval,
        test="newcombe",
        why=f"two shares of the same rows: {what}",
    )


def _area_alone(asked: Asked) -> Estimate:
    positive, groups = asked.positive(), asked.groups
    area, influence = auc_influence(positive, asked.told)
    degrees = area_degrees(influence, positive, groups)
    on_logits = interval_on_logits(area, groups.error(influence), asked.level, degrees)
    return Estimate(
        value=area,
        interval=widened(on_logits, smallest_class(asked.rows.target)),
        test="delong",
        why=f"an area under the ROC curve of {groups.what}: DeLong's error on logits,"
        f" {degrees:.3g} degrees of freedom",
        degrees=degrees,
    )


def _areas_beside(asked: Asked, stable: Floats) -> Estimate:
    positive, groups = asked.positive(), asked.groups
    area, influence = auc_influence(positive, asked.told)
    other, theirs = auc_influence(positive, stable)
    both = influence - theirs
    degrees = area_degrees(both, positive, groups)
    return Estimate(
        value=area - other,
        interval=student_interval(area - other, groups.error(both), asked.level, degrees),
        test="delong",
        why=f"two areas under the ROC curve on the same {groups.what}: DeLong's error,"
        f" {degrees:.3g} degrees of freedom",
        degrees=degrees,
    )


def _value(asked: Asked, told: Floats) -> float:
    """Return the metric of all rows, which must be a number."""
    try:
        value = asked.metric.value(asked.rows.target, told)
    except ValueError as error:
        told_why = str(error).splitlines()[0][:200]
        raise PolicyMismatchError(
            f"{asked.path}: {asked.metric.name} cannot be computed of this target: {told_why}"
        ) from None
    if not np.isfinite(value):
        raise UntestableError(f"{asked.metric.name} has no value on these {asked.rows.n} rows")
    return value
