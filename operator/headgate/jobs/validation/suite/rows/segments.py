"""The rows of each segment that the policy names, in both files."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, DataError
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError

MOST_VALUES = 50
LEAST_ROWS = 20
MISSING = "(missing)"


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One value of one column."""

    name: str
    """`column=value`."""
    reference: Booleans
    candidate: Booleans

    @property
    def rows(self) -> tuple[int, int]:
        """Count the rows in each file."""
        return int(self.reference.sum()), int(self.candidate.sum())


def segments_of(case: Case) -> Iterator[Segment]:
    """Yield every segment, column by column, in order of values; missing is a value too.

    Raises PolicyMismatchError for a column that a file lacks, DataError for one with too many
    values.
    """
    for index, name in enumerate(case.policy.segments):
        columns = []
        for data in (case.reference, case.candidate):
            if name not in data.columns:
                raise PolicyMismatchError(
                    f"spec.segments[{index}]: {data.name} has no column {name!r}"
                )
            columns.append(data.columns[name])
        yield from _of_column(columns[0], columns[1], f"spec.segments[{index}]")


def _of_column(reference: Column, candidate: Column, path: str) -> Iterator[Segment]:
    present = np.concatenate([reference.present(), candidate.present()])
    values = np.unique(present)
    if len(values) > MOST_VALUES:
        raise DataError(
            f"{path}: column {reference.name!r} has {len(values)} values; {MOST_VALUES} segments"
            " at most: name a coarser column"
        )
    for value in values:
        shown = reference.categories[int(value)] if reference.counted else f"{value:g}"
        yield Segment(
            name=f"{reference.name}={shown}",
            reference=~reference.missing & (reference.values == value),
            candidate=~candidate.missing & (candidate.values == value),
        )
    if reference.missing.any() or candidate.missing.any():
        yield Segment(
            name=f"{reference.name}={MISSING}",
            reference=reference.missing.copy(),
            candidate=candidate.missing.copy(),
        )
