"""TOST and non-inferiority, held against Student's sleep data, statsmodels and scipy."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from headgate.jobs.validation.tests.equivalence.non_inferiority import non_inferiority
from headgate.jobs.validation.tests.equivalence.tost import tost
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats

DRUG_1 = (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0)
DRUG_2 = (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
"""Hours of sleep gained: Student 1908, Biometrika 6, 1; `sleep` in R."""


def normal(n: int, *, mean: float = 0.0, sd: float = 1.0, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(mean, sd, n)


def test_the_interval_of_student_s_sleep_data_is_r_s() -> None:
    # given: R's t.test(extra ~ group, data = sleep) at 95%
    interval = tost(DRUG_1, DRUG_2, margin=1, alpha=0.025).effect.interval
    # then
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((-3.3654832, 0.2054832), abs=1e-7)
    assert interval.level == pytest.approx(0.95)


def test_tost_is_statsmodels_with_unequal_variances() -> None:
    # given
    x, y = normal(40, sd=2), normal(25, mean=0.3, seed=1)
    # when
    result = tost(x, y, margin=0.8)
    # then
    pvalue, lower, upper = ttost_ind(x, y, -0.8, 0.8, usevar="unequal")
    assert result.pvalue == pytest.approx(pvalue, rel=1e-8)
    assert result.details["p lower"] == pytest.approx(lower[1], rel=1e-8)
    assert result.details["p upper"] == pytest.approx(upper[1], rel=1e-8)


@pytest.mark.parametrize("margin", [0.2, 0.5, 1.0])
def test_p_is_small_exactly_where_the_interval_is_within_the_margin(margin: float) -> None:
    for seed in range(20):
        result = tost(normal(30, seed=seed), normal(30, mean=0.2, seed=seed + 99), margin=margin)
        interval = result.effect.interval
        assert interval is not None
        assert result.pvalue is not None
        within = -margin < interval.low and interval.high < margin
        assert (result.pvalue <= 0.05) == within


def test_few_values_that_show_no_difference_are_not_equivalent() -> None:
    result = tost([1.0, 2.0, 3.0], [1.1, 2.1, 3.1], margin=0.5)
    assert result.pvalue is not None
    assert result.pvalue > 0.2


def test_non_inferiority_is_a_shifted_one_sided_welch_test() -> None:
    # given
    x, y = normal(40, sd=2), normal(25, mean=0.3, seed=1)
    # when
    result = non_inferiority(x, y, margin=0.8)
    # then
    oracle = stats.ttest_ind(x + 0.8, y, equal_var=False, alternative="greater")
    assert result.statistic == pytest.approx(oracle.statistic, rel=1e-8)
    assert result.pvalue == pytest.approx(oracle.pvalue, rel=1e-8)


def test_non_inferiority_of_a_loss_looks_upwards() -> None:
    # given
    x, y = normal(40, sd=2), normal(25, mean=0.3, seed=1)
    # when
    result = non_inferiority(x, y, margin=0.8, higher_is_better=False)
    # then: as if both were turned round
    turned = non_inferiority(-x, -y, margin=0.8)
    assert result.pvalue == pytest.approx(turned.pvalue, rel=1e-10)
    assert result.effect.interval is not None
    assert turned.effect.interval is not None
    assert math.isinf(result.effect.interval.low)
    assert result.effect.interval.high == pytest.approx(-turned.effect.interval.low)


def test_a_margin_of_0_makes_non_inferiority_superiority() -> None:
    x, y = normal(40, mean=1.0), normal(40, seed=1)
    oracle = stats.ttest_ind(x, y, equal_var=False, alternative="greater")
    assert non_inferiority(x, y, margin=0.0).pvalue == pytest.approx(oracle.pvalue, rel=1e-8)


def test_a_margin_has_to_be_given() -> None:
    with pytest.raises(UntestableError, match="margin is not given"):
        tost(DRUG_1, DRUG_2)


def test_equivalence_within_0_cannot_be_shown() -> None:
    with pytest.raises(UntestableError, match="margin is 0; it has to be above 0"):
        tost(DRUG_1, DRUG_2, margin=0.0)


def test_two_constants_have_no_error() -> None:
    with pytest.raises(UntestableError, match="each is constant"):
        tost([0.1] * 5, [0.2] * 5, margin=1)


def test_one_constant_is_held_against_the_other_s_error() -> None:
    result = tost([0.1] * 5, [0.0, 0.1, 0.2], margin=1)
    assert result.details["degrees of freedom"] == pytest.approx(2)


@pytest.mark.parametrize("scale", [1e-250, 1e300])
def test_p_has_no_unit(scale: float) -> None:
    x, y = normal(30), normal(20, seed=1)
    scaled = tost(x * scale, y * scale, margin=0.7 * scale)
    assert scaled.pvalue == pytest.approx(tost(x, y, margin=0.7).pvalue, rel=1e-9)
