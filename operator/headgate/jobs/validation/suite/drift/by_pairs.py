"""Drift of columns where candidate rows belong to reference rows: members of pairs are compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.selection.asked import Shape
from headgate.jobs.validation.selection.difference import Choice, Facts, is_counted
from headgate.jobs.validation.selection.paired import PairFacts, choose_paired
from headgate.jobs.validation.suite.bounds.deciding import rows_to_exclude
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.asked import by_policy
from headgate.jobs.validation.suite.drift.measured import (
    CHECK,
    DIFFERENCE_MISSING,
    MISSING_WHY,
    About,
    about_column,
    drawn_enough,
    fact,
    inferred,
    missing_of,
    shares_missing,
)
from headgate.jobs.validation.suite.drift.pairing import Pairing, pairing_of
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.counts.variation import TOTAL_VARIATION
from headgate.jobs.validation.tests.paired.margins import alike_interval, variation_of_margins
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.validation.check_types import DriftCheck


@dataclass(frozen=True, kw_only=True)
class _Column:
    """One column, and its members of all pairs."""

    case: Case
    spec: DriftCheck
    about: About
    reference: Column
    candidate: Column


def measure_pairs(
    case: Case, spec: DriftCheck, names: Sequence[str], pairs: str, seeds: Sequence[int]
) -> Iterator[Measurement]:
    """Yield how many rows have a partner, then a measurement per column, by pairs.

    Raises DataError for a key that stands twice in a file, UntestableError where no row has a
    partner.
    """
    pairing = pairing_of(case, pairs)
    yield _partners(case, spec, pairs, pairing)
    if len(pairing.reference) < 2:  # noqa: PLR2004
        raise UntestableError(
            f"{len(pairing.reference)} rows have a partner by {pairs!r}: two are needed"
        )
    for name, seed in zip(names, seeds, strict=False):
        yield from _of_column(
            _Column(
                case=case,
                spec=spec,
                about=about_column(case, spec, name, len(names)),
                reference=case.reference.columns[name].take(pairing.reference),
                candidate=case.candidate.columns[name].take(pairing.candidate),
            ),
            seed,
        )


def _partners(case: Case, spec: DriftCheck, pairs: str, pairing: Pairing) -> Measurement:
    """Say which rows are compared with none: they can hide as large a difference as their share."""
    n, rows = len(pairing.reference), (case.reference.rows, case.candidate.rows)
    share = max(1 - n / count if count else 1.0 for count in rows)
    told = [
        f"{alone} of {count} rows of {data.name} have no partner"
        + (f", {keyless} more no {pairs!r}" if keyless else "")
        for alone, keyless, count, data in zip(
            pairing.alone, pairing.keyless, rows, (case.reference, case.candidate), strict=True
        )
    ]
    return Measurement(
        check=CHECK,
        subject=f"{pairs} (partners)",
        segment=case.segment,
        test="fact",
        why="counted over all rows: those without a partner are compared with none, and could hide"
        " a difference of their share",
        n=rows,
        effect_name="share without a partner",
        effect=share,
        bound=spec.min_effect,
        fact=Verdict.PASS if share <= spec.min_effect else Verdict.INCONCLUSIVE,
        message=f"{n} pairs; {'; '.join(told)}",
    )


def _of_column(column: _Column, seed: int) -> Iterator[Measurement]:
    gone = column.reference.missing, column.candidate.missing
    if gone[0].any() or gone[1].any():
        yield _missing(column.about, *gone)
    both = ~(gone[0] | gone[1])
    first, second = column.reference.values[both], column.candidate.values[both]
    if len(first) < 2:  # noqa: PLR2004
        message = f"{len(first)} pairs have both values: too few to compare"
        yield fact(column.about, (len(column.reference),), Verdict.INCONCLUSIVE, message)
        return
    if (first == second).all():
        yield _alike(column.about, len(first))
        return
    table = _pairs_table(column, first, second)
    facts = _facts(first, second, table)
    shape = Shape(numbers=not column.reference.counted, counted=facts.counted, values=facts.values)
    choice = by_policy(column.case, column.spec, column.about.name, choose_paired(facts), shape)
    try:
        yield _measured(column.about, choice, _result(column, choice, (first, second), table, seed))
    except UntestableError as error:
        n = (len(column.reference),)
        yield fact(column.about, n, Verdict.INCONCLUSIVE, str(error), choice)


def _pairs_table(column: _Column, first: Floats, second: Floats) -> Counts | None:
    """Return pairs by the values of both members, None where the column is not one of counts."""
    values, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    facts = Facts(
        kind=column.reference.kind,
        values=len(values),
        integral=column.reference.integral and column.candidate.integral,
    )
    if not is_counted(facts):
        return None
    k, n = len(values), len(first)
    table: Counts = np.bincount(places[:n] * k + places[n:], minlength=k * k).reshape(k, k)
    return table


def _facts(first: Floats, second: Floats, table: Counts | None) -> PairFacts:
    if table is None:
        return PairFacts(counted=False, values=len(np.unique(np.concatenate([first, second]))))
    changes = table.sum(axis=0) + table.sum(axis=1) - 2 * np.diag(table)
    return PairFacts(
        counted=True,
        values=len(table),
        least_changes=int(changes[changes > 0].min(initial=len(first))),
    )


def _result(
    column: _Column,
    choice: Choice,
    members: tuple[Floats, Floats],
    table: Counts | None,
    seed: int,
) -> TestResult:
    """Return the test's result, its effect the distance between the members' distributions."""
    run = find_test(choice.test).run
    given = (table,) if choice.counted else members
    result = drawn_enough(
        column.about,
        lambda resamples: run(*given, **_options(column.about, choice, seed, resamples)),
    )
    if table is not None:
        return replace(result, effect=_variation(table, TOTAL_VARIATION))
    if choice.test == "ks-paired":
        return result
    return replace(result, effect=find_test("ks-paired").run(*members, seed=seed).effect)


def _options(about: About, choice: Choice, seed: int, resamples: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if choice.test in {"ks-paired", "stuart-maxwell-permutation"}:
        options = {"seed": seed, "resamples": resamples}
    if choice.test in {"ks-paired", "stuart-maxwell", "stuart-maxwell-permutation"}:
        options["significance"] = about.alpha
    return options


def _variation(table: Counts, name: str) -> Effect:
    value, interval = variation_of_margins(table)
    return Effect(name=name, value=value, interval=interval)


def _measured(about: About, choice: Choice, result: TestResult) -> Measurement:
    (n,) = result.n
    effect = result.effect
    message = f"{effect.name} {effect.value:.3g} between the members of {n} pairs"
    return inferred(about, choice, result, message)


def _missing(about: About, before: Booleans, now: Booleans) -> Measurement:
    """Hold members' missing values against each other: pairs are not dropped in silence."""
    n = len(before)
    table: Counts = np.bincount(before * 2 + now, minlength=4).reshape(2, 2)
    whole = int(np.count_nonzero(~(before | now)))
    shares = shares_missing(float(before.mean()), float(now.mean()))
    told = f"{shares}; {whole} of {n} pairs have both values"
    if not table[0, 1] + table[1, 0]:
        return replace(_alike(missing_of(about), n), message=told)
    choice = choose_paired(PairFacts(counted=True, values=2))
    effect = _variation(table, DIFFERENCE_MISSING)
    result = replace(find_test(choice.test).run(table), effect=effect)
    found = inferred(missing_of(about), choice, result, told)
    return replace(found, why=f"{MISSING_WHY}: {choice.why}")


def _alike(about: About, n: int) -> Measurement:
    effect = Effect(name=TOTAL_VARIATION, value=0.0, interval=alike_interval(n))
    return Measurement(
        check=CHECK,
        subject=about.name,
        segment=about.segment,
        test="none",
        why="equal in all pairs: no test sees a difference, the number of pairs bounds it",
        would_change="a pair that differs: the test for such a column",
        n=(n,),
        effect_name=effect.name,
        effect=effect.value,
        interval=effect.interval,
        bound=about.min_effect,
        needed_n=rows_to_exclude(effect, about.min_effect, n),
        message=f"is the same in all {n} pairs",
    )
