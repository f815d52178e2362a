"""The always-valid test: it may be looked at at every time."""

import numpy as np
import pytest

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.sequential.always_valid import always_valid


def normal(n: int, *, mean: float = 0.0, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(mean, 1, n)


def test_a_look_at_every_time_keeps_the_level_that_a_plain_test_breaks() -> None:
    rng = np.random.default_rng(0)
    alarms = plain = 0
    for _ in range(400):
        x, y = rng.standard_normal(1000), rng.standard_normal(1000)
        pvalue = always_valid(x, y).pvalue
        alarms += pvalue is not None and pvalue <= 0.05
        counts = np.arange(30, 1001)
        z = (np.cumsum(x) - np.cumsum(y))[counts - 1] / np.sqrt(2 * counts)
        plain += bool((np.abs(z) > 1.96).any())
    assert alarms <= 35  # 99.9% of draws of 400 at 5%
    assert plain > 100


def test_rare_ones_keep_the_level_too() -> None:
    rng = np.random.default_rng(1)
    found = [
        always_valid(rng.random(2000) < 0.05, rng.random(500) < 0.05).pvalue for _ in range(400)
    ]
    assert sum(p is not None and p <= 0.05 for p in found) <= 35


def test_p_is_small_exactly_where_the_interval_excludes_0() -> None:
    for seed in range(60):
        result = always_valid(normal(400, mean=0.25, seed=seed), normal(300, seed=seed + 999))
        interval = result.effect.interval
        assert result.pvalue is not None
        assert interval is not None
        assert (result.pvalue <= 0.05) == (not interval.low <= 0 <= interval.high)


def test_evidence_that_was_reached_is_not_lost_by_what_comes_after() -> None:
    # given: a difference that is made up for later
    x = np.concatenate([normal(300, mean=1.0), normal(300, mean=-1.0, seed=2)])
    y = normal(600, seed=1)
    # then
    early, late = always_valid(x[:300], y[:300]), always_valid(x, y)
    assert early.pvalue is not None
    assert late.pvalue is not None
    assert late.pvalue <= early.pvalue < 0.05


def test_at_one_time_it_is_the_mixture_s_formula() -> None:
    # given: the only look is at the last value
    x, y = normal(50, mean=0.8), normal(50, seed=1)
    result = always_valid(x, y, first=50, tuned_for=25)
    # then: i = 25, and log L = z^2 i r / (1 + i r) / 2 - log(1 + i r) / 2, with r by alpha = 5%
    z2 = (x.mean() - y.mean()) ** 2 / (x.var(ddof=1) / 50 + y.var(ddof=1) / 50)
    doubled = -2 * np.log(0.05)
    grown = doubled + np.log(doubled + 1)
    expected = z2 * grown / (1 + grown) / 2 - np.log1p(grown) / 2
    assert result.statistic == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("scale", [1e-90, 1e90])
def test_p_has_no_unit(scale: float) -> None:
    x, y = normal(80, mean=0.5), normal(90, seed=1)
    assert always_valid(x * scale, y * scale).pvalue == pytest.approx(always_valid(x, y).pvalue)


def test_two_constants_have_no_error() -> None:
    with pytest.raises(UntestableError, match="both are constant"):
        always_valid([1.0] * 40, [2.0] * 40)


def test_few_values_are_no_large_sample() -> None:
    with pytest.raises(UntestableError, match="x: has 29 values; at least 30"):
        always_valid(normal(29), normal(100))
