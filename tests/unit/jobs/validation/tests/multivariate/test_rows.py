"""MMD, multivariate energy and the classifier two-sample test."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from headgate.jobs.validation.tests.multivariate import TESTS
from headgate.jobs.validation.tests.multivariate.classifier_two_sample import (
    classifier_two_sample,
)
from headgate.jobs.validation.tests.multivariate.energy_multivariate import energy_multivariate
from headgate.jobs.validation.tests.multivariate.mmd import median_distance, mmd
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.distances import energy
from tests.oracles.oracle import DATA

RUNS = pytest.mark.parametrize("run", [test.run for test in TESTS])


def rows(n: int, d: int = 3, *, seed: int = 0, shift: float = 0.0) -> Floats:
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def test_iris_has_the_published_energy_statistic() -> None:
    table = np.genfromtxt(DATA / "iris.csv", delimiter=",", skip_header=1, dtype=np.str_)
    found = energy_multivariate(table[:, :4].astype(np.float64), table[:, 4])
    assert found.statistic == pytest.approx(357.71, abs=5e-3)


def test_energy_of_one_column_is_that_of_the_values() -> None:
    x, y = rows(40, 1), rows(30, 1, seed=1, shift=0.5)
    expected = energy(x[:, 0], y[:, 0])
    found = energy_multivariate(x, y)
    assert found.statistic == pytest.approx(40 * 30 / 70 * expected.statistic**2)
    assert found.effect.value == pytest.approx(expected.effect.value)


def test_energy_of_two_groups_is_that_of_two_samples() -> None:
    x, y = rows(20), rows(25, seed=1)
    grouped = energy_multivariate(np.concatenate([x, y]), ["a"] * 20 + ["b"] * 25)
    assert grouped.statistic == pytest.approx(energy_multivariate(x, y).statistic)


def test_mmd_is_the_sum_over_all_pairs() -> None:
    x, y = rows(20), rows(15, seed=1, shift=0.4)
    within_x, within_y, across = (
        np.exp(-(cdist(a, b) ** 2) / 8) for a, b in ((x, x), (y, y), (x, y))
    )
    expected = (
        (within_x.sum() - 20) / (20 * 19) + (within_y.sum() - 15) / (15 * 14) - 2 * across.mean()
    )
    assert mmd(x, y, bandwidth=2.0).statistic == pytest.approx(expected)


def test_the_bandwidth_is_the_median_distance_of_the_pooled_rows() -> None:
    values = rows(60)
    expected = np.median(cdist(values, values)[np.triu_indices(60, 1)])
    assert median_distance(values, seed=0) == pytest.approx(expected)


@RUNS
def test_a_shift_is_seen(run: Callable[..., TestResult]) -> None:
    found = run(rows(150), rows(150, seed=1, shift=1.0), seed=1)
    assert found.pvalue is not None
    assert found.pvalue < 0.01


@pytest.mark.parametrize("run", [mmd, energy_multivariate])
def test_a_changed_correlation_is_seen_where_no_column_changed(
    run: Callable[..., TestResult],
) -> None:
    x, other = rows(300, 2), rows(300, 2, seed=1)
    y = other @ np.array([[1.0, 0.9], [0.0, np.sqrt(1 - 0.81)]])
    found = run(x, y)
    assert found.pvalue is not None
    assert found.pvalue < 0.01


@pytest.mark.simulation
@pytest.mark.parametrize("run", [mmd, energy_multivariate])
def test_rows_alike_are_seldom_told_apart(run: Callable[..., TestResult]) -> None:
    found = [
        run(np.exp(rows(30, seed=s)), np.exp(rows(20, seed=500 + s)), resamples=99).pvalue
        for s in range(300)
    ]
    assert np.mean([p is not None and p <= 0.05 for p in found]) < 0.09


@RUNS
def test_the_same_seed_gives_the_same_answer(run: Callable[..., TestResult]) -> None:
    x, y = rows(40), rows(30, seed=1)
    assert run(x, y, seed=3) == run(x, y, seed=3)


@pytest.mark.parametrize("run", [mmd, energy_multivariate])
def test_standardised_columns_have_no_unit(run: Callable[..., TestResult]) -> None:
    x, y = rows(40), rows(30, seed=1)
    units = np.array([1.0, 1e6, 1e-3])
    found = run(x * units, y * units, standardise=True).statistic
    assert found == pytest.approx(run(x, y, standardise=True).statistic)


@pytest.mark.parametrize("run", [mmd, energy_multivariate])
def test_intervals_hold_the_effect(run: Callable[..., TestResult]) -> None:
    effect = run(rows(200), rows(200, seed=1, shift=1.5)).effect
    assert effect.interval is not None
    assert 0 < effect.interval.low < effect.value < effect.interval.high


def test_rows_all_equal_have_no_median_distance() -> None:
    with pytest.raises(UntestableError, match="bandwidth is 0"):
        mmd(np.ones((10, 2)), np.ones((10, 2)))


def test_rows_all_equal_have_no_energy() -> None:
    found = energy_multivariate(np.ones((10, 2)), np.ones((10, 2)))
    assert (found.pvalue, found.effect.value) == (1.0, 0.0)


def test_the_classifier_is_judged_by_rows_it_has_not_seen() -> None:
    found = classifier_two_sample(rows(60), rows(40, seed=1))
    assert (found.details["held-out rows of x"], found.details["held-out rows of y"]) == (30, 20)


@RUNS
def test_a_missing_value_is_named_by_row_and_column(run: Callable[..., TestResult]) -> None:
    x = rows(20)
    x[4, 1] = np.nan
    with pytest.raises(UntestableError, match="x: row 5, column 2: nan"):
        run(x, rows(20, seed=1))


@RUNS
def test_other_columns_are_refused(run: Callable[..., TestResult]) -> None:
    with pytest.raises(UntestableError, match="x has 3 columns, y 2"):
        run(rows(20), rows(20, 2))


@RUNS
def test_a_single_row_is_refused(run: Callable[..., TestResult]) -> None:
    with pytest.raises(UntestableError, match="y: has 1 rows"):
        run(rows(20), rows(1))
