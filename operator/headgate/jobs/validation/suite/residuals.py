"""Whether a regressor's errors look like noise: centred, uncorrelated, of one size."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.bounds.threshold import (
    folded,
    needed_rows,
    size_interval,
    size_pvalue,
)
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.rows.answered import Answered, answered_rows
from headgate.jobs.validation.suite.rows.groups import Groups, groups_of
from headgate.jobs.validation.tests.residuals.autocorrelation import durbin_watson, ljung_box
from headgate.jobs.validation.tests.residuals.heteroscedasticity import breusch_pagan
from headgate.jobs.validation.tests.residuals.normality import jarque_bera, shapiro_wilk
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.validation.check_types import ResidualsCheck

CHECK = "residuals"
_LEAST = 10
_MOST_FOR_SHAPIRO = 5000


def measure(case: Case, spec: ResidualsCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield bias, autocorrelation and heteroscedasticity of the residuals (target - answer).

    Raises PolicyMismatchError for classifications. Rows without a target are left out and counted.
    """
    del seed  # nothing is drawn
    if case.task is not Task.REGRESSION:
        raise PolicyMismatchError(
            f"{path_of(case, spec)}: is for regressions, and the target is a classification's: use"
            " performance and calibration, or set spec.task: Regression"
        )
    rows = answered_rows(case, spec)
    residuals = rows.target - rows.answers.values
    groups = groups_of(case, rows.rows)
    if rows.n < _LEAST or groups.count < _LEAST:
        yield _too_few(case, rows, groups)
        return
    if not residuals.any():
        yield _perfect(case, rows)
        return
    scaled = residuals / np.abs(residuals).max()  # none of the measures has a unit; squares do not
    if float(scaled.std()) <= 4 * np.finfo(np.float64).eps:  # overflow, and nothing is divided by 0
        yield _constant(case, rows, float(residuals[0]))
        return
    yield _bias(case, spec, rows, groups, scaled)
    yield _autocorrelation(case, spec, rows, groups, scaled)
    yield _heteroscedasticity(case, spec, rows, groups, scaled)


def _bias(
    case: Case, spec: ResidualsCheck, rows: Answered, groups: Groups, residuals: Floats
) -> Measurement:
    """Return the mean residual in deviations.

    Of few skewed rows the influence of each says too little of the ratio's error: the jackknife's.
    """
    value = float(residuals.mean()) / float(residuals.std(ddof=1))
    moments = np.stack([np.ones_like(residuals), residuals, residuals**2])
    centre, error = _jackknifed(moments, _in_deviations, groups)
    interval = size_interval(centre, error, groups.count - 1, 1 - case.policy.alpha)
    return Measurement(
        check=CHECK,
        subject="bias",
        segment=case.segment,
        test="mean-residual",
        why=f"the mean of {groups.what}, by Student's t with {groups.count - 1} degrees of freedom",
        would_change="design.clusters or design.time: the error would be that of clusters or blocks"
        if groups.plain
        else "no design.clusters and design.time: rows would count as independent",
        n=(rows.n,),
        statistic=centre / error if error else None,
        pvalue=size_pvalue(centre, error, spec.max_bias, groups.count - 1),
        effect_name="|mean residual| in deviations",
        effect=abs(value),
        interval=interval,
        bound=spec.max_bias,
        needed_n=needed_rows(rows.n, abs(value), interval, spec.max_bias),
        message=_joined(
            f"answers are {'low' if value > 0 else 'high'} by {abs(value):.3g} deviations of the"
            " residuals on average",
            _normality(residuals),
            rows.note,
        ),
    )


def _autocorrelation(
    case: Case, spec: ResidualsCheck, rows: Answered, groups: Groups, residuals: Floats
) -> Measurement:
    ordered = residuals if groups.order is None else residuals[groups.order]
    found = durbin_watson(ordered, alpha=case.policy.alpha)
    value = found.effect.value
    interval = None if found.effect.interval is None else folded(found.effect.interval)
    error = math.sqrt(max(1 - spec.max_autocorrelation**2, 1 / rows.n) / rows.n)
    by = "the file" if groups.order is None else f"column {case.policy.design.time!r}"
    return Measurement(
        check=CHECK,
        subject="autocorrelation",
        segment=case.segment,
        test=found.name,
        why=f"neighbours in the order of {by}; p by Bartlett's variance at the bound",
        would_change="design.time: rows would be put in the order of that column"
        if groups.order is None
        else "no design.time: the order of the file would count",
        n=found.n,
        statistic=found.statistic,
        pvalue=size_pvalue(value, error, spec.max_autocorrelation, math.inf),
        effect_name="|lag-1 autocorrelation|",
        effect=abs(value),
        interval=interval,
        bound=spec.max_autocorrelation,
        needed_n=needed_rows(rows.n, abs(value), interval, spec.max_autocorrelation),
        message=_joined(
            f"residuals one row apart correlate by {value:.3g}",
            _information("Ljung-Box over more lags", ljung_box(ordered)),
            rows.note,
        ),
    )


def _heteroscedasticity(
    case: Case, spec: ResidualsCheck, rows: Answered, groups: Groups, residuals: Floats
) -> Measurement:
    """Return R2 of the squared residuals on the answers, as Breusch and Pagan's test takes it.

    With one regressor R2 is the square of a correlation r. Squares of residuals are far from
    normal, and r of few rows overstates: error and value are the jackknife's, on Fisher's scale
    (Hinkley 1978, Biometrika 65, 13).
    """
    try:
        found = breusch_pagan(residuals, rows.answers.values)
    except UntestableError as reason:
        return _undecided(case, rows, "heteroscedasticity", "breusch-pagan", str(reason))
    u, v = _standard(residuals**2), _standard(rows.answers.values)
    moments = np.stack([np.ones_like(u), u, v, u * u, v * v, u * v])
    z, error = _jackknifed(moments, _fisher, groups)
    on_fisher = size_interval(z, error, groups.count - 1, 1 - case.policy.alpha)
    low, high = math.tanh(on_fisher.low) ** 2, math.tanh(on_fisher.high) ** 2
    bound = math.atanh(min(math.sqrt(spec.max_heteroscedasticity), 1 - 1e-12))
    value = found.effect.value
    return Measurement(
        check=CHECK,
        subject="heteroscedasticity",
        segment=case.segment,
        test=found.name,
        why=f"squared residuals against the answers, studentised; {groups.what} are independent",
        would_change="design.clusters or design.time: the error would be that of clusters or blocks"
        if groups.plain
        else "no design.clusters and design.time: rows would count as independent",
        n=found.n,
        statistic=found.statistic,
        pvalue=size_pvalue(z, error, bound, groups.count - 1),
        effect_name=found.effect.name,
        effect=value,
        interval=type(on_fisher)(low=low, high=high, level=on_fisher.level),
        bound=spec.max_heteroscedasticity,
        needed_n=needed_rows(rows.n, abs(z), on_fisher, bound),
        message=_joined(
            f"the answer explains {value:.3g} of the squared residuals' variance", rows.note
        ),
    )


def _jackknifed(
    moments: Floats, statistic: Callable[[Floats], Floats], groups: Groups
) -> tuple[float, float]:
    """Return a statistic of sums less its bias, and its standard error.

    `moments` are (m, n), of each row; the statistic takes (m, k) sums of them, and gives (k,).
    """
    total = moments.sum(axis=1, keepdims=True)
    sums = np.stack([np.bincount(groups.labels, each, groups.count) for each in moments])
    whole, without = float(statistic(total)[0]), statistic(total - sums)
    pseudo = groups.count * whole - (groups.count - 1) * without
    return float(pseudo.mean()), float(pseudo.std(ddof=1)) / math.sqrt(groups.count)


def _in_deviations(moments: Floats) -> Floats:
    """Return (k,) means in deviations of what has (3, k) sums of 1, r, r^2."""
    n, sums, squares = moments
    variance = (squares - sums**2 / n) / (n - 1)
    found: Floats = np.where(variance > 0, sums / n, 0.0) / np.sqrt(
        np.where(variance > 0, variance, 1.0)
    )
    return found


def _fisher(moments: Floats) -> Floats:
    """Return (k,) atanh of the correlations that (6, k) sums of 1, u, v, u^2, v^2, u v have."""
    mean_u, mean_v, square_u, square_v, product = moments[1:] / np.maximum(moments[0], 1.0)
    spread = (square_u - mean_u**2) * (square_v - mean_v**2)
    r = np.where(spread > 0, product - mean_u * mean_v, 0.0) / np.sqrt(
        np.where(spread > 0, spread, 1.0)
    )
    most = 1 - 1e-12  # beyond, atanh is infinite
    fisher: Floats = np.arctanh(np.clip(r, -most, most))
    return fisher


def _standard(values: Floats) -> Floats:
    scaled = values / np.abs(values).max()
    centred = scaled - scaled.mean()
    standard: Floats = centred / centred.std()
    return standard


def _normality(residuals: Floats) -> str:
    """Return what a test of normality says: information, no verdict hangs on it."""
    few = len(residuals) <= _MOST_FOR_SHAPIRO
    found = shapiro_wilk(residuals) if few else jarque_bera(residuals)
    return _information("for information, " + found.name, found)


def _information(title: str, found: TestResult) -> str:
    told = "" if found.pvalue is None else f", p {found.pvalue:.3g}"
    return f"{title}: {found.statistic:.4g}{told}"


def _too_few(case: Case, rows: Answered, groups: Groups) -> Measurement:
    message = f"{groups.count} {groups.what} with a target and an answer; {_LEAST} are needed"
    return _undecided(case, rows, "all", "rows", message)


def _perfect(case: Case, rows: Answered) -> Measurement:
    return Measurement(
        check=CHECK,
        subject="all",
        segment=case.segment,
        test="rows",
        why="nothing to infer: there are no errors",
        n=(rows.n,),
        fact=Verdict.PASS,
        message=_joined(f"all {rows.n} answers are the target exactly", rows.note),
    )


def _constant(case: Case, rows: Answered, residual: float) -> Measurement:
    return Measurement(
        check=CHECK,
        subject="bias",
        segment=case.segment,
        test="rows",
        why="nothing to infer: all errors are alike",
        n=(rows.n,),
        fact=Verdict.FAIL,
        message=_joined(f"every answer is off by {residual:.6g}", rows.note),
    )


def _undecided(case: Case, rows: Answered, subject: str, test: str, message: str) -> Measurement:
    return Measurement(
        check=CHECK,
        subject=subject,
        segment=case.segment,
        test=test,
        why="the test cannot be done on these rows",
        n=(rows.n,),
        fact=Verdict.INCONCLUSIVE,
        message=_joined(message, rows.note),
    )


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
