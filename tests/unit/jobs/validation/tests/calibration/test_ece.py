"""ECE by name: the measure that the suite uses, and what it says of noise."""

from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.tests.calibration.ece import ece
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats


def rows(n: int, *, off: float = 0.0, seed: int = 0) -> tuple[Floats, Floats]:
    """Return labels that are 1 more often by `off` than they were told."""
    random = np.random.default_rng(seed)
    told = random.uniform(0.2, 0.8, n)
    return (random.random(n) < told + off).astype(np.float64), told


def test_statistic_is_the_mean_gap_of_ten_bins_of_equal_counts() -> None:
    # given
    labels, told = rows(500)
    # when
    found = ece(labels, told)
    # then
    by_told = np.argsort(told)
    gaps = (labels - told)[by_told].reshape(10, 50).mean(axis=1)
    assert found.statistic == pytest.approx(np.abs(gaps).mean())


def test_an_error_is_found_with_its_size() -> None:
    found = ece(*rows(20_000, off=0.1))
    assert found.effect.value == pytest.approx(0.1, abs=0.01)
    assert found.pvalue is not None
    assert found.pvalue < 1e-6


def test_an_error_within_the_bound_is_not_held_against_it() -> None:
    found = ece(*rows(20_000, off=0.1), bound=0.15)
    assert found.pvalue is not None
    assert found.pvalue > 0.5


@pytest.mark.simulation
def test_right_probabilities_have_less_error_than_the_plain_measure_says() -> None:
    found = [ece(*rows(300, seed=seed)) for seed in range(200)]
    assert np.mean([each.effect.value for each in found]) < 0.7 * np.mean(
        [each.statistic for each in found]
    )


@pytest.mark.simulation
@pytest.mark.parametrize("off", [0.0, 0.1])
def test_the_interval_holds_the_error(off: float) -> None:
    held = 0
    for seed in range(400):
        interval = ece(*rows(300, off=off, seed=seed)).effect.interval
        assert interval is not None
        held += interval.low <= off <= interval.high
    assert held >= 365  # binomial(400, 0.95): 99.9% band


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"bins": 1}, "bins is 1"),
        ({"bound": 1.0}, "bound is 1"),
        ({"bound": -0.1}, "bound is -0.1"),
        ({"alpha": 0.0}, "alpha is 0"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(UntestableError, match=says):
        ece(*rows(100), **options)


def test_a_handful_of_rows_is_refused() -> None:
    with pytest.raises(UntestableError, match="19 rows; at least 20"):
        ece([0.0, 1.0] * 9 + [1.0], [0.5] * 19)
