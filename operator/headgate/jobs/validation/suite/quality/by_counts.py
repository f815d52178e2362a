"""Data quality of files whose rows are not in memory: the same facts, out of counts."""

from collections.abc import Iterator

import numpy as np

from headgate.jobs.validation.data.dataset import ColumnKind
from headgate.jobs.validation.finding import Measurement
from headgate.jobs.validation.parts.counted import Counted, CountedColumn
from headgate.jobs.validation.parts.part import CANDIDATE, REFERENCE
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.quality.by_rows import (
    MarkedShare,
    out_of_range,
    repeated_rows,
    schema,
    share_of_rows,
    target_told,
    without_values,
)
from headgate.validation.check_types import QualityCheck


def measure(case: Case, spec: QualityCheck, *, seed: int) -> Iterator[Measurement]:
    """Yield what `quality.measure` yields, by the case's counts; all of it exact."""
    del seed  # nothing is drawn
    assert case.streamed is not None  # noqa: S101 - asked by the caller
    counted = case.streamed.counted
    if not case.segment:
        yield from schema(case.by_form)
    names = [name for name in case.by_form.feature_names() if name in counted.forms.shared]
    for name in names:
        yield from _of_column(case, spec, counted, name)
    if not case.segment:
        hashes = [each.hashes for each in counted.files if each.hashes is not None]
        yield from repeated_rows(case, spec, hashes)
        pairs = counted.files[CANDIDATE].pairs
        for name in names:
            if name in pairs and pairs[name].says_the_target:
                yield target_told(case, name)


def _of_column(
    case: Case, spec: QualityCheck, counted: Counted, name: str
) -> Iterator[Measurement]:
    before, after = counted.column(REFERENCE, name), counted.column(CANDIDATE, name)
    sizes = counted.rows(REFERENCE), counted.rows(CANDIDATE)
    was = before.missing / sizes[0] if sizes[0] else 0.0
    yield share_of_rows(
        case,
        MarkedShare(
            subject=name,
            what="missing",
            count=after.missing,
            n=sizes[1],
            bound=min(1.0, was + spec.max_missing),
            detail=f"{was:.2%} missing before",
        ),
    )
    if not before.present or not after.present:
        yield without_values(case, name, (before.present, after.present))
        return
    if before.counted:
        yield share_of_rows(case, _new_categories(spec, before, after))
    elif before.kind in {ColumnKind.NUMERIC, ColumnKind.TEXT}:
        sizes = before.present, after.present
        ends = before.low, before.high
        yield share_of_rows(case, out_of_range(name, spec, after.outside, sizes, ends))


def _new_categories(spec: QualityCheck, before: CountedColumn, after: CountedColumn) -> MarkedShare:
    new = (before.cells == 0) & (after.cells > 0)
    named = ", ".join(repr(after.categories[place]) for place in np.flatnonzero(new)[:5])
    return MarkedShare(
        subject=after.name,
        what="new categories",
        count=int(after.cells[new].sum()),
        n=after.present,
        bound=spec.max_new_categories,
        detail=named or "none is new",
    )
