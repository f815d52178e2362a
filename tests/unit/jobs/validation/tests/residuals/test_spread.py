"""Levene and Brown-Forsythe, held against NIST's handbook and scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.residuals.spread import brown_forsythe, levene
from headgate.jobs.validation.tests.result import UntestableError

GEARS = """
1.006 0.996 0.998 1.000 0.992 0.993 1.002 0.999 0.994 1.000
0.998 1.006 1.000 1.002 0.997 0.998 0.996 1.000 1.006 0.988
0.991 0.987 0.997 0.999 0.995 0.994 1.000 0.999 0.996 0.996
1.005 1.002 0.994 1.000 0.995 0.994 0.998 0.996 1.002 0.996
0.998 0.998 0.982 0.990 1.002 0.984 0.996 0.993 0.980 0.996
1.009 1.013 1.009 0.997 0.988 1.002 0.995 0.998 0.981 0.996
0.990 1.004 0.996 1.001 0.998 1.000 1.018 1.010 0.996 1.002
0.998 1.000 1.006 1.000 1.002 0.996 0.998 0.996 1.002 1.006
1.002 0.998 0.996 0.995 0.996 1.004 1.004 0.998 0.999 0.991
0.991 0.995 0.984 0.994 0.997 0.997 0.991 0.998 1.004 0.997
"""
"""Diameters of gears, a batch a line: NIST/SEMATECH e-Handbook, 1.3.5.10 (GEAR.DAT)."""

SHORT, LONG = [1.0, 2.0, 4.0, 7.0], [0.0, 10.0, 30.0, 70.0, 120.0]
TWO_GROUPS = ["short"] * 4 + ["long"] * 5


def test_the_gears_have_the_handbook_s_statistic() -> None:
    diameters = np.array(GEARS.split(), dtype=float)
    result = brown_forsythe(diameters, np.repeat(np.arange(10), 10))
    assert result.statistic == pytest.approx(1.705910, abs=2e-5)
    assert result.method == "asymptotic (F, 9 and 90 degrees of freedom)"


def test_levene_is_scipy_s_by_means() -> None:
    result, oracle = levene(SHORT + LONG, TWO_GROUPS), stats.levene(LONG, SHORT, center="mean")
    assert result.statistic == pytest.approx(oracle.statistic, rel=1e-10)
    assert result.details["p by F"] == pytest.approx(oracle.pvalue, rel=1e-10)


def test_levene_of_many_values_is_by_f() -> None:
    values = np.random.default_rng(0).standard_normal(5002)
    result = levene(values, np.repeat(["a", "b"], 2501))
    assert result.method == "asymptotic (F, 1 and 5000 degrees of freedom)"
    assert result.pvalue == result.details["p by F"]


def test_levene_by_drawn_residuals_agrees_with_f_for_many_values() -> None:
    values = np.random.default_rng(3).standard_normal(2000)
    result = levene(values, np.repeat(["a", "b"], 1000), resamples=4999)
    assert result.pvalue == pytest.approx(result.details["p by F"], abs=0.03)


def test_levene_finds_a_group_that_spreads_wider() -> None:
    values = np.random.default_rng(0).standard_normal(60) * np.repeat([1.0, 3.0], 30)
    found = levene(values, np.repeat(["a", "b"], 30)).pvalue
    assert found is not None
    assert found < 0.01


def test_brown_forsythe_is_scipy_s_by_medians() -> None:
    result, oracle = brown_forsythe(SHORT + LONG, TWO_GROUPS), stats.levene(LONG, SHORT)
    assert result.statistic == pytest.approx(oracle.statistic, rel=1e-10)
    assert result.pvalue == pytest.approx(oracle.pvalue, rel=1e-10)


def test_the_effect_is_the_ratio_of_spreads_and_says_of_which_groups() -> None:
    # given: a group of ten times the other's spread
    narrow = np.random.default_rng(0).standard_normal(200)
    values, groups = np.concatenate([narrow, 10 * narrow]), np.repeat(["narrow", "wide"], 200)
    # when
    result = brown_forsythe(values, groups)
    # then
    assert result.effect.value == pytest.approx(10)
    assert result.details == {"widest": "wide", "narrowest": "narrow"}


@pytest.mark.simulation
def test_the_ratio_s_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    groups = np.repeat(["a", "b"], [60, 30])
    covered = 0
    for _ in range(500):
        interval = brown_forsythe(rng.standard_normal(90), groups).effect.interval
        covered += interval is not None and interval.low <= 1 <= interval.high
    assert 455 <= covered <= 495  # 95% of 500 is 475, and 99.9% of draws are within 459..489


def test_a_constant_group_beside_a_varying_one_has_an_infinite_ratio() -> None:
    result = levene([1.0, 2.0, 4.0, 5.0, 5.0, 5.0], list("aaabbb"))
    assert math.isinf(result.effect.value)
    assert result.effect.interval is None


def test_groups_of_constants_have_no_spread_to_compare() -> None:
    with pytest.raises(UntestableError, match="all distances from the mean are the same"):
        levene([1.0, 1.0, 2.0, 2.0], list("aabb"))


def test_a_group_of_one_has_no_spread() -> None:
    with pytest.raises(UntestableError, match="group b: has one value"):
        levene([1.0, 3.0, 2.0], list("aab"))


def test_one_group_is_not_compared() -> None:
    with pytest.raises(UntestableError, match="all values are in group a"):
        brown_forsythe([1.0, 3.0, 2.0], list("aaa"))
