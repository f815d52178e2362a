"""Which rows belong together by the policy's design, and the errors of estimates that respect it.

The error of an average of rows that belong together is that of the sums of those rows, not that of
the rows: Liang, Zeger 1986, Biometrika 73, 13; blocks of neighbours in time: Carlstein 1986, Annals
of Statistics 14, 1171.
"""

import math
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, ColumnKind, Floats, Integers
from headgate.jobs.validation.data.labels import coded
from headgate.jobs.validation.suite.case import Case


@dataclass(frozen=True, kw_only=True)
class Groups:
    """What is drawn independently: rows, clusters of them, or blocks of neighbours in time."""

    labels: Integers
    """(n,) the group of each row, from 0."""
    count: int
    what: str
    """In words, as `clusters by 'customer'`."""
    order: Integers | None = None
    """(n,) the rows in the order of time, where the policy has one."""

    @property
    def plain(self) -> bool:
        """Whether each row stands for itself."""
        return self.count == len(self.labels)

    def error(self, influence: Floats) -> float:
        """Return the standard error of an estimate from each row's (n,) influence on it.

        Influences sum up to zero; the error is 0 where all are. Needs two groups or more.
        """
        if self.plain:
            squares = float(influence @ influence)
        else:
            sums = np.bincount(self.labels, weights=influence, minlength=self.count)
            squares = float(sums @ sums)
        return math.sqrt(squares * self.count / (self.count - 1)) / len(influence)


def groups_of(case: Case, rows: Booleans) -> Groups:
    """Return the groups of the candidate's n rows that a mask chooses.

    Rows without a cluster are clusters of their own; rows without a time come last. Raises
    DataError for a column that names no clusters.
    """
    design, n = case.policy.design, int(np.count_nonzero(rows))
    columns, name = case.candidate.columns, case.candidate.name
    order = None
    if design.time is not None and design.time in columns:
        order = _in_time(columns[design.time].take(rows), name)
    if design.clusters is not None and design.clusters in columns:
        column = columns[design.clusters].take(rows)
        codes, _ = coded(column, name)
        alone = codes < 0
        codes = codes.copy()
        codes[alone] = codes.max(initial=-1) + 1 + np.arange(np.count_nonzero(alone))
        _, labels = np.unique(codes, return_inverse=True)
        return Groups(
            labels=labels.astype(np.int64),
            count=int(labels.max(initial=-1)) + 1,
            what=f"clusters by {design.clusters!r}",
            order=order,
        )
    if order is not None:
        length = math.ceil(n ** (1 / 3)) if n else 1
        blocks = np.empty(n, dtype=np.int64)
        blocks[order] = np.arange(n) // length
        what = f"blocks of {length} rows in the order of {design.time!r}"
        return Groups(labels=blocks, count=math.ceil(n / length), what=what, order=order)
    return Groups(labels=np.arange(n, dtype=np.int64), count=n, what="rows")


def _in_time(column: Column, file: str) -> Integers:
    if column.kind is ColumnKind.TEXT:
        codes, _ = coded(column, file)
        values = np.where(codes < 0, np.inf, codes)
    else:
        values = np.where(column.missing, np.inf, column.values)
    return np.argsort(values, kind="stable").astype(np.int64)
