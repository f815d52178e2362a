"""A test that the policy asks for, put to a column: its significance, and the column's effect."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Floats, shown
from headgate.jobs.validation.selection.asked import Shape, as_asked, in_its_stead, unfit
from headgate.jobs.validation.selection.difference import Choice
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError, path_of
from headgate.jobs.validation.tests.catalogue import Takes
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.counts.variation import total_variation_effect
from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import TestResult
from headgate.jobs.validation.tests.two_sample.distance_effect import distance_effect
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.validation.check_types import DriftCheck
from headgate.validation.drift_tests import AUTO, OF_COUNTS

_ALPHA = 0.05


def by_policy(case: Case, spec: DriftCheck, name: str, chosen: Choice, shape: Shape) -> Choice:
    """Return the policy's test for a column, selection's where it asks for none or it does not fit.

    Raises PolicyMismatchError where it does not fit a column that the policy names.
    """
    test = spec.test.value
    if test == AUTO:
        return chosen
    reason = unfit(test, shape)
    if not reason:
        return as_asked(test, chosen)
    if spec.columns == "all":
        return in_its_stead(test, chosen, reason)
    raise PolicyMismatchError(
        f"{path_of(case, spec)}.test: {test} {reason}: {shown(name)}; leave the column out of"
        " columns, or test"
    )


def require_a_fitting_column(case: Case, spec: DriftCheck, columns: Sequence[Column]) -> None:
    """Raise PolicyMismatchError where the policy's test can be put to none of all columns."""
    test = spec.test.value
    if test == AUTO or spec.columns != "all" or not columns:
        return
    if any(_may_fit(test, column) for column in columns):
        return
    reason = unfit(test, Shape(numbers=False, counted=False, values=None))
    raise PolicyMismatchError(
        f"{path_of(case, spec)}.test: {test} {reason.replace('this column is not', 'none is')}"
        f" of the {len(columns)} columns"
    )


def _may_fit(test: str, column: Column) -> bool:
    return column.counted or column.integral if test in OF_COUNTS else not column.counted


def result_as_asked(
    choice: Choice,
    before: Floats,
    after: Floats,
    table: Counts | None,
    options: Mapping[str, int],
) -> TestResult:
    """Return the asked test of two samples, with the distance that selection's test would have.

    `table` are the counts of a column that is compared by them, else None; of the `options` a test
    gets those that it has. Raises UntestableError.
    """
    entry = find_test(choice.test)
    known = inspect.signature(entry.run).parameters
    given = {name: value for name, value in options.items() if name in known}
    if choice.counted:
        result = entry.run(table, **given)
    elif entry.takes is Takes.GROUPS:
        labels = np.repeat(["reference", "candidate"], [len(before), len(after)])
        result = entry.run(np.concatenate([before, after]), labels, **given)
    else:
        result = entry.run(before, after, **given)
    if table is not None:
        effect = total_variation_effect(table, _ALPHA)
    else:
        effect = distance_effect(merged_statistics(before, after), _ALPHA)
    return replace(result, effect=effect, n=(len(before), len(after)))
