"""The merged fast path against scipy, one statistic at a time."""

import math

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample import merged
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from tests.unit.jobs.validation.tests.two_sample.samples import dice, incomes, normals

SHAPES = {
    "normal": (normals(200), normals(150, seed=1, shift=0.3)),
    "tied": (dice(90), dice(70, seed=1, sides=5)),
    "rounded": (np.round(normals(300), 1), np.round(normals(200, seed=1), 1)),
    "skewed": (incomes(40), incomes(400, seed=1)),
    "two and three": (np.array([1.0, 4.0]), np.array([2.0, 3.0, 5.0])),
    "apart": (normals(20), normals(30, seed=1, shift=50.0)),
}
pytestmark = pytest.mark.parametrize("shape", SHAPES)


@pytest.fixture(autouse=True, params=[7, 1 << 15])
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums must not depend on where blocks are cut."""
    monkeypatch.setattr(merged, "_BLOCK", request.param)


def test_kolmogorov_distance_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    expected = stats.ks_2samp(x, y, method="asymp").statistic
    assert merged_statistics(x, y).kolmogorov == pytest.approx(expected, rel=1e-9)


def test_anderson_darling_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    assert merged_statistics(x, y).anderson_darling == pytest.approx(anderson(x, y), rel=1e-9)


def test_cramer_von_mises_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    expected = stats.cramervonmises_2samp(x, y, method="asymptotic").statistic
    assert merged_statistics(x, y).cramer_von_mises == pytest.approx(expected, rel=1e-9)


def test_mann_whitney_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    assert merged_statistics(x, y).mann_whitney == stats.mannwhitneyu(x, y).statistic


def test_wasserstein_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    expected = stats.wasserstein_distance(x, y)
    assert merged_statistics(x, y).wasserstein == pytest.approx(expected, rel=1e-9)


def test_energy_is_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    expected = stats.energy_distance(x, y)
    assert merged_statistics(x, y).energy == pytest.approx(expected, rel=1e-9)


def test_asymptotic_pvalues_are_scipys(shape: str) -> None:
    x, y = SHAPES[shape]
    found = merged_statistics(x, y)
    expected = (
        stats.ks_2samp(x, y, method="asymp").pvalue,
        stats.cramervonmises_2samp(x, y, method="asymptotic").pvalue,
        stats.mannwhitneyu(x, y, method="asymptotic").pvalue,
    )
    pvalues = (
        found.kolmogorov_pvalue,
        found.cramer_von_mises_pvalue,
        found.mann_whitney_pvalue,
    )
    # scipy's second one is 1 minus something
    assert pvalues == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_values_too_large_to_be_squared_do_not_overflow(shape: str) -> None:
    x, y = SHAPES[shape]
    unit = 1e300
    found = merged_statistics(x * unit, y * unit)
    assert math.isclose(found.wasserstein / unit, stats.wasserstein_distance(x, y), rel_tol=1e-9)


def test_equal_constants_do_not_differ(shape: str) -> None:
    x, y = (np.full(len(sample), 3.0) for sample in SHAPES[shape])
    found = merged_statistics(x, y)
    assert (found.kolmogorov, found.cramer_von_mises, found.superiority) == (0.0, 0.0, 0.5)


def test_a_missing_value_is_named_by_its_place(shape: str) -> None:
    x, y = SHAPES[shape]
    with pytest.raises(UntestableError, match=rf"x: value 2 of {len(x)} is nan"):
        merged_statistics(np.where(np.arange(len(x)) == 1, np.nan, x), y)


def anderson(x: Floats, y: Floats) -> float:
    by = stats.PermutationMethod(n_resamples=1)  # its statistic is wanted, not its clamped p
    return float(stats.anderson_ksamp([x, y], variant="midrank", method=by).statistic)
