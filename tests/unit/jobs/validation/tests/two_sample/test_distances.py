"""Wasserstein, energy, Jensen-Shannon, PSI, and the Kolmogorov distance as an effect."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.two_sample.binned import jensen_shannon, psi
from headgate.jobs.validation.tests.two_sample.distances import energy, wasserstein
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    kolmogorov_detectable,
    kolmogorov_interval,
    kolmogorov_needed_n,
)
from headgate.jobs.validation.tests.two_sample.noncentral import noncentrality_interval
from tests.unit.jobs.validation.tests.two_sample.samples import dice, incomes, normals


def test_wasserstein_is_in_the_values_unit_and_its_effect_in_deviations() -> None:
    x, y = normals(300), normals(300, seed=1, shift=1.0)
    found = wasserstein(1000 * x, 1000 * y)
    assert found.statistic == pytest.approx(1000 * stats.wasserstein_distance(x, y))
    assert found.effect.value == pytest.approx(wasserstein(x, y).effect.value)


def test_energy_is_scipys_and_its_effect_a_share() -> None:
    x, y = normals(300), normals(300, seed=1, shift=30.0)
    found = energy(x, y)
    assert found.statistic == pytest.approx(stats.energy_distance(x, y))
    assert 0.9 < found.effect.value <= 1.0


@pytest.mark.parametrize("measure", [wasserstein, energy, jensen_shannon, psi])
def test_a_distance_of_samples_alike_has_0_in_its_interval(measure: "object") -> None:
    assert callable(measure)
    interval = measure(incomes(400), incomes(300, seed=1)).effect.interval
    assert interval.low == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("measure", [wasserstein, energy, jensen_shannon, psi])
def test_a_shift_is_seen(measure: "object") -> None:
    assert callable(measure)
    found = measure(normals(300), normals(200, seed=1, shift=0.8))
    assert found.pvalue < 0.01
    assert found.effect.interval.low > 0


def test_jensen_shannon_of_categories_is_scipys() -> None:
    x, y = dice(500), dice(400, seed=1, sides=5)
    shares = [np.bincount(sample.astype(np.int64), minlength=7)[1:] for sample in (x, y)]
    assert jensen_shannon(x, y).statistic == pytest.approx(jensenshannon(*shares, base=2))


def test_psi_without_drift_is_above_a_tenth_as_often_as_its_null_says() -> None:
    found = psi(normals(200), normals(200, seed=1), resamples=19)
    assert found.details["chance of 0.1 without drift"] == pytest.approx(0.35, abs=0.005)


def test_psi_of_large_samples_is_held_against_chi2() -> None:
    found = psi(normals(5000), normals(2000, seed=1))
    expected = stats.chi2.sf(found.statistic / (1 / 5000 + 1 / 2000), 9)
    assert found.pvalue == pytest.approx(expected)


def test_psi_of_an_empty_bin_is_finite() -> None:
    assert np.isfinite(psi(normals(50), normals(50, seed=1, shift=99.0)).statistic)


def test_one_bin_is_refused() -> None:
    with pytest.raises(UntestableError, match="bins is 1"):
        psi(normals(50), normals(50, seed=1), bins=1)


@pytest.mark.simulation
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kolmogorov_interval_covers(shift: float) -> None:
    truth = 2 * stats.norm.cdf(shift / 2) - 1
    covered = []
    for seed in range(200):
        x, y = normals(60, seed=seed), normals(40, seed=1000 + seed, shift=shift)
        interval = kolmogorov_interval(stats.ks_2samp(x, y).statistic, 60, 40)
        covered.append(interval.low <= truth <= interval.high)
    assert np.mean(covered) >= 0.95


def test_needed_n_sees_the_distance_and_one_less_does_not() -> None:
    n = kolmogorov_needed_n(0.1)
    assert kolmogorov_detectable(n, n) <= 0.1 < kolmogorov_detectable(n - 1, n - 1)


@pytest.mark.simulation
def test_the_detectable_distance_is_seen_with_the_power_asked_for() -> None:
    # a shift of the middle only: what KS sees worst at one distance
    effect, n = kolmogorov_detectable(200, 200), 200
    rejected = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x, u = rng.random(n), rng.random(n)
        y = np.where(np.abs(u - 0.5) < effect, 0.5 + (u > 0.5 - effect) * effect, u)
        rejected.append(stats.ks_2samp(x, y, method="asymp").pvalue <= 0.05)
    assert np.mean(rejected) >= 0.75


@pytest.mark.parametrize("statistic", [3.0, 40.0, 9999.0, 10001.0])
def test_noncentralities_leave_the_statistic_in_both_tails(statistic: float) -> None:
    low, high = noncentrality_interval(statistic, 5, 0.05)
    assert stats.ncx2.cdf(statistic, 5, high) == pytest.approx(0.025, abs=1e-3)
    assert low == 0.0 or stats.ncx2.cdf(statistic, 5, low) == pytest.approx(0.975, abs=1e-3)
