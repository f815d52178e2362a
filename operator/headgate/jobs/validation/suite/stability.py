"""Whether answers hold when numeric inputs are a little noisy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.answers import Answers, Model
from headgate.jobs.validation.data.dataset import Booleans, ColumnKind, Dataset, Floats
from headgate.jobs.validation.data.sample import thinned
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.bounds.shares import design_effect, more_than
from headgate.jobs.validation.suite.bounds.threshold import needed_rows
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.suite.rows.groups import Groups, groups_of
from headgate.jobs.validation.tests.shares.wilson import wilson_interval
from headgate.validation.check_types import StabilityCheck

CHECK = "stability"
MOST_ROWS = 100_000
"""More rows tell nothing more of a share of a few percent, and each is predicted twice."""
_TOLERATED = 10
"""A regressor's answer may move by so many times the noise, in deviations of the answers."""


@dataclass(frozen=True, kw_only=True)
class _Noisy:
    """Rows with noise, and what it was added to."""

    rows: Dataset
    names: tuple[str, ...]


def measure(case: Case, spec: StabilityCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the share of answers that flip when noise is added to the numeric inputs.

    Normal noise by `seed`, its deviation `spec.noise` times that of the reference's column. A class
    flips when it changes; a number when it moves by more than 10 `spec.noise` deviations of the
    answers. Whole numbers move by whole numbers. Raises PolicyMismatchError without a model to run.
    """
    if case.model is None:
        raise PolicyMismatchError(
            f"{path_of(case, spec)}: needs spec.predictions: {{from: Model}} and the model's file,"
            " because it runs the model"
        )
    if not case.candidate.rows:
        yield _fact(case, Verdict.INCONCLUSIVE, 0, "no rows")
        return
    chosen = np.zeros(case.candidate.rows, dtype=np.bool_)
    chosen[thinned(case.candidate.rows, MOST_ROWS, seed)] = True
    rows = case.candidate.take(chosen)
    noisy = _with_noise(case, case.model, rows, spec.noise, seed)
    if not noisy.names:
        message = "the model reads no numeric column that varies: noise has nothing to act on"
        yield _fact(case, Verdict.PASS, rows.rows, message)
        return
    before = case.model.answer(rows) if case.answers is None else case.answers.take(chosen)
    flipped = _flipped(case, before, case.model.answer(noisy.rows), spec.noise)
    if spec.max_flip == 0:  # no number of rows shows a share to be 0: what is seen has to do
        count = int(np.count_nonzero(flipped))
        verdict = Verdict.FAIL if count else Verdict.PASS
        yield _fact(case, verdict, rows.rows, f"{count} answers flip, and maxFlip allows none")
        return
    yield _share(case, spec, flipped, groups_of(case, chosen), noisy.names)


def _with_noise(case: Case, model: Model, rows: Dataset, noise: float, seed: int) -> _Noisy:
    generator = np.random.default_rng(seed)
    columns, names = dict(rows.columns), []
    for name in model.inputs:
        column, before = columns.get(name), case.reference.columns.get(name)
        if column is None or before is None or column.kind is not ColumnKind.NUMERIC:
            continue
        known = before.present()
        scale = float(np.abs(known).max(initial=0.0))
        deviation = float((known / scale).std()) * scale if scale else 0.0  # squares overflow
        values = column.values + generator.standard_normal(len(column)) * (noise * deviation)
        if deviation > 0:
            if column.integral:
                values = _whole(values, column.values, known, generator)
            columns[name] = replace(column, values=values)
            names.append(name)
    return _Noisy(rows=replace(rows, columns=columns), names=tuple(names))


def _whole(values: Floats, before: Floats, known: Floats, generator: np.random.Generator) -> Floats:
    """Return noisy whole numbers, rounded up or down by chance so that no noise is lost on average.

    A model may take whole numbers only. They stay within what the reference has, unless they were
    beyond it before: a flag of 0 and 1 does not become 2.
    """
    rounded = np.floor(values + generator.random(len(values)))
    low, high = np.minimum(before, known.min()), np.maximum(before, known.max())
    kept: Floats = np.clip(rounded, low, high)
    return kept


def _flipped(case: Case, before: Answers, after: Answers, noise: float) -> Booleans:
    if case.task is not Task.REGRESSION:
        changed: Booleans = before.values != after.values
        return changed
    limit = _TOLERATED * noise * float(before.values.std())
    moved: Booleans = ~(np.abs(after.values - before.values) <= limit)
    return moved


def _share(
    case: Case,
    spec: StabilityCheck,
    flipped: Booleans,
    groups: Groups,
    names: tuple[str, ...],
) -> Measurement:
    """Return the share of flips with Wilson's interval, by as many rows as the design makes of n.

    Where rows belong together, the interval and p are those of n divided by Kish's design effect.
    """
    n, count = len(flipped), int(np.count_nonzero(flipped))
    share = count / n
    worth = n / design_effect(flipped, groups)
    interval = wilson_interval(share, worth, 1 - case.policy.alpha)
    listed = ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")  # noqa: PLR2004
    return Measurement(
        check=CHECK,
        subject="answers",
        segment=case.segment,
        test="flipped-share",
        why=f"a share of {groups.what}: exact binomial p, Wilson's interval",
        would_change="design.clusters or design.time: rows would count for less"
        if groups.plain
        else "no design.clusters and design.time: rows would count as independent",
        n=(n,),
        statistic=float(count),
        pvalue=more_than(share, worth, spec.max_flip),
        effect_name="share of answers that flip",
        effect=share,
        interval=interval,
        bound=spec.max_flip,
        needed_n=needed_rows(n, share, interval, spec.max_flip),
        message=f"{count} of {n} answers change under noise of {spec.noise:g} deviations in"
        f" {len(names)} columns ({listed})",
    )


def _fact(case: Case, verdict: Verdict, n: int, message: str) -> Measurement:
    return Measurement(
        check=CHECK,
        subject="answers",
        segment=case.segment,
        test="flipped-share",
        why="nothing to infer",
        n=(n,),
        fact=verdict,
        message=message,
    )
