"""Errors of averages, when rows belong together and when not."""

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.suite.rows.groups import Groups, groups_of
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers, words


def all_rows(n: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.ones(n, dtype=np.bool_)


def centred(values: Floats) -> Floats:
    return values - values.mean()


def groups_by(n: int, **design: str) -> Groups:
    case = a_case(
        a_policy(design=design),
        numbers("at", np.arange(n)[::-1]),
        words("customer", [("", "a", "b")[row % 3] for row in range(n)]),
    )
    return groups_of(case, all_rows(n))


def test_without_a_design_each_row_stands_for_itself() -> None:
    groups = groups_by(12)
    assert groups.plain
    assert groups.count == 12


def test_the_error_of_a_plain_mean_is_the_textbooks() -> None:
    values = np.random.default_rng(0).standard_normal(50)
    expected = values.std(ddof=1) / np.sqrt(50)
    assert groups_by(50).error(centred(values)) == pytest.approx(expected)


def test_a_row_without_a_cluster_is_one_of_its_own() -> None:
    groups = groups_by(12, clusters="customer")
    assert groups.count == 2 + 4
    assert len(set(groups.labels[::3])) == 4


def test_time_gives_blocks_of_neighbours_in_its_order() -> None:
    groups = groups_by(27, time="at")
    assert groups.count == 9
    assert list(groups.labels[::-1][:4]) == [0, 0, 0, 1]


def test_copies_of_rows_in_their_clusters_add_nothing() -> None:
    # given
    values = np.random.default_rng(0).standard_normal(40)
    copies = np.repeat(values, 5)
    case = a_case(
        a_policy(design={"clusters": "id"}), words("id", [f"c{row // 5}" for row in range(200)])
    )
    # when
    error = groups_of(case, all_rows(200)).error(centred(copies))
    # then
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(40))


def test_only_the_chosen_rows_are_grouped() -> None:
    case = a_case(a_policy(design={"clusters": "id"}), words("id", ["a", "b", "b", "c"]))
    chosen = np.array([False, True, True, True])
    assert list(groups_of(case, chosen).labels) == [0, 0, 1]
