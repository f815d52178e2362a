"""Both files as counts: what checks see of columns whose rows are not in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from headgate.jobs.validation.data.dataset import ColumnKind, Floats, Integers
from headgate.jobs.validation.data.row_hashes import Hashes
from headgate.jobs.validation.parts.forms import Forms
from headgate.jobs.validation.parts.tally import ALL_ROWS, ColumnTally
from headgate.jobs.validation.parts.target_pairs import TargetPairs


@dataclass(frozen=True, kw_only=True)
class CountedColumn:
    """One column of one file's rows, or of a segment of them."""

    name: str
    kind: ColumnKind
    integral: bool
    categories: tuple[str, ...]
    cells: Integers
    """(cells,) values by cell, or (categories,) by category."""
    missing: int
    low: float
    high: float
    outside: int
    """Values outside of the reference's range."""

    @property
    def counted(self) -> bool:
        """Whether it is compared by counts of categories."""
        return self.kind in {ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN}

    @property
    def present(self) -> int:
        """Count the values that are not missing."""
        return int(self.cells.sum())


@dataclass(frozen=True, kw_only=True)
class CountedFile:
    """All of one file."""

    rows: Integers
    """(groups,) how many rows each has."""
    columns: Mapping[str, ColumnTally]
    hashes: Hashes | None
    """(rows,) of each row; None where nothing asks for them."""
    pairs: Mapping[str, TargetPairs]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Both files, for all rows or for a segment of them."""

    forms: Forms
    edges: Mapping[str, Floats] = field(default_factory=dict)
    files: tuple[CountedFile, ...] = ()
    """The reference, the candidate; none before they are counted."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The number of each segment's group, by its name."""
    group: int = ALL_ROWS

    def of_segment(self, name: str) -> "Counted":
        """Return the same for a segment's rows."""
        return replace(self, group=self.numbers[name])

    def column(self, side: int, name: str) -> CountedColumn:
        """Return one column of one file, of those that were counted."""
        tally, form = self.files[side].columns[name], self.forms.of(side).columns[name]
        return CountedColumn(
            name=name,
            kind=form.kind,
            integral=form.integral,
            categories=form.categories,
            cells=tally.counts[self.group],
            missing=int(tally.missing[self.group]),
            low=float(tally.ranges.low[self.group]),
            high=float(tally.ranges.high[self.group]),
            outside=int(tally.outside[self.group]),
        )

    def rows(self, side: int) -> int:
        """Count the rows of one file."""
        return int(self.files[side].rows[self.group])

    @property
    def widest(self) -> int:
        """Return the most edges that a column has."""
        return max((len(edges) for edges in self.edges.values()), default=0)


def all_values_known(cells: Integers) -> bool:
    """Return whether all values lie on edges, so that each cell's value is known exactly."""
    return not np.any(cells[0::2])
