"""KS, Anderson-Darling, Cramer-von Mises, Epps-Singleton: whole distributions."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.anderson_darling import (
    anderson_darling,
    anderson_darling_k,
)
from headgate.jobs.validation.tests.two_sample.cells import cells_of
from headgate.jobs.validation.tests.two_sample.cramer_von_mises import cramer_von_mises
from headgate.jobs.validation.tests.two_sample.epps_singleton import _statistic_of, epps_singleton
from headgate.jobs.validation.tests.two_sample.ks import ks
from headgate.jobs.validation.tests.two_sample.limits import (
    anderson_darling_tail,
    cramer_von_mises_tail,
)
from headgate.jobs.validation.tests.two_sample.relabelled import relabelled_pvalue
from tests.unit.jobs.validation.tests.two_sample.samples import LABORATORIES, dice, normals


def test_ks_without_ties_has_scipys_exact_p() -> None:
    x, y = normals(40), normals(25, seed=1, shift=0.6)
    expected = stats.ks_2samp(x, y, method="exact").pvalue
    assert ks(x, y).pvalue == pytest.approx(expected, rel=1e-10)


def test_ks_with_ties_has_the_share_of_all_labellings() -> None:
    pooled = np.array([1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 6.0])
    chosen = [0, 1, 2, 5, 6]
    every = [distance(pooled, list(labels)) for labels in combinations(range(11), 5)]
    expected = np.mean(np.array(every) >= distance(pooled, chosen) - 1e-9)
    assert ks(pooled[chosen], np.delete(pooled, chosen)).pvalue == pytest.approx(expected)


def test_ks_keeps_the_digits_of_a_tiny_p() -> None:
    found = ks(normals(40), normals(40, seed=1, shift=99.0))
    assert found.pvalue == pytest.approx(stats.ks_2samp(range(40), range(50, 90)).pvalue, rel=1e-9)


def test_ks_says_that_the_limit_is_conservative_with_ties() -> None:
    found = ks(dice(6000), dice(6000, seed=1))
    assert found.method == "asymptotic (conservative: ties)"


def test_ks_effect_lies_in_its_interval() -> None:
    interval = ks(normals(400), normals(400, seed=1, shift=0.5)).effect.interval
    assert interval is not None
    assert 0 < interval.low < ks(normals(400), normals(400, seed=1, shift=0.5)).effect.value
    assert interval.high < 0.4


@pytest.mark.parametrize(("midrank", "expected"), [(False, 4.449), (True, 4.480)])
def test_four_laboratories_have_the_published_statistic(midrank: bool, expected: float) -> None:
    values = np.concatenate(list(LABORATORIES.values()))
    groups = np.repeat(list(LABORATORIES), 8)
    found = anderson_darling_k(values, groups, midrank=midrank)
    assert found.statistic == pytest.approx(expected, abs=5e-4)


def test_anderson_darling_of_two_groups_is_that_of_two_samples() -> None:
    x, y = dice(30), dice(40, seed=1)
    groups = anderson_darling_k(np.concatenate([x, y]), np.repeat([0, 1], [30, 40]))
    assert groups.statistic == pytest.approx(anderson_darling(x, y).statistic)


def test_anderson_darlings_p_is_not_clamped() -> None:
    found = anderson_darling(normals(2000), normals(2000, seed=1, shift=0.3))
    assert found.pvalue is not None
    assert found.pvalue < 1e-10


@pytest.mark.parametrize(("x", "expected"), [(1.933, 0.1), (2.492, 0.05), (3.857, 0.01)])
def test_anderson_darlings_limit_has_the_published_quantiles(x: float, expected: float) -> None:
    assert anderson_darling_tail(x) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("x", "expected"), [(0.34730, 0.1), (0.46136, 0.05), (0.74346, 0.01)])
def test_cramer_von_mises_limit_has_the_published_quantiles(x: float, expected: float) -> None:
    assert cramer_von_mises_tail(x) == pytest.approx(expected, rel=1e-4)


def test_small_samples_without_ties_have_scipys_exact_cramer_von_mises_p() -> None:
    x, y = normals(8), normals(9, seed=1)
    expected = stats.cramervonmises_2samp(x, y, method="exact").pvalue
    assert cramer_von_mises(x, y).pvalue == pytest.approx(expected)


@pytest.mark.simulation
def test_tied_samples_get_a_permutation_p_near_that_of_all_labellings() -> None:
    x, y = dice(6), dice(6, seed=3)
    found = cramer_von_mises(x, y, resamples=4999)
    pooled = np.concatenate([x, y])
    every = [
        stats.cramervonmises_2samp(
            pooled[list(chosen)], np.delete(pooled, chosen), method="asymptotic"
        ).statistic
        for chosen in combinations(range(12), 6)
    ]
    expected = np.mean(np.array(every) >= found.statistic - 1e-9)
    assert found.pvalue == pytest.approx(expected, abs=0.03)


def test_epps_singleton_orders_labellings_as_scipys_statistic() -> None:
    x, y = normals(40), normals(50, seed=1)
    cells = cells_of(x, y)
    low, high = np.quantile(np.concatenate([x, y]), [0.25, 0.75])
    statistic = _statistic_of(cells, (high - low) / 2)(cells.of_x[None].astype(np.float64))
    assert statistic[0] == pytest.approx(stats.epps_singleton_2samp(x, y).statistic)


def test_epps_singleton_refuses_values_of_which_too_few_differ() -> None:
    with pytest.raises(UntestableError, match="too few of the values differ"):
        epps_singleton(dice(50, sides=2), dice(50, seed=1, sides=2))


def test_epps_singleton_does_not_take_ties_for_a_difference() -> None:
    pairs = [(dice(60, seed=seed), dice(15, seed=1000 + seed)) for seed in range(200)]
    pvalues = [epps_singleton(x, y, resamples=99).pvalue for x, y in pairs]
    assert np.mean([p is not None and p <= 0.05 for p in pvalues]) < 0.1  # by chi2: 0.2


def test_constants_cannot_be_told_apart_by_anderson_darling() -> None:
    with pytest.raises(UntestableError, match="nothing can differ"):
        anderson_darling(np.ones(5), np.ones(6))


def test_the_same_seed_gives_the_same_p() -> None:
    x, y = dice(30), dice(40, seed=1)
    assert anderson_darling(x, y, seed=4) == anderson_darling(x, y, seed=4)


def test_too_few_resamples_to_show_anything_are_refused() -> None:
    with pytest.raises(UntestableError, match="at least 19"):
        relabelled_pvalue(
            np.array([2, 2]), np.array([1, 1]), lambda drawn: drawn[:, 0], resamples=9, seed=0
        )


def test_thousands_of_distinct_values_are_tested_in_cells_at_the_right_level() -> None:
    cells = cells_of(normals(9000), normals(9000, seed=1)).coarsened()
    assert len(cells.values) == 1024
    assert (cells.n, cells.m) == (9000, 9000)


def distance(pooled: Floats, chosen: list[int]) -> float:
    x, y = pooled[chosen], np.delete(pooled, chosen)
    return float(max(abs((x <= value).mean() - (y <= value).mean()) for value in pooled))
