"""Estimates held against bounds."""

import math

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.finding import Side
from headgate.jobs.validation.suite.bounds.threshold import (
    bound_pvalue,
    folded,
    needed_rows,
    size_interval,
    size_pvalue,
)
from headgate.jobs.validation.tests.result import Interval


def test_an_interval_around_zero_folds_to_one_from_zero() -> None:
    assert folded(Interval(low=-3, high=2)) == Interval(low=0, high=3)


def test_an_interval_below_zero_folds_to_its_mirror() -> None:
    assert folded(Interval(low=-3, high=-2)) == Interval(low=2, high=3)


def test_p_at_a_bound_of_zero_is_the_two_sided_t_tests() -> None:
    from scipy import stats

    values = np.random.default_rng(0).standard_normal(20) + 0.4
    error = float(values.std(ddof=1) / np.sqrt(20))
    expected = stats.ttest_1samp(values, 0).pvalue
    assert size_pvalue(float(values.mean()), error, 0.0, 19) == pytest.approx(expected)


def test_without_an_error_p_only_says_on_which_side_it_is() -> None:
    assert (size_pvalue(0.2, 0.0, 0.1, 9), size_pvalue(0.05, 0.0, 0.1, 9)) == (0.0, 1.0)


def test_an_estimate_on_its_bound_is_beyond_it_half_of_the_time() -> None:
    assert size_pvalue(5.0, 1.0, 5.0, math.inf) == pytest.approx(0.5)


def test_four_times_the_rows_halve_the_interval() -> None:
    interval = size_interval(0.5, 0.1, math.inf, 0.95)
    half = interval.high - 0.5
    assert needed_rows(100, 0.5, interval, 0.5 + half / 2) == 400


@pytest.mark.parametrize("bound", [0.5, 2.0])
def test_no_rows_are_named_where_none_would_do_or_none_are_needed(bound: float) -> None:
    assert needed_rows(100, 0.5, Interval(low=0.4, high=0.6), bound) is None


def test_p_beyond_a_bound_agrees_with_the_interval_that_it_is_read_from() -> None:
    interval = Interval(low=0.2, high=0.5, level=0.95)
    assert bound_pvalue(0.3, interval, 0.2, Side.AT_MOST) == pytest.approx(0.025)
    assert bound_pvalue(0.3, interval, 0.5, Side.AT_LEAST) == pytest.approx(0.025)


def test_an_estimate_on_the_good_side_has_a_large_p() -> None:
    interval = Interval(low=0.2, high=0.4)
    p = bound_pvalue(0.3, interval, 0.5, Side.AT_MOST)
    assert p is not None
    assert p > 0.99


def test_an_interval_without_width_gives_no_p() -> None:
    assert bound_pvalue(0.3, Interval(low=0.3, high=0.3), 0.2, Side.AT_MOST) is None


def test_few_degrees_of_freedom_need_more_for_the_same_p() -> None:
    # given: an interval by t(4), whose error is 0.1
    half = 0.1 * stats.t(4).ppf(0.975)
    interval = Interval(low=0.5 - half, high=0.5 + half, level=0.95)
    # when
    found = bound_pvalue(0.5, interval, 0.3, Side.AT_MOST, degrees=4)
    # then
    assert found == pytest.approx(stats.t(4).sf(2.0))
