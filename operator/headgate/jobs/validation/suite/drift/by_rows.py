"""Whether the candidate's columns are distributed as the reference's are, one by one."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.selection.asked import Shape
from headgate.jobs.validation.selection.difference import (
    FEW_VALUES,
    Choice,
    Facts,
    choose,
    is_counted,
)
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.asked import (
    by_policy,
    require_a_fitting_column,
    result_as_asked,
)
from headgate.jobs.validation.suite.drift.by_pairs import measure_pairs
from headgate.jobs.validation.suite.drift.measured import (
    DIFFERENCE_MISSING,
    MISSING_WHY,
    About,
    about_column,
    drawn_enough,
    fact,
    inferred,
    inferred_of_independent_rows,
    missing_of,
    missing_values,
    options_of_counts,
    shares_missing,
    told_of_lengths,
)
from headgate.jobs.validation.suite.drift.one_value import one_value
from headgate.jobs.validation.suite.drift.together import together
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.tests.counts.table import Counts, expected_counts
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.validation.check_types import DriftCheck
from headgate.validation.drift_tests import OF_GROUPS

_LOOKED_AT = 4096
"""Rows that tell most columns of many whole numbers from those of few."""


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """One column in both files."""

    case: Case
    spec: DriftCheck
    about: About
    reference: Column
    candidate: Column

    @property
    def name(self) -> str:
        return self.about.name

    @property
    def present(self) -> tuple[int, int]:
        return len(self.reference.present()), len(self.candidate.present())


def measure(case: Case, spec: DriftCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield a measurement per column, one more where values are missing, and the tests together.

    Raises PolicyMismatchError for a column that the policy names and a file does not have.
    """
    names = compared_columns(case.by_form, spec)
    seeds = _seeds(names, seed)
    yield from measure_columns(case, spec, seed=seed)
    if not case.segment:
        yield from together(case, spec, names, seed=seeds[-1])


def measure_columns(case: Case, spec: DriftCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield what `measure` yields of columns one by one."""
    yield from told_of_lengths(case, _by_columns(case, spec, seed))


def _by_columns(case: Case, spec: DriftCheck, seed: int) -> Iterator[Measurement]:
    forms = case.by_form
    names = compared_columns(forms, spec)
    require_a_fitting_column(case, spec, [forms.reference.columns[name] for name in names])
    seeds = _seeds(names, seed)
    if case.policy.design.pairs is not None:
        yield from measure_pairs(case, spec, names, case.policy.design.pairs, seeds)
        return
    for name, column_seed in zip(names, seeds, strict=False):
        pair = _Pair(
            case=case,
            spec=spec,
            about=about_column(case, spec, name, len(names)),
            reference=case.reference.columns[name],
            candidate=case.candidate.columns[name],
        )
        yield from _of_column(pair, column_seed)


def _seeds(names: Sequence[str], seed: int) -> list[int]:
    """Return a seed for each column, and one for all of them together."""
    return [int(each) for each in np.random.SeedSequence(seed).generate_state(len(names) + 1)]


def columns_drifting(case: Case) -> tuple[str, ...]:
    """Return the columns of which a difference means something: time moves on by itself."""
    return tuple(
        name
        for name in case.feature_names()
        if case.reference.columns[name].kind is case.candidate.columns[name].kind
        and case.reference.columns[name].kind is not ColumnKind.DATETIME
    )


def compared_columns(case: Case, spec: DriftCheck) -> tuple[str, ...]:
    """Return the columns that the policy asks for, and that both files have as one kind.

    Raises PolicyMismatchError for one that it names and a file does not have.
    """
    if spec.columns == "all":
        return columns_drifting(case)
    for data in (case.reference, case.candidate):
        for name in spec.columns:
            _require(name, data, path_of(case, spec))
    return tuple(
        name
        for name in spec.columns
        if case.reference.columns[name].kind is case.candidate.columns[name].kind
    )


def _require(name: str, data: Dataset, path: str) -> None:
    if name in data.columns:
        return
    close = difflib.get_close_matches(name, data.columns, 3)
    meant = f"; did you mean {', '.join(map(repr, close))}?" if close else ""
    raise PolicyMismatchError(f"{path}.columns: {data.name} has no column {name!r}{meant}")


def _of_column(pair: _Pair, seed: int) -> Iterator[Measurement]:
    if pair.reference.missing.any() or pair.candidate.missing.any():
        yield _missing(pair, seed)
    before, after = pair.reference.present(), pair.candidate.present()
    if min(len(before), len(after)) < 2:  # noqa: PLR2004
        message = f"{len(before)} and {len(after)} values are not missing: too few to compare"
        yield fact(pair.about, pair.present, Verdict.INCONCLUSIVE, message)
        return
    if _constant(before, after):
        yield one_value(pair.case, pair.name, pair.about.min_effect)
        return
    table = _counts(before, after) if _is_countable(pair, before) else None
    facts = Facts(
        kind=pair.reference.kind,
        values=None if table is None else table.shape[1],
        integral=pair.reference.integral and pair.candidate.integral,
        rows=len(before) + len(after),
        least_expected=0.0 if table is None else float(expected_counts(table).min()),
        grouped=_what_groups(pair.case),
    )
    if not is_counted(facts):
        table = None
    shape = Shape(
        numbers=not pair.reference.counted, counted=table is not None, values=facts.values
    )
    choice = by_policy(pair.case, pair.spec, pair.name, choose(facts), shape)
    try:
        yield _measured(pair, choice, _result(pair, choice, table, seed))
    except UntestableError as error:
        yield fact(pair.about, pair.present, Verdict.INCONCLUSIVE, str(error), choice)


def _result(pair: _Pair, choice: Choice, table: Counts | None, seed: int) -> TestResult:
    return drawn_enough(
        pair.about, lambda resamples: _by_draws(pair, choice, table, seed, resamples)
    )


def _by_draws(
    pair: _Pair, choice: Choice, table: Counts | None, seed: int, resamples: int
) -> TestResult:
    """Return what the test finds; one that draws nothing takes no notice of `resamples`."""
    if choice.test in OF_GROUPS:
        return _clustered(pair, choice.test, seed, resamples)
    if choice.asked:
        before, after = pair.reference.present(), pair.candidate.present()
        options = {"seed": seed, "resamples": resamples}
        return result_as_asked(choice, before, after, table, options)
    run = find_test(choice.test).run
    if choice.counted and table is not None:
        return run(table, **options_of_counts(choice, seed, resamples))
    return run(pair.reference.present(), pair.candidate.present())


def _constant(before: Floats, after: Floats) -> bool:
    return bool((before == before[0]).all() and (after == before[0]).all())


def _is_countable(pair: _Pair, before: Floats) -> bool:
    """Whether values may turn out to be few: measurements are not, and counting them takes long."""
    if pair.reference.counted:
        return True
    if not (pair.reference.integral and pair.candidate.integral):
        return False
    return len(np.unique(before[:_LOOKED_AT])) <= FEW_VALUES


def _counts(before: Floats, after: Floats) -> Counts:
    """Return a (2, values) table of how often each of the different values, in order, is there."""
    sides = [np.unique(part, return_counts=True) for part in (before, after)]
    values = np.union1d(sides[0][0], sides[1][0])
    table: Counts = np.zeros((2, len(values)), dtype=np.int64)
    for row, (found, times) in zip(table, sides, strict=True):
        row[np.searchsorted(values, found)] = times
    return table


def _what_groups(case: Case) -> str:
    """Return in words what rows belong to by the policy's design; empty where they are free."""
    design = case.policy.design
    if design.clusters is not None:
        return f"clusters of {design.clusters}"
    return f"blocks of neighbours in the order of {design.time}" if design.time is not None else ""


def _clustered(pair: _Pair, test: str, seed: int, resamples: int) -> TestResult:
    """Test a column whose rows belong to clusters, or follow each other in time."""
    run, design = find_test(test).run, pair.case.policy.design
    options = {
        "seed": seed,
        "resamples": resamples,
        "significance": pair.about.alpha,
    }
    sides = ((pair.case.reference, pair.reference), (pair.case.candidate, pair.candidate))
    if design.clusters is not None:
        clusters = [data.columns[design.clusters].values[~column.missing] for data, column in sides]
        return run(
            pair.reference.present(),
            pair.candidate.present(),
            x_clusters=clusters[0],
            y_clusters=clusters[1],
            **options,
        )
    assert design.time is not None  # noqa: S101 - asked by the caller
    samples = []
    for data, column in sides:
        order = np.argsort(data.columns[design.time].values, kind="stable")
        samples.append(column.values[order][~column.missing[order]])
    return run(*samples, **options)


def _measured(pair: _Pair, choice: Choice, result: TestResult) -> Measurement:
    n, m = result.n
    message = f"{result.effect.name} {result.effect.value:.3g} between {n} and {m} rows"
    own = choice.asked or choice.test in OF_GROUPS
    infer = inferred if own else inferred_of_independent_rows
    return infer(pair.about, choice, result, message)


def _missing(pair: _Pair, seed: int) -> Measurement:
    sides = pair.reference, pair.candidate
    missing = int(np.count_nonzero(sides[0].missing)), int(np.count_nonzero(sides[1].missing))
    grouped = _what_groups(pair.case)
    if not grouped:
        return missing_values(pair.about, pair.present, missing)
    told = shares_missing(*(float(column.missing.mean()) for column in sides))
    choice = choose(Facts(kind=ColumnKind.BOOLEAN, values=2, grouped=grouped))
    whether = replace(pair, reference=_gaps(sides[0]), candidate=_gaps(sides[1]))
    try:
        result = _result(whether, choice, None, seed)
    except UntestableError as error:
        message = f"{told}; {error}"
        n = (len(sides[0]), len(sides[1]))
        return fact(missing_of(pair.about), n, Verdict.INCONCLUSIVE, message, choice)
    found = inferred(missing_of(pair.about), choice, result, told)
    return replace(found, why=f"{MISSING_WHY}: {choice.why}", effect_name=DIFFERENCE_MISSING)


def _gaps(column: Column) -> Column:
    """Return the column of whether a value is missing."""
    return Column(
        name=column.name,
        kind=ColumnKind.BOOLEAN,
        values=column.missing.astype(np.float64),
        missing=np.zeros(len(column), dtype=np.bool_),
    )
