"""Shapiro-Wilk and Jarque-Bera, held against published values and scipy."""

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.residuals.normality import jarque_bera, shapiro_wilk
from headgate.jobs.validation.tests.result import UntestableError

WEIGHTS = (148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236)
"""Of 11 men: Shapiro and Wilk 1965, table 1."""


def skewed(n: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).exponential(size=n)


def test_the_paper_s_weights_have_the_paper_s_w() -> None:
    result = shapiro_wilk(WEIGHTS)
    assert result.statistic == pytest.approx(0.79, abs=5e-3)
    assert result.pvalue == pytest.approx(0.006704, abs=1e-6)  # R 4: shapiro.test


def test_the_effect_of_shapiro_wilk_does_not_grow_with_n() -> None:
    small, large = shapiro_wilk(skewed(400)), shapiro_wilk(skewed(4000))
    assert large.pvalue is not None
    assert small.pvalue is not None
    assert large.pvalue < small.pvalue
    assert large.effect.value == pytest.approx(small.effect.value, abs=0.05)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_w_has_no_unit(scale: float) -> None:
    weights = np.array(WEIGHTS)
    assert shapiro_wilk(weights * scale).statistic == pytest.approx(shapiro_wilk(weights).statistic)


def test_shapiro_wilk_takes_three_values_and_not_two() -> None:
    assert shapiro_wilk([1.0, 2.0, 4.0]).statistic == pytest.approx(0.9642857)
    with pytest.raises(UntestableError, match="has 2 values; at least 3"):
        shapiro_wilk([1.0, 2.0])


def test_more_than_5000_values_are_to_be_thinned() -> None:
    assert shapiro_wilk(skewed(5000)).n == (5000,)
    with pytest.raises(UntestableError, match=r"5001 values.* 5000 at most: thin the sample"):
        shapiro_wilk(skewed(5001))


def test_jarque_bera_is_scipy_s() -> None:
    values = skewed(50)
    result, oracle = jarque_bera(values), stats.jarque_bera(values)
    assert result.statistic == pytest.approx(oracle.statistic, rel=1e-10)
    assert result.pvalue == pytest.approx(oracle.pvalue, rel=1e-10)


def test_jarque_bera_by_simulation_agrees_with_chi2_for_many_values() -> None:
    values = np.random.default_rng(3).standard_normal(3000)
    asymptotic, simulated = jarque_bera(values), jarque_bera(values, resamples=999, seed=1)
    assert simulated.pvalue == pytest.approx(asymptotic.pvalue, abs=0.06)
    assert simulated.method == "monte carlo (999, seed 1)"


def test_the_same_seed_gives_the_same_p() -> None:
    values = skewed(20)
    assert jarque_bera(values, resamples=99, seed=4) == jarque_bera(values, resamples=99, seed=4)


def test_a_constant_is_no_case_for_jarque_bera() -> None:
    with pytest.raises(UntestableError, match="all 9 values are 3"):
        jarque_bera([3.0] * 9)
