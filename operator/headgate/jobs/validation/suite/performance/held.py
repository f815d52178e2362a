"""How well the version predicts the candidate data's target, alone and beside the stable one."""

from collections.abc import Iterator

import numpy as np

from headgate.jobs.validation.finding import Measurement, Side, Verdict
from headgate.jobs.validation.suite.bounds.shares import more_than
from headgate.jobs.validation.suite.bounds.threshold import bound_pvalue, needed_rows
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.performance.estimates import (
    Asked,
    Estimate,
    estimate_alone,
    estimate_beside,
)
from headgate.jobs.validation.suite.performance.metric import Metric, find_metric, require_told
from headgate.jobs.validation.suite.rows.answered import answered_rows
from headgate.jobs.validation.suite.rows.groups import groups_of
from headgate.jobs.validation.tests.result import UntestableError
from headgate.validation.check_types import PerformanceCheck

CHECK = "performance"
NO_STABLE = "no stable version serves: there is nothing to compare with"
_LEAST = 10


def measure(case: Case, spec: PerformanceCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the metric held against min or max, and its difference to the stable version's.

    Raises PolicyMismatchError where the metric is not known, not for this task, or needs scores
    that are not there. Rows without a target are left out and counted. A first version, beside
    which none is stable, passes nonInferiorTo and superiorTo as a fact.
    """
    path = f"{path_of(case, spec)}.metric"
    rows = answered_rows(case, spec)
    metric = find_metric(case, spec.metric, path)
    _require_direction(metric, spec, path_of(case, spec))
    asked = Asked(
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


def _require_direction(metric: Metric, spec: PerformanceCheck, path: str) -> None:
    """Raise PolicyMismatchError for a bound on the good side, and for one out of reach."""
    if spec.max is not None and not metric.loss:
        plain = metric.name.removeprefix("neg_")
        other = f", or metric: {plain} with max" if plain != metric.name else ""
        raise PolicyMismatchError(
            f"{path}.max: more {metric.name} is better, so that nothing bad would fail: use min"
            f"{other}"
        )
    if spec.min is not None and metric.loss:
        raise PolicyMismatchError(
            f"{path}.min: less {metric.name} is better, so that nothing bad would fail: use max"
        )
    if spec.min is not None and metric.share and spec.min > 1:
        raise PolicyMismatchError(f"{path}.min: is {spec.min:g}, and 1 is the best {metric.name}")


def _against_bound(asked: Asked, bound: float, side: Side) -> Measurement:
    subject = asked.metric.name
    if asked.groups.count < _LEAST:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, _too_few(asked))
    try:
        found = estimate_alone(asked)
    except UntestableError as error:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, str(error))
    if found.interval.low == found.interval.high:
        good = found.value >= bound if side is Side.AT_LEAST else found.value <= bound
        message = f"is {found.value:.6g} whichever rows are drawn; the bound is {bound:g}"
        return _fact(asked, subject, Verdict.PASS if good else Verdict.FAIL, message)
    return _judged(asked, subject, found, bound, side, f"{subject} is {found.value:.4g}")


def _against_stable(asked: Asked, spec: PerformanceCheck) -> Measurement:
    subject, superior = f"{asked.metric.name} against stable", spec.superior_to is not None
    if asked.stable is None:
        return _fact(asked, subject, Verdict.PASS, NO_STABLE)
    if asked.groups.count < _LEAST:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, _too_few(asked))
    if np.array_equal(asked.told, asked.stable):
        message = f"both versions give the same answers to all {asked.rows.n} rows"
        return _fact(asked, subject, Verdict.FAIL if superior else Verdict.PASS, message)
    try:
        found = estimate_beside(asked, asked.stable)
    except UntestableError as error:
        return _fact(asked, subject, Verdict.INCONCLUSIVE, str(error))
    better = -1.0 if asked.metric.loss else 1.0
    margin = spec.margin if superior else -spec.margin
    side = Side.AT_MOST if asked.metric.loss else Side.AT_LEAST
    message = f"the version's {asked.metric.name} minus the stable version's is {found.value:.4g}"
    return _judged(asked, subject, found, better * margin, side, message)


def _judged(
    asked: Asked, subject: str, found: Estimate, bound: float, side: Side, message: str
) -> Measurement:
    if found.of_share is None:
        pvalue = bound_pvalue(found.value, found.interval, bound, side, found.degrees)
    else:
        share, n = found.of_share
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


def _too_few(asked: Asked) -> str:
    groups = asked.groups
    return f"{groups.count} {groups.what} with a target and an answer; {_LEAST} are needed"


def _fact(asked: Asked, subject: str, verdict: Verdict, message: str) -> Measurement:
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
