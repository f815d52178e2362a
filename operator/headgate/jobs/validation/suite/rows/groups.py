"""Which rows belong together by the policy's design."""

import math

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans, Column, Integers
from headgate.jobs.validation.data.labels import coded
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.tests.grouping import Groups

__all__ = ["Groups", "groups_of"]


def groups_of(case: Case, rows: Booleans) -> Groups:
    """Return the groups of the candidate's n rows that a mask chooses.

    Rows without a cluster are clusters of their own; rows without a time come last. Raises
    DataError for a column that names no clusters.
    """
    design, n = case.policy.design, int(np.count_nonzero(rows))
    columns, name = case.candidate.columns, case.candidate.name
    order = None
    if design.time is not None and design.time in columns:
        order = _in_time(columns[design.time].take(rows))
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
    return Groups.of_rows(n)


def _in_time(column: Column) -> Integers:
    values = np.where(column.missing, np.inf, column.values)
    return np.argsort(values, kind="stable").astype(np.int64)
