"""Ljung-Box and Durbin-Watson, held against their formulas; levels by simulation."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.stattools import durbin_watson as oracle_durbin_watson

from headgate.jobs.validation.tests.residuals.autocorrelation import durbin_watson, ljung_box
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats


def series(n: int, *, rho: float = 0.0, seed: int = 0) -> Floats:
    """Return a first-order autoregression."""
    shocks = np.random.default_rng(seed).standard_normal(n)
    values = [shocks[0] / np.sqrt(1 - rho**2)]
    for shock in shocks[1:]:
        values.append(rho * values[-1] + shock)
    return np.array(values)


def test_ljung_box_is_the_paper_s_formula() -> None:
    # given
    values, n, lags = series(60, rho=0.3), 60, 4
    # when
    result = ljung_box(values, lags=lags)
    # then
    centred = values - values.mean()
    r = [centred[k:] @ centred[: n - k] / (centred @ centred) for k in range(1, lags + 1)]
    q = n * (n + 2) * sum(value**2 / (n - k) for k, value in enumerate(r, 1))
    assert result.statistic == pytest.approx(q, rel=1e-10)
    assert result.details["p by chi2"] == pytest.approx(stats.chi2.sf(q, lags), rel=1e-10)
    assert result.effect.value == pytest.approx(r[0], rel=1e-10)


def test_ljung_box_has_the_share_of_all_orders() -> None:
    # given
    values = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6])
    every = [ljung_box_of(np.array(order)) for order in permutations(values)]
    # when
    found = ljung_box(values, lags=2, resamples=9999)
    # then
    expected = np.mean(np.array(every) >= found.statistic * (1 - 1e-9))
    assert found.pvalue == pytest.approx(expected, abs=0.02)


def test_ljung_box_of_many_values_is_by_chi2() -> None:
    found = ljung_box(series(2001, rho=0.05))
    assert found.method == "asymptotic (chi2, 10 degrees of freedom)"
    assert found.pvalue == found.details["p by chi2"]


def test_lags_are_a_fifth_of_the_values_and_ten_at_most() -> None:
    assert ljung_box(series(30)).details["lags"] == 6
    assert ljung_box(series(300)).details["lags"] == 10


@pytest.mark.parametrize("lags", [0, 30])
def test_lags_out_of_range_are_refused(lags: int) -> None:
    with pytest.raises(UntestableError, match=f"lags is {lags}; 30 values allow 1 to 29"):
        ljung_box(series(30), lags=lags)


def test_durbin_watson_is_statsmodels_statistic() -> None:
    residuals = series(40, rho=0.5) + 0.1
    assert durbin_watson(residuals).statistic == pytest.approx(oracle_durbin_watson(residuals))


def test_autocorrelation_either_way_is_found() -> None:
    for rho in (-0.5, 0.5):
        result = durbin_watson(series(200, rho=rho))
        assert result.pvalue is not None
        assert result.pvalue < 1e-4
        assert result.effect.value == pytest.approx(rho, abs=0.15)


def test_durbin_watson_keeps_its_level_for_few_values() -> None:
    rng = np.random.default_rng(2)
    found = [durbin_watson(rng.standard_normal(15)).pvalue for _ in range(1000)]
    alarms = sum(p is not None and p <= 0.05 for p in found)
    assert alarms <= 73  # 99.9% of draws of 1000 at 5%


def test_the_interval_of_the_autocorrelation_covers_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(300):
        interval = durbin_watson(series(200, rho=0.6, seed=seed)).effect.interval
        covered += interval is not None and interval.low <= 0.6 <= interval.high
    assert covered >= 272  # 99.9% of draws of 300 at 95%


def test_the_interval_stays_within_what_a_correlation_can_be() -> None:
    interval = durbin_watson(np.arange(1000.0)).effect.interval
    assert interval is not None
    assert -1 <= interval.low < interval.high <= 1


def ljung_box_of(values: Floats) -> float:
    centred = values - values.mean()
    n = len(values)
    r = [centred[k:] @ centred[: n - k] / (centred @ centred) for k in (1, 2)]
    return float(n * (n + 2) * sum(value**2 / (n - k) for k, value in enumerate(r, 1)))


@pytest.mark.parametrize("test", [ljung_box, durbin_watson])
def test_a_constant_has_no_order(test: type[object]) -> None:
    with pytest.raises(UntestableError, match="a constant has no distribution"):
        test([2.0] * 10)  # type: ignore[call-arg]
