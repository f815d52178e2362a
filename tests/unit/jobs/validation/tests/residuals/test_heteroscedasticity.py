"""Breusch-Pagan, held against its formula and statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.diagnostic import het_breuschpagan

from headgate.jobs.validation.tests.residuals.heteroscedasticity import breusch_pagan
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats


def noise(n: int, *, growing: float = 0.0, seed: int = 0) -> tuple[Floats, Floats]:
    """Return residuals and one regressor within 0 .. 1 that their deviation grows with."""
    rng = np.random.default_rng(seed)
    regressor: Floats = rng.random(n)
    residuals: Floats = rng.standard_normal(n) * (1 + growing * regressor)
    return residuals, regressor


@pytest.mark.parametrize("studentised", [True, False])
def test_it_is_statsmodels_test(studentised: bool) -> None:
    # given
    residuals, regressor = noise(80, growing=1.0)
    exogenous = np.column_stack([np.ones(80), regressor, regressor**2])
    # when
    result = breusch_pagan(residuals, exogenous[:, 1:], studentised=studentised)
    # then
    lm, pvalue = het_breuschpagan(residuals, exogenous, robust=studentised)[:2]
    assert result.statistic == pytest.approx(lm, rel=1e-8)
    assert result.details["p by chi2"] == pytest.approx(pvalue, rel=1e-8)


def test_few_rows_have_a_p_by_other_orders_which_is_near_chi2s() -> None:
    residuals, regressor = noise(100, growing=0.5)
    result = breusch_pagan(residuals, regressor, resamples=4999)
    assert result.method == "permutation (4999, seed 0), studentised"
    assert result.pvalue == pytest.approx(result.details["p by chi2"], abs=0.03)


def test_many_rows_have_chi2s() -> None:
    result = breusch_pagan(*noise(101))
    assert result.method == "asymptotic (chi2, 1 degrees of freedom), studentised"
    assert result.pvalue == result.details["p by chi2"]


def test_the_effect_is_r2_of_the_squares_and_does_not_grow_with_n() -> None:
    # given
    residuals, regressor = noise(4000, growing=2.0)
    # when
    result = breusch_pagan(residuals, regressor)
    # then
    correlation = np.corrcoef(residuals**2, regressor)[0, 1]
    assert result.effect.value == pytest.approx(correlation**2, rel=1e-8)
    assert result.statistic == pytest.approx(4000 * correlation**2, rel=1e-8)


@pytest.mark.simulation
def test_the_minimum_detectable_effect_is_seen_about_80_times_in_100() -> None:
    # given: squares of which the regressor explains just that share
    mde = breusch_pagan(*noise(400)).minimum_detectable_effect
    assert mde is not None
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(300):
        regressor = rng.uniform(-1, 1, 400)
        slope = np.sqrt(
            3 * 2 * mde / (1 - 3 * mde)
        )  # var(r^2) = 2 E(var^2), var(slope x) = slope^2/3
        residuals = rng.standard_normal(400) * np.sqrt(np.maximum(1 + slope * regressor, 0))
        pvalue = breusch_pagan(residuals, regressor).pvalue
        seen += pvalue is not None and pvalue <= 0.05
    assert 210 <= seen <= 270


def test_neither_scale_of_residuals_nor_of_regressors_matters() -> None:
    residuals, regressor = noise(50)
    plain, scaled = (
        breusch_pagan(residuals, regressor),
        breusch_pagan(residuals * 1e300, regressor * 1e305),
    )
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-8)


def test_a_perfect_fit_of_the_squares_is_no_warning() -> None:
    result = breusch_pagan([1.0, -1.0, 1.0, 2.0, -2.0, 2.0], [0, 0, 0, 1, 1, 1])
    assert result.effect.value == pytest.approx(1)


def test_residuals_of_one_size_have_no_variance_to_explain() -> None:
    with pytest.raises(UntestableError, match="all are of one size"):
        breusch_pagan([1.0, -1.0] * 5, np.arange(10))


def test_collinear_regressors_are_refused() -> None:
    residuals, regressor = noise(20)
    with pytest.raises(UntestableError, match="combinations of others"):
        breusch_pagan(residuals, np.column_stack([regressor, 1 - regressor]))


def test_a_constant_regressor_is_named() -> None:
    residuals, regressor = noise(20)
    with pytest.raises(UntestableError, match="regressor 2: all 20 values are 1"):
        breusch_pagan(residuals, np.column_stack([regressor, np.ones(20)]))


def test_too_few_rows_for_the_regressors_are_counted() -> None:
    with pytest.raises(UntestableError, match="4 rows for 2 regressors; at least 5"):
        breusch_pagan([1.0, 2.0, 4.0, 3.0], np.arange(8).reshape(4, 2))
