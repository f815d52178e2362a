"""The group sequential test: it stops early for large differences and keeps its level."""

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.sequential.lan_demets import lan_demets


def normal(n: int, *, mean: float = 0.0, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(mean, 1, n)


def test_a_large_difference_is_seen_before_the_end() -> None:
    result = lan_demets(normal(500, mean=0.6), normal(500, seed=1))
    assert result.details["crossed"] == "yes"
    assert result.details["look"] in {1, 2}
    assert result.n < (500, 500)


def test_one_look_is_welch_s_test() -> None:
    x, y = normal(50, mean=0.4), normal(30, seed=1)
    oracle = stats.ttest_ind(x, y, equal_var=False)
    interval = oracle.confidence_interval()
    result = lan_demets(x, y, looks=1)
    assert result.pvalue == pytest.approx(oracle.pvalue, rel=1e-8)
    assert result.effect.interval is not None
    assert result.effect.interval.low == pytest.approx(interval.low, rel=1e-6)
    assert result.effect.interval.high == pytest.approx(interval.high, rel=1e-6)


@pytest.mark.parametrize("spending", ["obrien-fleming", "pocock"])
def test_p_boundary_and_interval_say_the_same(spending: str) -> None:
    for seed in range(60):
        result = lan_demets(
            normal(60, mean=0.4, seed=seed), normal(60, seed=seed + 999), spending=spending
        )
        interval = result.effect.interval
        assert result.pvalue is not None
        assert interval is not None
        crossed = result.details["crossed"] == "yes"
        assert crossed == (result.pvalue <= 0.05)
        assert crossed == (not interval.low <= 0 <= interval.high)


@pytest.mark.simulation
def test_twenty_looks_keep_the_level_that_peeking_breaks() -> None:
    # given
    rng = np.random.default_rng(4)
    alarms = peeked = 0
    for _ in range(600):
        x, y = rng.standard_normal(400), rng.standard_normal(400)
        # when
        pvalue = lan_demets(x, y, looks=20, spending="pocock").pvalue
        alarms += pvalue is not None and pvalue <= 0.05
        counts = np.arange(20, 401, 20)
        z = (np.cumsum(x) - np.cumsum(y))[counts - 1] / np.sqrt(2 * counts)
        peeked += bool((np.abs(z) > 1.96).any())
    # then
    assert alarms <= 48  # 99.9% of draws of 600 at 5%
    assert peeked > 100


def test_looks_at_which_nothing_varied_yet_say_nothing() -> None:
    x = np.array([0.0] * 50 + [0.0, 1.0] * 25)
    result = lan_demets(x, x, looks=4)
    assert result.statistic == pytest.approx(0)


def test_two_constants_cannot_be_compared() -> None:
    with pytest.raises(UntestableError, match=r"look 1 of 5: x and y are constants.* fewer looks"):
        lan_demets([0.0] * 50, [1.0] * 50)


def test_each_look_needs_ten_values() -> None:
    with pytest.raises(UntestableError, match=r"5 looks at samples of 49 and 90.* at most 4 looks"):
        lan_demets(normal(49), normal(90))


def test_an_unknown_spending_function_is_refused() -> None:
    with pytest.raises(UntestableError, match="'haybittle' is not known; there are obrien-fleming"):
        lan_demets(normal(50), normal(50), spending="haybittle")


def test_looks_are_limited() -> None:
    with pytest.raises(UntestableError, match="looks is 101; expected 1 to 100"):
        lan_demets(normal(500), normal(500), looks=101)
