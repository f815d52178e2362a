"""Shares and parity as named tests, against counts done by hand and other libraries."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.registry import all_tests
from headgate.jobs.validation.tests.result import TestResult, UntestableError


def run(name: str, table: Any, **options: Any) -> TestResult:
    return all_tests()[name].run(table, **options)


def test_wilson_is_scipy_s() -> None:
    # given
    sample = [1] * 7 + [0] * 23
    # when
    found = run("wilson", sample, null=0.4)
    # then
    expected = stats.binomtest(7, 30, 0.4)
    interval = expected.proportion_ci(0.95, method="wilson")
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-12)
    assert found.effect.interval is not None
    assert found.effect.interval.low == pytest.approx(interval.low, rel=1e-12)
    assert found.effect.interval.high == pytest.approx(interval.high, rel=1e-12)


@pytest.mark.parametrize("name", ["demographic-parity", "equal-opportunity"])
def test_parity_is_the_table_s_chi2(name: str) -> None:
    table = [[30, 70], [45, 55]]
    found = run(name, table)
    expected = stats.chi2_contingency(table, correction=False)
    assert found.name == name
    assert found.statistic**2 == pytest.approx(expected.statistic, rel=1e-12)
    assert found.pvalue == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.effect.value == pytest.approx(-0.15)


def test_newcombe_s_interval_is_the_printed_one() -> None:
    # given his table II (a): 56/70 and 48/80; method 10: 0.0524, 0.3339
    found = run("demographic-parity", [[56, 14], [48, 32]])
    assert found.effect.interval is not None
    assert found.effect.interval.low == pytest.approx(0.0524, abs=5e-5)
    assert found.effect.interval.high == pytest.approx(0.3339, abs=5e-5)


def test_equalized_odds_asks_both_strata() -> None:
    # given groups alike among those who deserve it and unlike among the rest
    table = [[80, 20], [81, 19], [40, 60], [15, 85]]
    # when
    found = run("equalized-odds", table)
    # then
    alone = run("demographic-parity", table[2:])
    assert found.effect.value == pytest.approx(0.25)
    assert found.details["larger among"] == "rows that do not"
    assert alone.pvalue is not None
    assert found.pvalue == pytest.approx(2 * alone.pvalue)
    assert found.effect.interval is not None
    assert found.effect.interval.level == pytest.approx(0.975)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([[100, 100], [200, 800]], "violated"),
        ([[500, 500], [495, 505]], "kept"),
        ([[5, 5], [3, 7]], "open"),
    ],
)
def test_four_fifths_says_what_its_interval_says(table: list[list[int]], says: str) -> None:
    found = run("four-fifths", table)
    assert found.pvalue is None
    assert str(found.details["rule"]).startswith(says)
    low, high = sorted(row[0] / sum(row) for row in table)
    assert found.statistic == pytest.approx(low / high)


@pytest.mark.simulation
def test_equal_rates_are_seldom_told_apart() -> None:
    random, alarms = np.random.default_rng(0), {"demographic-parity": 0, "equalized-odds": 0}
    for _ in range(1000):
        ones = random.binomial([40, 60, 50, 80], [0.3, 0.3, 0.2, 0.2])
        table = np.column_stack([ones, [40, 60, 50, 80] - ones])
        alarms["equalized-odds"] += (run("equalized-odds", table).pvalue or 0) < 0.05
        alarms["demographic-parity"] += (run("demographic-parity", table[:2]).pvalue or 0) < 0.05
    assert max(alarms.values()) <= 75  # binomial(1000, 0.05): 99.9% band


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [
        ("wilson", [0, 1, 2], "value 3 is 2"),
        ("wilson", [], "0 values"),
        ("demographic-parity", [[0, 0], [3, 4]], "row 1"),
        ("equal-opportunity", [[3, 0], [4, 0]], "alike"),
        ("demographic-parity", [[1, 2, 3], [4, 5, 6]], "2"),
        ("equalized-odds", [[1, 2], [3, 4]], "4 rows"),
        ("four-fifths", [[0, 5], [0, 7]], "no row is favoured"),
        ("four-fifths", [[-1, 5], [0, 7]], "-1 is no count"),
    ],
)
def test_what_has_no_answer_is_refused_by_name(name: str, table: Any, says: str) -> None:
    with pytest.raises(UntestableError, match=says):
        run(name, table)
