from collections.abc import Sequence
from typing import Any

import pytest

from headgate.jobs.validation.data.align import align_categories
from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.data.target import Target, read_target
from headgate.jobs.validation.data.task import Task
from tests.unit.jobs.validation.data.builders import a_dataset, a_policy, listed

MANY = [number / 2 for number in range(21)]


def target(reference: Sequence[Any], candidate: Sequence[Any], **policy: Any) -> Target:
    both = align_categories(a_dataset("r.csv", y=reference), a_dataset("c.csv", y=candidate))
    return read_target(both.reference, both.candidate, a_policy(target="y", **policy))


@pytest.mark.parametrize(
    ("candidate", "policy", "task", "classes"),
    [
        ([1, 0, None], {}, Task.CLASSIFICATION, ("0", "1")),
        ([10, 9, 1.0], {}, Task.CLASSIFICATION, ("1", "9", "10")),
        ([True, False], {}, Task.CLASSIFICATION, ("false", "true")),
        (["no", "yes"], {}, Task.CLASSIFICATION, ("no", "yes")),
        ([f"c{n:02}" for n in range(60)], {}, Task.CLASSIFICATION,
         tuple(f"c{n:02}" for n in range(60))),
        (MANY[:20], {"task": "Regression"}, Task.REGRESSION, ()),
        (MANY, {}, Task.REGRESSION, ()),
        ([1, 2], {"task": "Regression"}, Task.REGRESSION, ()),
    ],
)  # fmt: skip
def test_the_task_follows_from_the_values_where_the_policy_is_silent(
    candidate: Sequence[Any], policy: dict[str, Any], task: Task, classes: tuple[str, ...]
) -> None:
    found = target(candidate, candidate, **policy)
    assert (found.task, found.classes) == (task, classes)


def test_classes_are_those_of_both_files_and_values_their_places() -> None:
    found = target(["c", None, "a"], ["b", "a", None])
    assert found.classes == ("a", "b", "c")
    assert found.reference is not None
    assert found.candidate is not None
    assert listed(found.reference) == [2, None, 0]
    assert listed(found.candidate) == [1, 0, None]


def test_numbers_are_counted_in_both_files() -> None:
    assert target(MANY[:11], MANY[10:]).task is Task.REGRESSION


def test_a_reference_without_outcomes_is_legal() -> None:
    found = read_target(a_dataset(x=[1, 2]), a_dataset(y=[0, 1]), a_policy(target="y"))
    assert (found.classes, found.reference) == (("0", "1"), None)


def test_without_a_target_there_is_none() -> None:
    assert read_target(a_dataset(x=[1]), a_dataset(x=[1]), a_policy()) == (None, (), None, None)


@pytest.mark.parametrize(
    ("reference", "candidate", "policy", "message"),
    [
        ([0, 1], [None, None], {}, r"c.csv: column 'y', the target, has no values at all"),
        ([0, 1], [1, 1], {}, r"c.csv: column 'y', the target, has one class only, '1': give"),
        (["a", "b"], ["b", None], {}, r"c.csv: column 'y', the target, has one class only, 'b'"),
        (["a", "b"], [1, 2], {}, r"c.csv: column 'y', the target, is numeric, and categorical in"),
        (["a", "b"], ["a", "b"], {"task": "Regression"}, r"is categorical, and spec.task is Reg"),
        ([1, 2], [2, 2], {"task": "Regression"}, r"the target, is 2 in every row"),
        (MANY, list(range(1001)), {"task": "Classification"}, r"has 1011 classes, and at most"),
    ],
)
def test_a_target_that_cannot_be_judged_is_refused(
    reference: Sequence[Any], candidate: Sequence[Any], policy: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        target(reference, candidate, **policy)


def test_an_absent_target_is_refused_with_the_columns_that_are_there() -> None:
    with pytest.raises(DataError, match=r"^c.csv: has no column 'y'; it has 'x', 'z'"):
        read_target(a_dataset(y=[0, 1]), a_dataset("c.csv", x=[1], z=[1]), a_policy(target="y"))
