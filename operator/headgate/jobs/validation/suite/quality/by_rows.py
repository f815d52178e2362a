"""Whether the data is what it is taken for: columns, missing values, ranges, rows that repeat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Floats
from headgate.jobs.validation.data.row_hashes import Hashes, row_hashes
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.parts.target_pairs import MOST_CLASSES_A_ROW
from headgate.jobs.validation.suite.case import Case
from headgate.validation.check_types import QualityCheck

CHECK = "quality"
_BY_CHANCE = 0.9999
"""Chance that no sound column has more values out of range."""


def measure(case: Case, spec: QualityCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield the facts of the columns, then shares held against the policy's bounds."""
    del seed  # nothing is drawn
    if not case.segment:
        yield from schema(case)
    for name in case.feature_names():
        pair = case.reference.columns[name], case.candidate.columns[name]
        if pair[0].kind is pair[1].kind:
            yield from _of_column(case, spec, *pair)
    if not case.segment:
        yield from repeated_rows(case, spec, _hashes(case))
        yield from _told_by_a_feature(case)


def schema(case: Case) -> Iterator[Measurement]:
    """Yield which of the reference's columns the candidate lacks, or has of another kind."""
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
        yield without_values(case, after.name, (len(known), len(present)))
        return
    if before.counted:
        new = ~np.isin(present, np.unique(known))
        yield _share(
            case, after.name, "new categories", new, spec.max_new_categories, _named(after, new)
        )
    elif before.kind in {ColumnKind.NUMERIC, ColumnKind.TEXT}:
        low, high = float(known.min()), float(known.max())
        outside = (present < low) | (present > high)
        count = int(np.count_nonzero(outside))
        yield share_of_rows(
            case, out_of_range(after.name, spec, count, (len(known), len(present)), (low, high))
        )


def without_values(case: Case, name: str, present: tuple[int, int]) -> Measurement:
    """Return that a column of so many values in each file is empty in one of them, or in both."""
    files = zip((case.reference.name, case.candidate.name), present, strict=True)
    empty = " and ".join(file for file, values in files if not values)
    message = f"has no value at all in {empty}: nothing can be held against it"
    return _fact(case, name, "values", Verdict.INCONCLUSIVE, message)


def _named(column: Column, new: NDArray[np.bool_]) -> str:
    values = np.unique(column.present()[new])[:5]
    return ", ".join(repr(column.categories[int(value)]) for value in values) or "none is new"


@dataclass(frozen=True, kw_only=True)
class MarkedShare:
    """How many of a column's n rows have something that only `bound` of them may have."""

    subject: str
    what: str
    count: int
    n: int
    bound: float
    detail: str
    by_chance: int = 0
    """So many rows mean nothing, whatever the bound."""


def out_of_range(
    name: str, spec: QualityCheck, count: int, present: tuple[int, int], ends: tuple[float, float]
) -> MarkedShare:
    """Return how many of a column's values are beyond the reference's, of so many in each file.

    Values of one distribution are, too: as many as the beta-binomial law says of the ends of so
    many values (Gumbel, von Schelling 1950, Annals of Mathematical Statistics 21, 247).
    """
    from scipy.stats import betabinom

    before, after = present
    chance = int(betabinom.ppf(_BY_CHANCE, after, 2, before - 1)) if before > 1 else after
    return MarkedShare(
        subject=name,
        what="out of range",
        count=count,
        n=after,
        bound=spec.max_out_of_range,
        detail=f"the reference goes from {ends[0]:g} to {ends[1]:g}",
        by_chance=chance,
    )


def share_of_rows(case: Case, found: MarkedShare) -> Measurement:
    """Return a share of rows held against its bound: of this very file, so it is no estimate."""
    n, count = found.n, found.count
    if n == 0:
        return _fact(case, found.subject, found.what, Verdict.INCONCLUSIVE, "has no rows")
    allowed = max(found.bound * n, found.by_chance)
    verdict = Verdict.PASS if count <= allowed else Verdict.FAIL
    seen = f"{count} of {n} rows ({count / n:.2%}, at most {found.bound:.2%} allowed)"
    if found.by_chance > found.bound * n:
        seen += f", and up to {found.by_chance} by chance in so few"
    return replace(
        _fact(case, found.subject, found.what, verdict, f"{seen}; {found.detail}", n),
        effect_name=f"share {found.what}",
        effect=count / n,
        bound=found.bound,
    )


def _share(
    case: Case, subject: str, what: str, marked: NDArray[np.bool_], bound: float, detail: str
) -> Measurement:
    count = int(np.count_nonzero(marked))
    found = MarkedShare(
        subject=subject, what=what, count=count, n=len(marked), bound=bound, detail=detail
    )
    return share_of_rows(case, found)


def _hashes(case: Case) -> list[Hashes]:
    """Return (rows,) of each file's rows, by the columns that both have."""
    shared = [
        name
        for name, column in case.reference.columns.items()
        if name in case.candidate.columns and case.candidate.columns[name].kind is column.kind
    ]
    return [row_hashes(data, shared) for data in (case.reference, case.candidate)]


def repeated_rows(
    case: Case, spec: QualityCheck, hashes: Sequence[Hashes]
) -> Iterator[Measurement]:
    """Yield how many rows stand twice in a file, and in both, by the hashes of both files' rows."""
    for data, found in zip((case.reference, case.candidate), hashes, strict=True):
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


def _told_by_a_feature(case: Case) -> Iterator[Measurement]:
    """Yield a failure for every feature that is the target by another name."""
    target = case.target
    if target is None:
        return
    for name in case.feature_names():
        if _same(case.candidate.columns[name], target):
            yield target_told(case, name)


def target_told(case: Case, name: str) -> Measurement:
    """Return the failure of a feature that is the target by another name."""
    message = "says the target in every row: a model that reads it has learned nothing"
    return _fact(case, name, "target leakage", Verdict.FAIL, message, case.candidate.rows)


def _same(column: Column, target: Floats) -> bool:
    """Return whether values stand for targets, one for one, or are equal to them."""
    known = ~column.missing & np.isfinite(target)
    values, wanted = column.values[known], target[known]
    classes = np.unique(wanted)
    if len(classes) < 2:  # noqa: PLR2004
        return False
    if len(classes) > len(wanted) * MOST_CLASSES_A_ROW:
        return bool((values == wanted).all())
    if len(np.unique(values)) != len(classes):
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
