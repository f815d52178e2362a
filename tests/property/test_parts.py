"""What parts of rows add up to does not depend on how rows were parted, and is as exact as said."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Floats
from headgate.jobs.validation.parts.cells import cells_of_values, counts_in_cells, edges_of
from headgate.jobs.validation.parts.part import CANDIDATE, Part
from headgate.jobs.validation.parts.profile import Profile, profile_of
from headgate.jobs.validation.parts.tally import ColumnTally, Ranges, tally_of
from headgate.jobs.validation.parts.target_pairs import TargetPairs, pairs_of
from headgate.jobs.validation.tests.two_sample.ks import ks
from headgate.jobs.validation.tests.two_sample.ks_of_cells import ks_of_cells

AT_LEISURE = settings(deadline=None)  # the first example imports scipy and Arrow
TIED = st.integers(-3, 3).map(float)
CONTINUOUS = st.floats(-1e6, 1e6, allow_nan=False, width=32)
VALUES = st.one_of(
    st.lists(TIED, min_size=1, max_size=60),
    st.lists(CONTINUOUS, min_size=1, max_size=60),
    st.lists(st.one_of(TIED, CONTINUOUS), min_size=1, max_size=60),
)
NUMBERS = st.lists(st.one_of(st.none(), TIED, CONTINUOUS), min_size=1, max_size=40)
TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=4)), min_size=1, max_size=40)
CUTS = st.lists(st.integers(0, 40), max_size=4)


def parted[T](rows: Sequence[T], cuts: Sequence[int]) -> list[Sequence[T]]:
    """Return the rows in parts, some of which may be empty."""
    places = sorted(min(cut, len(rows)) for cut in cuts)
    return [rows[start:end] for start, end in zip([0, *places], [*places, len(rows)], strict=True)]


def a_part(values: Sequence[Any], kind: Any) -> Part:
    rows = pa.record_batch({"x": pa.array(values, kind)})
    return Part(side=CANDIDATE, file="rows.parquet", first_row=0, rows=rows)


def a_column(values: Sequence[float | None]) -> Column:
    array = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return Column(name="x", kind=ColumnKind.NUMERIC, values=array, missing=np.isnan(array))


def plain(found: Profile) -> list[object]:
    return [
        found.kind, found.rows, found.missing, found.low, found.high, found.integral, found.texts,
        None if found.values is None else found.values.tolist(),
    ]  # fmt: skip


def in_both_orders[T](parts: Sequence[T], merged: Callable[[T, T], T]) -> tuple[T, T]:
    return reduce(merged, parts), reduce(merged, parts[::-1])


@AT_LEISURE
@given(NUMBERS, CUTS)
def test_a_profile_of_numbers_is_that_of_its_parts(values: list[Any], cuts: list[int]) -> None:
    kind = pa.float64()
    parts = [profile_of(a_part(part, kind), "x") for part in parted(values, cuts)]
    expected = plain(profile_of(a_part(values, kind), "x"))
    for found in in_both_orders(parts, Profile.merged):
        assert plain(found) == expected


@AT_LEISURE
@given(TEXTS, CUTS)
def test_a_profile_of_texts_is_that_of_its_parts(values: list[Any], cuts: list[int]) -> None:
    kind = pa.string()
    parts = [profile_of(a_part(part, kind), "x") for part in parted(values, cuts)]
    whole = profile_of(a_part(values, kind), "x")
    for found in in_both_orders(parts, Profile.merged):
        assert plain(found) == plain(whole)
        assert found.form("x").kind is whole.form("x").kind


@AT_LEISURE
@given(NUMBERS, CUTS, st.integers(2, 8), st.booleans())
def test_a_tally_is_that_of_its_parts(
    values: list[Any], cuts: list[int], most: int, segmented: bool
) -> None:
    # given
    column = a_column(values)
    present = column.present()
    edges = edges_of(present[::2], -np.inf, np.inf, most)
    members = (np.arange(len(values)) % 3 + 1).astype(np.int16)[None, :] if segmented else None
    known = Ranges(low=np.full(4, -1.0), high=np.full(4, 1.0))

    def tally(rows: Sequence[int]) -> ColumnTally:
        place = np.asarray(rows, dtype=np.int64)
        inside = None if members is None else members[:, place]
        return tally_of(column.take(place), edges, inside, 4, known)

    # when
    parts = [tally(rows) for rows in parted(range(len(values)), cuts)]
    # then
    expected = tally(range(len(values)))
    for found in in_both_orders(parts, ColumnTally.merged):
        assert found.counts.tolist() == expected.counts.tolist()
        assert found.missing.tolist() == expected.missing.tolist()
        assert found.outside.tolist() == expected.outside.tolist()
        assert found.ranges.low.tolist() == expected.ranges.low.tolist()
        assert found.ranges.high.tolist() == expected.ranges.high.tolist()
    assert expected.counts[0].sum() == len(present)
    if segmented:
        assert expected.counts[1:].sum(axis=0).tolist() == expected.counts[0].tolist()


@AT_LEISURE
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), CUTS)
def test_pairs_of_values_and_targets_are_those_of_the_parts(
    rows: list[tuple[int, int]], cuts: list[int]
) -> None:
    def pairs(some: Sequence[tuple[int, int]]) -> TargetPairs:
        values = a_column([float(value) for value, _ in some])
        return pairs_of(values, np.array([float(target) for _, target in some]))

    parts = [pairs(part) for part in parted(rows, cuts)]
    one_to_one = len(set(rows)) == len(dict(rows)) == len({target for _, target in rows})
    for found in in_both_orders(parts, TargetPairs.merged):
        assert (found.pairs is not None) == one_to_one


@AT_LEISURE
@given(VALUES, VALUES, st.integers(1, 12))
def test_the_distance_in_cells_is_below_the_exact_one_by_no_more_than_it_says(
    x: list[float], y: list[float], most: int
) -> None:
    # given: edges of some of the values only
    first, second = np.array(x), np.array(y)
    edges = edges_of(np.concatenate([first[::2], second[::3]]), -np.inf, np.inf, most)
    # when
    found = ks_of_cells(counts_in_cells(first, edges), counts_in_cells(second, edges))
    # then
    exact = ks(first, second)
    unseen = float(found.details["unseen"])
    assert found.statistic <= exact.statistic + 1e-12
    assert exact.statistic <= found.statistic + unseen + 1e-12
    assert found.effect.interval is not None
    assert exact.effect.interval is not None
    assert found.effect.interval.high >= exact.effect.interval.high - 1e-12
    assert found.effect.interval.low <= exact.effect.interval.low + 1e-12


@AT_LEISURE
@given(VALUES, VALUES)
def test_with_every_value_on_an_edge_nothing_is_left_open(x: list[float], y: list[float]) -> None:
    first, second = np.array(x), np.array(y)
    edges = edges_of(np.concatenate([first, second]), -np.inf, np.inf)
    found = ks_of_cells(counts_in_cells(first, edges), counts_in_cells(second, edges))
    exact = ks(first, second)
    assert found.details["unseen"] == 0
    assert (found.statistic, found.pvalue, found.method) == (
        exact.statistic, exact.pvalue, exact.method,
    )  # fmt: skip
    assert found.effect == exact.effect


@AT_LEISURE
@given(VALUES, st.integers(1, 8))
def test_each_value_is_in_the_cell_that_counts_it(values: list[float], most: int) -> None:
    array: Floats = np.array(values)
    edges = edges_of(array[::2], -np.inf, np.inf, most)
    cells = cells_of_values(array, edges)
    for value, cell in zip(values, cells.tolist(), strict=True):
        below, upto = int((edges < value).sum()), int((edges <= value).sum())
        assert cell == below + upto
    assert np.bincount(cells, minlength=2 * len(edges) + 1).tolist() == (
        counts_in_cells(array, edges).tolist()
    )
