"""Shares and their differences, held against published figures."""

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Booleans
from headgate.jobs.validation.suite.bounds.shares import more_than, paired_difference
from headgate.jobs.validation.tests.shares.rates import Rate, difference, disparity
from headgate.jobs.validation.tests.shares.wilson import wilson_interval


def a_rate(hits: int, n: int) -> Rate:
    return Rate(name="group", share=hits / n, n=n, worth=n)


def pairs(both: int, first: int, second: int, neither: int) -> tuple[Booleans, Booleans]:
    one = [True] * (both + first) + [False] * (second + neither)
    two = [True] * both + [False] * first + [True] * second + [False] * neither
    return np.array(one), np.array(two)


def test_wilsons_interval_is_newcombes_table() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 857, table I: 81 of 263 and 0 of 20."""
    first, second = wilson_interval(81 / 263, 263, 0.95), wilson_interval(0, 20, 0.95)
    assert (first.low, first.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (second.low, second.high) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_difference_of_two_groups_is_newcombes_table() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 873, table II: 56/70 - 48/80, method 10."""
    value, interval = difference(a_rate(56, 70), a_rate(48, 80), 0.95)
    assert value == pytest.approx(0.2)
    assert (interval.low, interval.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_difference_in_pairs_is_newcombes_table() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 2635: 36, 12, 2, 0 of 50, method 10."""
    interval = paired_difference(*pairs(36, 12, 2, 0), 0.95)
    assert (interval.low, interval.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


def test_a_binomials_tail_is_scipys() -> None:
    from scipy import stats

    assert more_than(0.3, 40, 0.2) == pytest.approx(stats.binom.sf(11, 40, 0.2))


def test_the_disparity_of_equal_rates_is_none_and_its_interval_holds_zero() -> None:
    value, interval = disparity(a_rate(30, 100), a_rate(30, 100), 0.95)
    assert value == 0
    assert interval.low < 0 < interval.high


def test_a_group_that_is_never_favoured_has_a_disparity_of_one() -> None:
    value, interval = disparity(a_rate(0, 50), a_rate(30, 50), 0.95)
    assert value == 1
    assert interval.low > 0.8


def test_where_nobody_is_favoured_nothing_can_be_said_of_a_ratio() -> None:
    assert disparity(a_rate(0, 50), a_rate(0, 50), 0.95)[1].high == 1
