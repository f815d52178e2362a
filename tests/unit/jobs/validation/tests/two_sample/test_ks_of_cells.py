"""Kolmogorov and Smirnov's test where only counts in cells are known."""

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.two_sample.ks_of_cells import cell_distance, ks_of_cells


def counts(*cells: int) -> np.ndarray:
    return np.array(cells, dtype=np.int64)


def test_what_may_be_hidden_between_edges_is_bounded_by_what_lies_there() -> None:
    # given: between the edges 1 and 2, x may lie all before y, or all behind
    x, y = counts(0, 4, 6, 0, 0), counts(0, 4, 5, 1, 0)
    # when
    found = cell_distance(x, y)
    # then: F - G is 0 before, and at most 6/10 within
    assert found.seen == pytest.approx(0.1)
    assert found.seen + found.unseen == pytest.approx(0.6)


def test_a_cell_of_one_sample_hides_nothing() -> None:
    assert cell_distance(counts(3, 0, 0), counts(0, 0, 5)).unseen == 0


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(UntestableError, match="3 and 0 values"):
        ks_of_cells(counts(1, 1, 1), counts(0, 0, 0))


def test_a_billion_rows_are_counted_exactly() -> None:
    half = 500_000_000
    found = ks_of_cells(counts(half, 0, half), counts(half - 1, 0, half + 1))
    assert found.statistic == 1e-9
    assert found.pvalue == 1.0


@pytest.mark.simulation
@pytest.mark.parametrize("shape", [(60, 60), (30, 400), (250, 200)])
def test_false_alarms_are_no_more_than_alpha_whatever_the_edges(shape: tuple[int, int]) -> None:
    # given: edges drawn from the very rows that are tested
    random, alarms, sets = np.random.default_rng(20), 0, 1000
    from headgate.jobs.validation.parts.cells import counts_in_cells, edges_of

    for _ in range(sets):
        x, y = (random.normal(size=size) for size in shape)
        edges = edges_of(np.concatenate([x[::5], y[::5]]), -np.inf, np.inf, 20)
        p = ks_of_cells(counts_in_cells(x, edges), counts_in_cells(y, edges)).pvalue
        assert p is not None
        alarms += p <= 0.05
    assert alarms <= stats.binom.isf(0.001, sets, 0.05)
