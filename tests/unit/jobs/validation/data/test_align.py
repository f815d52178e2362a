from collections.abc import Sequence
from typing import Any

import pytest

from headgate.jobs.validation.data.align import Aligned, KindConflict, align_categories
from headgate.jobs.validation.data.dataset import ColumnKind
from headgate.jobs.validation.data.labels import texts_of
from tests.unit.jobs.validation.data.builders import a_dataset, listed

WORDS = [f"word {number}" for number in range(60)]
DAYS = [f"2026-01-{day:02}" for day in range(1, 29)]


def aligned(reference: Sequence[Any], candidate: Sequence[Any]) -> Aligned:
    return align_categories(a_dataset("r", x=reference), a_dataset("c", x=candidate))


def test_categories_are_the_union_in_order_of_text() -> None:
    both = aligned(["b", "d", None], ["c", "a", "b"])
    left, right = both.reference.columns["x"], both.candidate.columns["x"]
    assert left.categories == right.categories == ("a", "b", "c", "d")
    assert (listed(left.values), listed(right.values)) == ([1, 3, -1], [2, 0, 1])


@pytest.mark.parametrize(
    ("reference", "candidate", "kind"),
    [
        ([1, 2], [1.5, 2.5], ColumnKind.NUMERIC),
        ([True, False], [0, 1], ColumnKind.BOOLEAN),
        ([0.0, None], [True, None], ColumnKind.BOOLEAN),
        (["a", "b"], WORDS, ColumnKind.CATEGORICAL),
        (WORDS, ["a", "bc"], ColumnKind.TEXT),
        ([None, None], ["a", "b"], ColumnKind.CATEGORICAL),
        ([True, False], [None, None], ColumnKind.BOOLEAN),
        ([None, None], WORDS, ColumnKind.TEXT),
        ([None, None], [1, 2], ColumnKind.NUMERIC),
        ([None, None], [None, None], ColumnKind.NUMERIC),
    ],
)
def test_kinds_that_can_be_one_become_one(
    reference: Sequence[Any], candidate: Sequence[Any], kind: ColumnKind
) -> None:
    both = aligned(reference, candidate)
    assert both.reference.columns["x"].kind is both.candidate.columns["x"].kind is kind
    assert both.conflicts == ()


@pytest.mark.parametrize(
    ("reference", "candidate", "kinds"),
    [
        ([1, 2], ["a", "b"], (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL)),
        ([True, False], [0, 2], (ColumnKind.BOOLEAN, ColumnKind.NUMERIC)),
        (WORDS, [1, 2], (ColumnKind.TEXT, ColumnKind.NUMERIC)),
    ],
)
def test_kinds_that_cannot_are_facts_and_the_columns_stay(
    reference: Sequence[Any], candidate: Sequence[Any], kinds: tuple[ColumnKind, ColumnKind]
) -> None:
    both = aligned(reference, candidate)
    conflict = KindConflict(column="x", reference_kind=kinds[0], candidate_kind=kinds[1])
    assert both.conflicts == (conflict,)
    assert (both.reference.columns["x"].kind, both.candidate.columns["x"].kind) == kinds


def test_a_column_is_whole_only_if_it_is_in_both() -> None:
    both = aligned([1, 2], [1.0, 2.0])
    assert not both.reference.columns["x"].integral
    assert aligned([1, 2], [3, None]).candidate.columns["x"].integral


def test_texts_stay_what_they_are_when_their_kind_changes() -> None:
    both = aligned(WORDS, ["a", None, "bc"])
    column = both.candidate.columns["x"]
    assert listed(column.values) == [1, None, 2]
    assert texts_of(column, "c").tolist() == ["a", "", "bc"]


def test_texts_become_categories_where_the_reference_has_categories() -> None:
    both = aligned(["b", "a"], [*WORDS, None])
    column = both.candidate.columns["x"]
    assert texts_of(column, "c").tolist() == [*WORDS, ""]
    assert column.categories == tuple(sorted(["a", "b", *WORDS]))


def test_columns_of_one_file_only_are_left_alone() -> None:
    reference, candidate = a_dataset("r", x=["b"] * 2, y=[1, 2]), a_dataset("c", z=[1, 2])
    both = align_categories(reference, candidate)
    assert (list(both.reference.columns), list(both.candidate.columns)) == (["x", "y"], ["z"])
