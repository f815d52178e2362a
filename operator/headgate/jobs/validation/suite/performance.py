"""How well the version predicts the candidate data's target, alone and beside the stable one."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Floats, Integers
from headgate.jobs.validation.finding import Measurement, Side, Verdict
from headgate.jobs.validation.suite.answered import Answered, answered_rows
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.groups import Groups, groups_of
from headgate.jobs.validation.suite.metric import Metric, find_metric, require_told
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.resampling import (
    resampled_interval,
    smallest_class,
    widened,
)
from headgate.jobs.validation.suite.shares import (
    design_effect,
    more_than,
    paired_difference,
)
from headgate.jobs.validation.suite.threshold import bound_pvalue, needed_rows
from headgate.jobs.validation.tests.result import Interval, UntestableError
from headgate.jobs.validation.tests.scores.placements import auc_influence, satterthwaite
from headgate.jobs.validation.tests.shares.wilson import wilson_interval
from headgate.validation.check_types import PerformanceCheck

CHECK = "performance"
NO_STABLE = "no stable version serves: there is nothing to compare with"
_LEAST = 10


@dataclass(frozen=True, kw_only=True)
class _Asked:
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
        return 1 - self.case.policy.alpha


@dataclass(frozen=True, kw_only=True)
class _Estimate:
    """A number with its interval, and where it is from."""

    value: float
    interval: Interval
    test: str
    why: str
    pvalues: "tuple[float, float] | None" = None
    """n and share, for the exact p of a share; None: p is read off the interval."""
    degrees: float = math.inf
    """Of freedom, of the t that the interval is by; infinite: the normal's."""


def measure(case: Case, spec: PerformanceCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the metric held against min or max, and its difference to the stable version's.

    Raises PolicyMismatchError where the metric is not known, not for this task, or needs scores
    that are not there. Rows without a target are left out and counted. A first version, beside
    which none is stable, passes nonInferiorTo and superiorTo as a fact.
    """
    path = f"{path_of(case, spec)}.metric"
    rows = answered_rows(case, spec)
    metric = find_metric(case, spec.metric, path)
    asked = _Asked(
        case=case,
        metric=metric,
        rows=rows,
        groups=groups_of(case, rows.rows),
        told=require_told(metric, rows.answers, "the version's", path),
        stable=None
        if rows.stable is None
        else require_told(metric, rows.stable, "the stable version's", path),
        seed=seed,
        path=path,
    )
    bound = spec.min if spec.min is not None else spec.max
    if bound is not None:
        side = Side.AT_LEAST if spec.min is not None else Side.AT_MOST
        yield _against_bound(asked, bound, side)
    if spec.non_inferior_to is not None or spec.superior_to is not None:
        yield _against_stable(asked, spec)


def _against_bound(asked: _Asked, bound: float, side: Side) -> Measurement:
    subject = asked.metric.name
    if asked.groups.count < _LEAST:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, _too_few(asked))
    try:
        found = _alone(asked)
    except UntestableError as error:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, str(error))
    if found.interval.low == found.interval.high:
        good = found.value >= bound if side is Side.AT_LEAST else found.value <= bound
        message = f"is {found.value:.6g} whichever rows are drawn; the bound is {bound:g}"
        return _fact(asked, subject, Verdict.PASS if good else Verdict.FAIL, message)
    return _judged(asked, subject, found, bound, side, f"{subject} is {found.value:.4g}")


def _against_stable(asked: _Asked, spec: PerformanceCheck) -> Measurement:
    subject, superior = f"{asked.metric.name} against stable", spec.superior_to is not None
    if asked.stable is None:
        return _fact(asked, subject, Verdict.PASS, NO_STABLE)
    if asked.groups.count < _LEAST:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, _too_few(asked))
    if np.array_equal(asked.told, asked.stable):
        message = f"both versions give the same answers to all {asked.rows.n} rows"
        return _fact(asked, subject, Verdict.FAIL if superior else Verdict.PASS, message)
    try:
        found = _beside(asked, asked.stable)
    except UntestableError as error:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, str(error))
    better = -1.0 if asked.metric.loss else 1.0
    margin = spec.margin if superior else -spec.margin
    side = Side.AT_MOST if asked.metric.loss else Side.AT_LEAST
    message = f"the version's {asked.metric.name} minus the stable version's is {found.value:.4g}"
    return _judged(asked, subject, found, better * margin, side, message)


def _alone(asked: _Asked) -> _Estimate:
    metric, target, groups = asked.metric, asked.rows.target, asked.groups
    if metric.name == "accuracy":
        hits = target == asked.told
        worth = len(hits) / design_effect(hits, groups)
        share = float(hits.mean())
        return _Estimate(
            value=share,
            interval=wilson_interval(share, worth, asked.level),
            test="wilson",
            why=f"a share of {groups.what}: exact binomial p, Wilson's interval",
            pvalues=(share, worth),
        )
    if metric.name == "roc_auc":
        positive = _positive(asked)
        area, influence = auc_influence(positive, asked.told)
        degrees = _degrees(influence, positive, groups)
        on_logits = _on_logits(area, groups.error(influence), asked.level, degrees)
        return _Estimate(
            value=area,
            interval=widened(on_logits, smallest_class(target)),
            test="delong",
            why=f"an area under the ROC curve of {groups.what}: DeLong's error on logits,"
            f" {degrees:.3g} degrees of freedom",
            degrees=degrees,
        )
    value = _value(asked, asked.told)
    interval, method = resampled_interval(
        value,
        _of_draws(asked, asked.told),
        groups,
        level=asked.level,
        seed=asked.seed,
    )
    few = smallest_class(target) if asked.case.classes else 0
    return _Estimate(
        value=value,
        interval=widened(interval, few) if metric.share else interval,
        test="bootstrap",
        why=f"{metric.name} has no error by formula: {method}",
    )


def _beside(asked: _Asked, stable: Floats) -> _Estimate:
    metric, target, groups = asked.metric, asked.rows.target, asked.groups
    if metric.name == "accuracy":
        hits, theirs = target == asked.told, target == stable
        value = float(hits.mean()) - float(theirs.mean())
        if groups.plain:
            interval = paired_difference(hits, theirs, asked.level)
        else:
            each = hits.astype(np.float64) - theirs
            interval = _student(value, groups.error(each - value), asked.level, math.inf)
        what = "Newcombe's interval" if groups.plain else f"the error of {groups.what}"
        return _Estimate(
            value=value,
            interval=interval,
            test="newcombe",
            why=f"two shares of the same rows: {what}",
        )
    if metric.name == "roc_auc":
        positive = _positive(asked)
        area, influence = auc_influence(positive, asked.told)
        other, theirs = auc_influence(positive, stable)
        both = influence - theirs
        degrees = _degrees(both, positive, groups)
        return _Estimate(
            value=area - other,
            interval=_student(area - other, groups.error(both), asked.level, degrees),
            test="delong",
            why=f"two areas under the ROC curve on the same {groups.what}: DeLong's error,"
            f" {degrees:.3g} degrees of freedom",
            degrees=degrees,
        )

    ours, other_s = _of_draws(asked, asked.told), _of_draws(asked, stable)
    value = _value(asked, asked.told) - _value(asked, stable)
    interval, method = resampled_interval(
        value,
        lambda rows: ours(rows) - other_s(rows),
        groups,
        level=asked.level,
        seed=asked.seed,
        symmetric=True,
    )
    return _Estimate(
        value=value,
        interval=interval,
        test="paired-bootstrap",
        why=f"{metric.name} of both versions on the same rows: {method}",
        degrees=groups.count - 1.0,
    )


def _value(asked: _Asked, told: Floats) -> float:
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


def _of_draws(asked: _Asked, told: Floats) -> Callable[[Integers], float]:
    """Return the metric of some rows, which may be NaN."""
    compute = asked.metric.of_draws(asked.rows.target, told)

    def value(rows: Integers) -> float:
        try:
            return compute(rows)
        except ValueError:
            return float("nan")

    return value


def _positive(asked: _Asked) -> Booleans:
    positive: Booleans = asked.rows.target == 1
    if positive.all() or not positive.any():
        raise UntestableError(f"all {asked.rows.n} rows are of one class: roc_auc has no value")
    return positive


def _degrees(influence: Floats, positive: Booleans, groups: Groups) -> float:
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


def _student(value: float, error: float, level: float, degrees: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(degrees, (1 + level) / 2)) * error
    return Interval(low=value - half, high=value + half, level=level)


def _on_logits(area: float, error: float, level: float, degrees: float) -> Interval:
    """Return the interval of an area on the scale of logits, which keeps it within 0 .. 1.

    Pepe 2003, The Statistical Evaluation of Medical Tests for Classification and Prediction, ch. 5.
    """
    if error == 0 or not 0 < area < 1:
        return Interval(low=area, high=area, level=level)
    from scipy.special import expit, logit

    inner = _student(float(logit(area)), error / (area * (1 - area)), level, degrees)
    return Interval(low=float(expit(inner.low)), high=float(expit(inner.high)), level=level)


def _judged(
    asked: _Asked, subject: str, found: _Estimate, bound: float, side: Side, message: str
) -> Measurement:
    if found.pvalues is None:
        pvalue = bound_pvalue(found.value, found.interval, bound, side, found.degrees)
    else:
        share, n = found.pvalues
        at_most = side is Side.AT_MOST
        pvalue = more_than(share, n, bound) if at_most else more_than(1 - share, n, 1 - bound)
    return Measurement(
        check=CHECK,
        subject=subject,
        segment=asked.case.segment,
        test=found.test,
        why=found.why,
        would_change="design.clusters or design.time: the error would be that of clusters or blocks"
        if asked.groups.plain
        else "no design.clusters and design.time: rows would count as independent",
        n=(asked.rows.n,),
        statistic=found.value,
        pvalue=pvalue,
        effect_name=subject,
        effect=found.value,
        interval=found.interval,
        bound=bound,
        side=side,
        needed_n=needed_rows(asked.rows.n, found.value, found.interval, bound),
        message="; ".join(part for part in (message, asked.rows.note) if part),
    )


def _too_few(asked: _Asked) -> str:
    groups = asked.groups
    return f"{groups.count} {groups.what} with a target and an answer; {_LEAST} are needed"


def _fact(asked: _Asked, subject: str, verdict: Verdict, message: str) -> Measurement:
    return Measurement(
        check=CHECK,
        subject=subject,
        segment=asked.case.segment,
        test="seen",
        why="nothing to infer",
        n=(asked.rows.n,),
        fact=verdict,
        message="; ".join(part for part in (message, asked.rows.note) if part),
    )
