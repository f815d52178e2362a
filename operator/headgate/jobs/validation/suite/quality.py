"""Whether the data is what it is taken for: columns, missing values, ranges, rows that repeat."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.validation.check_types import QualityCheck

CHECK = "quality"
type Hashes = NDArray[np.uint64]
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # of splitmix64 (Steele, Lea, Flood 2014)


def measure(case: Case, spec: QualityCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the facts of the columns, then shares held against the policy's bounds."""
    del seed  # nothing is drawn
    if not case.segment:
        yield from _schema(case)
    for name in case.feature_names():
        pair = case.reference.columns[name], case.candidate.columns[name]
        if pair[0].kind is pair[1].kind:
            yield from _of_column(case, spec, *pair)
    if not case.segment:
        yield from _repeated(case, spec)
        yield from _told_by_a_feature(case)


def _schema(case: Case) -> Iterator[Measurement]:
    before, after = case.reference.columns, case.candidate.columns
    lost = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    changed = [name for name in before if name in after and before[name].kind != after[name].kind]
    for name in lost:
        yield _fact(
            case, name, "schema", Verdict.FAIL, f"{case.candidate.name} has no column of it"
        )
    for name in changed:
        message = f"is {before[name].kind} before and {after[name].kind} now"
        yield _fact(case, name, "schema", Verdict.FAIL, message)
    if not lost and not changed:
        more = f"; new: {', '.join(map(repr, new[:10]))}" if new else ""
        message = f"all {len(before)} columns are there, with their types{more}"
        yield _fact(case, "columns", "schema", Verdict.PASS, message)


def _of_column(
    case: Case, spec: QualityCheck, before: Column, after: Column
) -> Iterator[Measurement]:
    was = float(before.missing.mean()) if len(before) else 0.0
    allowed = min(1.0, was + spec.max_missing)
    yield _share(case, after.name, "missing", after.missing, allowed, f"{was:.2%} missing before")
    present, known = after.present(), before.present()
    if not len(present) or not len(known):
        empty = [
            data.name
            for data, values in ((case.reference, known), (case.candidate, present))
            if not len(values)
        ]
        message = f"has no value at all in {' and '.join(empty)}: nothing can be held against it"
        yield _fact(case, after.name, "values", Verdict.INCONCLUSIVE, message)
        return
    if before.counted:
        new = ~np.isin(present, np.unique(known))
        yield _share(
            case, after.name, "new categories", new, spec.max_new_categories, _named(after, new)
        )
    elif before.kind in {ColumnKind.NUMERIC, ColumnKind.TEXT}:
        low, high = float(known.min()), float(known.max())
        outside = (present < low) | (present > high)
        detail = f"the reference goes from {low:g} to {high:g}"
        yield _share(case, after.name, "out of range", outside, spec.max_out_of_range, detail)


def _named(column: Column, new: NDArray[np.bool_]) -> str:
    values = np.unique(column.present()[new])[:5]
    return ", ".join(repr(column.categories[int(value)]) for value in values) or "none is new"


def _share(
    case: Case, subject: str, what: str, marked: NDArray[np.bool_], bound: float, detail: str
) -> Measurement:
    """Return a share of rows held against its bound: of this very file, so it is no estimate."""
    n, count = len(marked), int(np.count_nonzero(marked))
    if n == 0:
        return _fact(case, subject, what, Verdict.INCONCLUSIVE, "has no rows")
    verdict = Verdict.PASS if count <= bound * n else Verdict.FAIL
    message = f"{count} of {n} rows ({count / n:.2%}, at most {bound:.2%} allowed); {detail}"
    return replace(
        _fact(case, subject, what, verdict, message, n),
        effect_name=f"share {what}",
        effect=count / n,
        bound=bound,
    )


def _repeated(case: Case, spec: QualityCheck) -> Iterator[Measurement]:
    """Yield how many rows stand twice in a file, and in both files."""
    shared = [
        name
        for name, column in case.reference.columns.items()
        if name in case.candidate.columns and case.candidate.columns[name].kind is column.kind
    ]
    hashes = []
    for data in (case.reference, case.candidate):
        found = row_hashes(data, shared)
        hashes.append(found)
        twice = len(found) - len(np.unique(found))
        verdict = Verdict.PASS if twice <= spec.max_duplicates * len(found) else Verdict.FAIL
        message = (
            f"{twice} of {len(found)} rows stand there already; {spec.max_duplicates:g} allowed"
        )
        yield _fact(case, data.name, "duplicates", verdict, message, len(found))
    leaked = int(np.count_nonzero(np.isin(hashes[1], hashes[0])))
    verdict = Verdict.PASS if leaked <= spec.max_leakage * len(hashes[1]) else Verdict.FAIL
    message = (
        f"{leaked} of {len(hashes[1])} candidate rows are reference rows too;"
        f" {spec.max_leakage:g} allowed"
    )
    yield _fact(case, "rows", "leakage", verdict, message, len(hashes[1]))


def row_hashes(data: Dataset, names: list[str]) -> Hashes:
    """Return (rows,) 64 bits of each row: equal rows have equal ones, others but by chance.

    Two of n different rows meet with a chance of n^2 / 2^65.
    """
    total = np.zeros(data.rows, dtype=np.uint64)
    for name in names:
        column = data.columns[name]
        values = np.where(column.missing, np.float64(np.inf), column.values + 0.0)  # -0 is 0
        total = _mixed(total ^ np.ascontiguousarray(values).view(np.uint64))
    return total


def _mixed(values: Hashes) -> Hashes:
    """Return splitmix64's finaliser of each value: every bit of it turns on every other."""
    mixed = values + _MULTIPLIER
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Hashes = mixed ^ (mixed >> np.uint64(31))
    return result


def _told_by_a_feature(case: Case) -> Iterator[Measurement]:
    """Yield a failure for every feature that is the target by another name."""
    target = case.target
    if target is None:
        return
    for name in case.feature_names():
        if _same(case.candidate.columns[name], target):
            message = "says the target in every row: a model that reads it has learned nothing"
            yield _fact(case, name, "target leakage", Verdict.FAIL, message, len(target))


def _same(column: Column, target: Floats) -> bool:
    known = ~column.missing & np.isfinite(target)
    values, wanted = column.values[known], target[known]
    classes = np.unique(wanted)
    if len(classes) < 2 or len(np.unique(values)) != len(classes):  # noqa: PLR2004
        return False
    return len(np.unique(np.column_stack([values, wanted]), axis=0)) == len(classes)


def _fact(
    case: Case, subject: str, what: str, verdict: Verdict, message: str, n: int | None = None
) -> Measurement:
    return Measurement(
        check=CHECK,
        subject=f"{subject} ({what})",
        segment=case.segment,
        test="fact",
        why="counted over all rows: nothing to infer",
        n=(case.candidate.rows,) if n is None else (n,),
        fact=verdict,
        message=message,
    )
