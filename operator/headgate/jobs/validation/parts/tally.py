"""What the rows of a part add up to: counts of values, and facts that are counted with them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Floats, Integers
from headgate.jobs.validation.parts.cells import cells_of_values, counts_in_cells
from headgate.jobs.validation.parts.part import Memberships

ALL_ROWS = 0
"""The number of the group that every row is in; those of segments follow."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """The least and the greatest value of a column, (groups,) each; infinities where none is."""

    low: Floats
    high: Floats


@dataclass(frozen=True, kw_only=True)
class ColumnTally:
    """One column's values, group by group. `merged` does not depend on how rows were parted."""

    counts: Integers
    """(groups, cells) values that are present, by cell or by category."""
    missing: Integers
    """(groups,)"""
    ranges: Ranges
    outside: Integers
    """(groups,) values outside of the reference's range; 0 for the reference itself."""

    def merged(self, other: "ColumnTally") -> "ColumnTally":
        """Return the tally of both one's rows."""
        return ColumnTally(
            counts=self.counts + other.counts,
            missing=self.missing + other.missing,
            ranges=Ranges(
                low=np.minimum(self.ranges.low, other.ranges.low),
                high=np.maximum(self.ranges.high, other.ranges.high),
            ),
            outside=self.outside + other.outside,
        )


def merged_columns(
    first: Mapping[str, ColumnTally], second: Mapping[str, ColumnTally]
) -> Mapping[str, ColumnTally]:
    """Return the tallies of both one's rows, column by column; an empty one is nothing yet."""
    if not first:
        return second
    return {name: tally.merged(second[name]) for name, tally in first.items()}


def tally_of(
    column: Column,
    edges: Floats | None,
    memberships: Memberships | None,
    groups: int,
    known: Ranges | None,
) -> ColumnTally:
    """Return the tally of n rows of a column.

    `edges` are those of its cells, None for what is counted by category; `memberships` (segment
    columns, n) which group each row is in by each segment column, beside group 0; `known` the
    reference's ranges, where values outside of them are counted.
    """
    present = ~column.missing
    values = column.values[present]
    inside = None if memberships is None else memberships[:, present].astype(np.int64)
    missing = _by_group(
        np.zeros(int(np.count_nonzero(column.missing)), dtype=np.int64),
        1,
        None if memberships is None else memberships[:, column.missing].astype(np.int64),
        groups,
    )
    return ColumnTally(
        counts=_counts(column, values, edges, inside, groups),
        missing=missing[:, 0],
        ranges=_ranges(values, inside, groups),
        outside=_outside(values, inside, groups, known),
    )


def _counts(
    column: Column, values: Floats, edges: Floats | None, inside: Integers | None, groups: int
) -> Integers:
    if edges is None:
        return _by_group(values.astype(np.int64), len(column.categories), inside, groups)
    if inside is None and groups == 1:
        return counts_in_cells(values, edges)[None, :]
    return _by_group(cells_of_values(values, edges), 2 * len(edges) + 1, inside, groups)


def _by_group(cells: Integers, size: int, inside: Integers | None, groups: int) -> Integers:
    """Return (groups, size) how often each cell is there."""
    counts = np.zeros((groups, size), dtype=np.int64)
    counts[ALL_ROWS] = np.bincount(cells, minlength=size)
    for group in inside if inside is not None else ():
        found = np.bincount(group * size + cells, minlength=groups * size)
        counts += found.reshape(groups, size)
    return counts


def _ranges(values: Floats, inside: Integers | None, groups: int) -> Ranges:
    low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
    if len(values):
        low[ALL_ROWS], high[ALL_ROWS] = values.min(), values.max()
    for group in inside if inside is not None else ():
        np.minimum.at(low, group, values)
        np.maximum.at(high, group, values)
    return Ranges(low=low, high=high)


def _outside(
    values: Floats, inside: Integers | None, groups: int, known: Ranges | None
) -> Integers:
    found = np.zeros(groups, dtype=np.int64)
    if known is None:
        return found
    beyond = (values < known.low[ALL_ROWS]) | (values > known.high[ALL_ROWS])
    found[ALL_ROWS] = np.count_nonzero(beyond)
    for group in inside if inside is not None else ():
        beyond = (values < known.low[group]) | (values > known.high[group])
        found += np.bincount(group[beyond], minlength=groups)
    return found
