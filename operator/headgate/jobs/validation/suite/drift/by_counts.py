"""Drift of columns whose rows are not in memory: the same tests, put to counts.

Counts of categories, and of numbers of at most 1024 different values, are exact, and so is what is
computed of them. Other numbers are known by cells: see `ks_of_cells` for what that leaves open.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.parts.counted import Counted, CountedColumn, all_values_known
from headgate.jobs.validation.parts.part import CANDIDATE, REFERENCE
from headgate.jobs.validation.parts.whole_columns import require_whole
from headgate.jobs.validation.selection.difference import FEW_VALUES, Choice, Facts, choose
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.by_rows import compared_columns, measure_columns
from headgate.jobs.validation.suite.drift.measured import (
    About,
    about_column,
    drawn_enough,
    fact,
    inferred_of_independent_rows,
    missing_values,
    options_of_counts,
    told_of_lengths,
)
from headgate.jobs.validation.suite.drift.one_value import one_value_of
from headgate.jobs.validation.suite.drift.together import together
from headgate.jobs.validation.suite.mismatch import path_of
from headgate.jobs.validation.tests.counts.table import Counts, expected_counts
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.two_sample.ks_of_cells import ks_of_cells
from headgate.validation.check_types import DriftCheck
from headgate.validation.drift_tests import AUTO


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """One column in both files."""

    about: About
    reference: CountedColumn
    candidate: CountedColumn

    @property
    def n(self) -> tuple[int, int]:
        return self.reference.present, self.candidate.present


def measure(case: Case, spec: DriftCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield what `drift.measure` yields, by the case's counts; the tests together by its sample.

    Where rows belong together, whole groups are exchanged, and a test that the policy names may
    take anything: columns are then read whole, one by one. Raises PolicyMismatchError for one that
    a file does not have, DataError where a whole column is needed and does not fit.
    """
    assert case.streamed is not None  # noqa: S101 - asked by the caller
    names = compared_columns(case.by_form, spec)
    seeds = np.random.SeedSequence(seed).generate_state(len(names) + 1)
    why = _why_whole_columns(case, spec)
    if why:
        for columns in case.streamed.whole:
            require_whole(columns, why)
        yield from measure_columns(case.by_column, spec, seed=seed)
    else:
        counted = case.streamed.counted
        for name, column_seed in zip(names, seeds, strict=False):
            pair = _pair(case, counted, spec, name, len(names))
            yield from told_of_lengths(case, _of_column(pair, int(column_seed)))
    if not case.segment:
        yield from together(case.with_all_columns, spec, names, seed=int(seeds[-1]))


def _why_whole_columns(case: Case, spec: DriftCheck) -> str:
    """Return the field that takes whole columns; empty where counts do."""
    design = case.policy.design
    if spec.test != AUTO:
        return f"{path_of(case, spec)}.test"
    named = (("clusters", design.clusters), ("time", design.time), ("pairs", design.pairs))
    return next((f"spec.design.{field}" for field, name in named if name is not None), "")


def _pair(case: Case, counted: Counted, spec: DriftCheck, name: str, columns: int) -> _Pair:
    return _Pair(
        about=about_column(case, spec, name, columns),
        reference=counted.column(REFERENCE, name),
        candidate=counted.column(CANDIDATE, name),
    )


def _of_column(pair: _Pair, seed: int) -> Iterator[Measurement]:
    if pair.reference.missing or pair.candidate.missing:
        missing = pair.reference.missing, pair.candidate.missing
        yield missing_values(pair.about, pair.n, missing)
    before, after = pair.n
    if min(before, after) < 2:  # noqa: PLR2004
        message = f"{before} and {after} values are not missing: too few to compare"
        yield fact(pair.about, pair.n, Verdict.INCONCLUSIVE, message)
        return
    low, high = pair.reference.low, pair.reference.high
    if low == high == pair.candidate.low == pair.candidate.high:
        yield one_value_of(
            pair.about.name, pair.about.segment, pair.n, min(pair.n), pair.about.min_effect
        )
        return
    table = _table(pair)
    choice = choose(
        Facts(
            kind=pair.reference.kind,
            values=None if table is None else table.shape[1],
            integral=pair.reference.integral and pair.candidate.integral,
            rows=before + after,
            least_expected=0.0 if table is None else float(expected_counts(table).min()),
        )
    )
    try:
        yield _measured(pair, choice, _result(pair, choice, table, seed))
    except UntestableError as error:
        yield fact(pair.about, pair.n, Verdict.INCONCLUSIVE, str(error), choice)


def _table(pair: _Pair) -> Counts | None:
    """Return (2, values) counts of the values that are there; None of what is not counted."""
    cells = np.stack([pair.reference.cells, pair.candidate.cells])
    if not pair.reference.counted:
        integral = pair.reference.integral and pair.candidate.integral
        if not integral or not all_values_known(cells.sum(axis=0)):
            return None
        cells = cells[:, 1::2]
    used: Counts = cells[:, cells.sum(axis=0) > 0]
    return used if pair.reference.counted or used.shape[1] <= FEW_VALUES else None


def _result(pair: _Pair, choice: Choice, table: Counts | None, seed: int) -> TestResult:
    if choice.counted and table is not None:
        run = find_test(choice.test).run
        return drawn_enough(
            pair.about,
            lambda resamples: run(table, **options_of_counts(choice, seed, resamples)),
        )
    return ks_of_cells(pair.reference.cells, pair.candidate.cells)


def _measured(pair: _Pair, choice: Choice, result: TestResult) -> Measurement:
    n, m = result.n
    message = f"{result.effect.name} {result.effect.value:.3g} between {n} and {m} rows"
    return inferred_of_independent_rows(pair.about, choice, result, message + _left_open(result))


def _left_open(result: TestResult) -> str:
    unseen = float(result.details.get("unseen", 0.0))
    if not unseen:
        return ""
    return (
        f", by counts in {result.details['cells']} cells: the exact one is at most {unseen:.2g}"
        " more, which the interval holds"
    )
