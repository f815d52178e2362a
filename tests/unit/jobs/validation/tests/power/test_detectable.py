"""Detectable effects and needed rows, held against statsmodels and R's documented examples."""

import math

import pytest
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from headgate.jobs.validation.tests.power.detectable import (
    needed_n_at_root_n,
    needed_n_proportion,
    needed_n_two_sample_mean,
    proportion_detectable,
    proportion_power,
    two_sample_mean_detectable,
    two_sample_mean_power,
)
from headgate.jobs.validation.tests.power.two_sample_power import (
    proportion_power as proportion_power_entry,
)
from headgate.jobs.validation.tests.power.two_sample_power import two_sample_power
from headgate.jobs.validation.tests.result import UntestableError

SIZES = [(2, 2), (5, 40), (64, 64), (1000, 300)]


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_power_of_means_is_statsmodels(n: int, m: int) -> None:
    oracle = TTestIndPower().power(0.4, nobs1=n, ratio=m / n, alpha=0.01)
    assert two_sample_mean_power(0.4, n, m, alpha=0.01) == pytest.approx(oracle, rel=1e-8)


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_the_detectable_difference_is_statsmodels(n: int, m: int) -> None:
    oracle = TTestIndPower().solve_power(nobs1=n, ratio=m / n, alpha=0.05, power=0.9)
    assert two_sample_mean_detectable(n, m, power=0.9) == pytest.approx(oracle, rel=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 1e-3, 1e-6])
@pytest.mark.parametrize("n", [2, 5, 50, 40_000])
def test_detectable_and_power_are_each_other_s_inverse_for_small_alphas(
    n: int, alpha: float
) -> None:
    found = two_sample_mean_detectable(n, 100, alpha, 0.99)
    assert two_sample_mean_power(found, n, 100, alpha) == pytest.approx(0.99, abs=1e-9)


def test_two_rows_at_a_tiny_alpha_are_refused_in_words() -> None:
    with pytest.raises(UntestableError, match="2 and 2 rows are too small for alpha 1e-10"):
        two_sample_mean_detectable(2, 2, alpha=1e-10)


def test_half_a_deviation_takes_64_rows_each() -> None:
    assert needed_n_two_sample_mean(0.5) == 64  # Cohen 1988, table 2.4.1


def test_needed_rows_are_the_least_that_suffice() -> None:
    n = needed_n_two_sample_mean(0.3, 0.01, 0.9, ratio=2.5)
    assert two_sample_mean_power(0.3, n, math.ceil(2.5 * n), 0.01) >= 0.9
    assert two_sample_mean_power(0.3, n - 1, math.ceil(2.5 * (n - 1)), 0.01) < 0.9


def test_t_and_normal_agree_where_one_takes_over() -> None:
    below, above = (two_sample_mean_detectable(n, 50_000) for n in (50_001, 50_002))
    assert above == pytest.approx(below, rel=2e-5)


def test_millions_of_rows_see_thousandths_of_a_deviation() -> None:
    assert two_sample_mean_detectable(10**7, 10**7) == pytest.approx(0.0012529, abs=1e-7)


def test_shares_of_a_half_and_three_quarters_have_r_s_power() -> None:
    # R's ?power.prop.test: n = 50 gives 0.740, and power 0.90 takes n = 76.7
    assert proportion_power(0.50, 0.75, 50, 50) == pytest.approx(0.740, abs=5e-4)
    assert needed_n_proportion(0.50, 0.25, power=0.90) == 77


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_power_of_shares_is_statsmodels(n: int, m: int) -> None:
    oracle = power_proportions_2indep(0.1, 0.3, m, ratio=n / m, return_results=False)
    assert proportion_power(0.3, 0.4, n, m) == pytest.approx(oracle, rel=1e-8)


@pytest.mark.parametrize("p", [0.0, 0.02, 0.5, 0.9, 1.0])
def test_the_detectable_share_has_the_power_in_each_direction_there_is(p: float) -> None:
    difference = proportion_detectable(400, 300, p)
    powers = [
        proportion_power(p, q, 400, 300) for q in (p - difference, p + difference) if 0 <= q <= 1
    ]
    assert min(powers) == pytest.approx(0.8, abs=1e-9)


def test_two_rows_each_show_no_difference_of_shares() -> None:
    assert math.isinf(proportion_detectable(2, 2, 0.5))


def test_a_difference_that_no_share_has_is_refused() -> None:
    with pytest.raises(UntestableError, match=r"no share is that far from 0\.5"):
        needed_n_proportion(0.5, 0.6)


def test_half_the_effect_takes_four_times_the_rows() -> None:
    assert needed_n_at_root_n(100, 0.2, 0.1) == 400


@pytest.mark.parametrize("effect", [0.0, -1.0, math.inf, math.nan])
def test_rows_are_needed_for_effects_above_0_only(effect: float) -> None:
    with pytest.raises(UntestableError, match="effect is"):
        needed_n_two_sample_mean(effect)


def test_an_effect_too_small_for_any_data_is_refused() -> None:
    with pytest.raises(UntestableError, match="1e\\+15 rows do not show"):
        needed_n_two_sample_mean(1e-9)


def test_one_row_is_no_sample() -> None:
    with pytest.raises(UntestableError, match="samples of 1 and 5 rows"):
        two_sample_mean_detectable(1, 5)


def test_the_registry_s_entry_answers_with_what_the_sizes_can_show() -> None:
    result = two_sample_power(range(64), range(64), effect=0.5)
    assert result.minimum_detectable_effect == pytest.approx(two_sample_mean_detectable(64, 64))
    assert result.pvalue is None
    assert result.details["needed n"] == 64


def test_shares_are_of_0_and_1() -> None:
    with pytest.raises(UntestableError, match=r"y: value 2 of 2 is 0\.5; expected 0 or 1"):
        proportion_power_entry([0, 1], [1, 0.5])


def test_the_entry_for_shares_starts_from_x_s_share() -> None:
    result = proportion_power_entry([0, 0, 0, 1] * 100, [0, 1] * 100, effect=0.1)
    assert result.statistic == pytest.approx(proportion_detectable(400, 200, 0.25))
    assert result.details["needed n"] == needed_n_proportion(0.25, 0.1, ratio=0.5)
