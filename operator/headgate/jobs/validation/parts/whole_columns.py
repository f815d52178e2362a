"""Columns read whole when they are asked for, for what cannot be computed of parts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.align import align_categories
from headgate.jobs.validation.data.dataset import Booleans, Column, DataError, Dataset
from headgate.jobs.validation.data.limits import ReadLimits
from headgate.jobs.validation.data.parquet_source import read_parquet
from headgate.jobs.validation.data.parquet_table import ParquetTable


@dataclass(frozen=True, kw_only=True)
class WholeColumns(Mapping[str, Column]):
    """The columns of a table: those that are kept, and others read anew each time.

    So one column at a time is in memory. Reading raises DataError for what is broken since.
    """

    table: ParquetTable
    forms: Dataset
    """The file's, see `Forms`."""
    kept: Mapping[str, Column]
    limits: ReadLimits
    chosen: Booleans | None = None
    """(rows of the table,) which rows; None: all. Those of `kept` are chosen already."""

    def __getitem__(self, name: str) -> Column:
        """Read a column."""
        if name in self.kept:
            return self.kept[name]
        read, rows = read_parquet(self.table, (name,), self.limits)
        form = Dataset(name=self.table.name, columns={name: self.forms.columns[name]}, rows=0)
        whole = Dataset(name=self.table.name, columns=read, rows=rows)
        column = align_categories(form, whole).candidate.columns[name]
        return column if self.chosen is None else column.take(self.chosen)

    def __iter__(self) -> Iterator[str]:
        """Yield the columns' names, in the table's order."""
        return iter(self.forms.columns)

    def __len__(self) -> int:
        """Count the columns."""
        return len(self.forms.columns)

    def of_rows(self, chosen: Booleans, kept: Mapping[str, Column]) -> "WholeColumns":
        """Return the columns of some of these rows, by mask; `kept` are those of them already."""
        every = self.chosen
        if every is not None:
            within = np.zeros(len(every), dtype=np.bool_)
            within[np.flatnonzero(every)[chosen]] = True
            chosen = within
        return replace(self, chosen=chosen, kept=kept)


def require_whole(columns: WholeColumns, why: str) -> None:
    """Raise DataError, saying `why` whole columns are needed, where one does not fit."""
    table, limits = columns.table, columns.limits
    if table.rows > limits.max_rows:
        raise DataError(
            f"{why} needs whole columns, and {table.name} has {table.rows} rows, where at most"
            f" {limits.max_rows} of a column are read at once: take a sample"
        )
