"""Tests of tables of counts against scipy, R's printed values and themselves."""

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.counts.chi2 import chi2, chi2_permutation
from headgate.jobs.validation.tests.counts.exact import boschloo, fisher
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.counts.total_variation import total_variation
from headgate.jobs.validation.tests.counts.variation import (
    total_variation_detectable,
    total_variation_interval,
    total_variation_needed_n,
)
from headgate.jobs.validation.tests.result import UntestableError

PARTY = np.array([[762, 327, 468], [484, 239, 477]])  # Agresti 2007, p. 39
TEA = np.array([[3, 1], [1, 3]])
JOB = np.array([[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])  # Agresti 2002


def a_table(*, seed: int, n: int = 12, m: int = 20) -> Counts:
    rng = np.random.default_rng(seed)
    shares = [0.4, 0.3, 0.1, 0.1, 0.1]
    return np.array([rng.multinomial(n, shares), rng.multinomial(m, shares)])


def test_chi2_is_uncorrected_unless_asked() -> None:
    assert (chi2(TEA).statistic, chi2(TEA, correction=True).statistic) == pytest.approx((2.0, 0.5))


def test_chi2_of_party_has_the_published_values() -> None:
    found = chi2(PARTY)
    assert (found.statistic, found.pvalue) == pytest.approx((30.0701490957547, 2.95358918321e-07))


def test_chi2_of_two_rows_has_their_total_variation() -> None:
    shares = PARTY / PARTY.sum(axis=1, keepdims=True)
    assert chi2(PARTY).effect.value == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)


def test_chi2_of_more_rows_has_cramers_v() -> None:
    expected = stats.contingency.association(JOB, method="cramer")
    assert chi2(JOB).effect.value == pytest.approx(expected)


def test_empty_rows_and_columns_are_left_out() -> None:
    padded = np.pad(PARTY, ((0, 1), (1, 0)))
    assert chi2(padded) == chi2(PARTY)


def test_chi2_permutation_of_job_satisfaction_is_near_the_published_p() -> None:
    # R, ?fisher.test on the same table: 0.7827; chi2 with simulated p: about 0.78
    found = chi2_permutation(JOB, resamples=4999)
    assert found.pvalue == pytest.approx(0.78, abs=0.03)


def test_chi2_permutation_holds_its_level_where_counts_are_small() -> None:
    found = [chi2_permutation(a_table(seed=seed), resamples=99).pvalue for seed in range(400)]
    assert np.mean([p is not None and p <= 0.05 for p in found]) < 0.08


def test_fisher_of_tea_is_the_published_p() -> None:
    assert fisher(TEA).pvalue == pytest.approx(0.4857142857)


def test_fisher_tells_the_conditional_odds_ratio() -> None:
    assert fisher(TEA).details["conditional odds ratio"] == pytest.approx(6.408309, rel=1e-5)


def test_boschloo_takes_rows_for_samples() -> None:
    table = np.array([[7, 12], [8, 3]])
    assert boschloo(table).pvalue == pytest.approx(stats.boschloo_exact(table.T).pvalue)


def test_boschloo_sees_at_least_what_fisher_sees() -> None:
    table = np.array([[2, 15], [10, 3]])
    assert (boschloo(table).pvalue or 1) < (fisher(table).pvalue or 0)


def test_boschloo_says_what_takes_larger_tables() -> None:
    with pytest.raises(UntestableError, match="use fisher or chi2"):
        boschloo([[300, 300], [1, 2]])


@pytest.mark.parametrize("test", [fisher, boschloo])
def test_one_category_for_all_shows_no_difference(test: "object") -> None:
    assert callable(test)
    found = test([[5, 0], [7, 0]])
    assert (found.pvalue, found.effect.value) == (1.0, 0.0)


def test_larger_tables_are_no_matter_for_fisher() -> None:
    with pytest.raises(UntestableError, match="2 x 3; this test takes 2 x 2"):
        fisher(PARTY)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, -1], [2, 2]], "row 1, column 2: -1 is no count"),
        ([[0.5, 1], [2, 2]], "row 1, column 1: 0.5 is no count"),
        ([[1, np.nan], [2, 2]], "row 1, column 2: nan is no count"),
        ([1, 2], "expected rows and columns"),
        ([[1, 2]], "1 rows and 2 columns hold counts"),
        ([["a", "b"], ["c", "d"]], "not numbers"),
    ],
)
def test_what_is_no_table_is_named(table: list[object], message: str) -> None:
    with pytest.raises(UntestableError, match=message):
        chi2(np.array(table))


def test_total_variation_of_categories_apart_is_1() -> None:
    found = total_variation([[50, 0, 0], [0, 30, 20]])
    assert (found.statistic, found.pvalue) == (1.0, 0.001)


@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_total_variation_interval_covers(shift: float) -> None:
    p, q = np.array([0.3, 0.3, 0.2, 0.2]), np.array([0.3 - shift, 0.3, 0.2 + shift, 0.2])
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        table = np.array([rng.multinomial(80, p), rng.multinomial(50, q)])
        interval = total_variation_interval(table)
        covered.append(interval.low <= shift + 1e-12 and shift <= interval.high)
    assert np.mean(covered) >= 0.95


def test_needed_n_sees_the_distance_and_one_less_does_not() -> None:
    n = total_variation_needed_n(0.1, 5)
    assert total_variation_detectable(n, n, 5) <= 0.1 < total_variation_detectable(n - 1, n - 1, 5)


@pytest.mark.simulation
def test_the_detectable_distance_is_seen_with_its_power() -> None:
    n = 300
    tv = total_variation_detectable(n, n, 2)
    rng = np.random.default_rng(0)
    p = 0.5 - tv / 2
    seen = [
        (chi2([[a, n - a], [b, n - b]]).pvalue or 1) <= 0.05
        for a, b in zip(rng.binomial(n, p, 500), rng.binomial(n, p + tv, 500), strict=True)
    ]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)
