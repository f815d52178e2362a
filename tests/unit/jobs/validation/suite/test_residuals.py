"""Residuals: centred, uncorrelated, of one size, or else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import DataError, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite import residuals
from headgate.jobs.validation.suite.case import Case
from headgate.validation.policy_types import ValidationPolicySpec
from tests.unit.jobs.validation.suite.cases import (
    a_classification,
    a_policy,
    a_regression,
    numbers,
    words,
)


def noise(n: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).standard_normal(n)


def a_policy_of_residuals(**changes: Any) -> ValidationPolicySpec:
    return a_policy({"residuals": {}}, **changes)


def measured(case: Case) -> Mapping[str, Measurement]:
    spec = case.policy.checks[0].residuals
    assert spec is not None
    return {each.subject: each for each in residuals.measure(case, spec, seed=1)}


def beyond(measurement: Measurement) -> bool:
    assert measurement.pvalue is not None
    assert measurement.effect is not None
    assert measurement.bound is not None
    return measurement.pvalue <= 0.05 and measurement.effect > measurement.bound


def within(measurement: Measurement) -> bool:
    assert measurement.interval is not None
    assert measurement.bound is not None
    return measurement.interval.high <= measurement.bound


def test_plain_noise_is_within_all_bounds() -> None:
    predicted = noise(4000, seed=1) * 3
    found = measured(a_regression(a_policy_of_residuals(), predicted + noise(4000), predicted))
    assert [within(each) for each in found.values()] == [True, True, True]


def test_answers_that_are_low_by_half_a_deviation_are_biased() -> None:
    predicted = noise(400, seed=1)
    found = measured(
        a_regression(a_policy_of_residuals(), predicted + noise(400) + 0.5, predicted)
    )["bias"]
    assert beyond(found)
    assert found.effect == pytest.approx(0.5, abs=0.1)
    assert found.message.startswith("answers are low by 0.4")


def test_a_bias_within_its_bound_is_never_significantly_beyond_it() -> None:
    predicted = noise(4000, seed=1)
    found = measured(
        a_regression(a_policy_of_residuals(), predicted + noise(4000) + 0.05, predicted)
    )["bias"]
    assert found.pvalue is not None
    assert found.pvalue > 0.5


def test_residuals_that_follow_their_neighbours_are_autocorrelated() -> None:
    steps = noise(500)
    errors = np.convolve(steps, [1, 0.8, 0.5])[:500]
    found = measured(a_regression(a_policy_of_residuals(), np.arange(500) + errors, np.arange(500)))
    assert beyond(found["autocorrelation"])


def test_the_order_of_the_time_column_counts_and_not_that_of_the_file() -> None:
    # given
    errors = np.cumsum(noise(500))
    shuffled = np.random.default_rng(5).permutation(500)
    policy = a_policy_of_residuals(design={"time": "at"})
    case = a_regression(
        policy, errors[shuffled], np.zeros(500), numbers("at", np.arange(500.0)[shuffled])
    )
    # when
    found = measured(case)["autocorrelation"]
    # then
    assert beyond(found)
    assert found.why.startswith("neighbours in the order of column 'at'")


def test_errors_that_grow_with_the_answer_are_heteroscedastic() -> None:
    predicted = np.linspace(1, 10, 2000)
    found = measured(
        a_regression(a_policy_of_residuals(), predicted * (1 + noise(2000)), predicted)
    )["heteroscedasticity"]
    assert beyond(found)


def test_copies_of_rows_within_clusters_tell_no_more_of_their_spread() -> None:
    # given
    predicted = np.linspace(-1, 1, 60)
    target = predicted + noise(60) * np.sqrt(1 + predicted)
    customers = words("customer", [f"c{row:02}" for row in range(60) for _ in range(4)])
    design = a_policy_of_residuals(design={"clusters": "customer"})
    # when
    single = measured(a_regression(a_policy_of_residuals(), target, predicted))
    copied = measured(
        a_regression(design, np.repeat(target, 4), np.repeat(predicted, 4), customers)
    )
    # then
    assert copied["heteroscedasticity"].pvalue == pytest.approx(
        single["heteroscedasticity"].pvalue, rel=1e-6
    )


def test_constant_answers_leave_heteroscedasticity_undecided() -> None:
    found = measured(a_regression(a_policy_of_residuals(), noise(100), np.ones(100)))
    assert found["heteroscedasticity"].fact is Verdict.INCONCLUSIVE


def test_rows_of_one_customer_count_for_less_than_independent_rows() -> None:
    # given
    of_customers = np.repeat(noise(20) * 2, 50)
    target = of_customers + 0.2 * noise(1000, seed=2) + np.arange(1000)
    customers = words("customer", [f"c{row // 50}" for row in range(1000)])
    # when
    plain = measured(a_regression(a_policy_of_residuals(), target, np.arange(1000.0), customers))
    clustered = measured(
        a_regression(
            a_policy_of_residuals(design={"clusters": "customer"}),
            target,
            np.arange(1000.0),
            customers,
        )
    )
    # then
    widths = [
        each["bias"].interval.high - each["bias"].interval.low
        for each in (plain, clustered)
        if each["bias"].interval is not None
    ]
    assert "clusters by 'customer'" in clustered["bias"].why
    assert widths[1] > widths[0]


def test_rows_without_a_target_are_left_out_and_counted() -> None:
    target = noise(100)
    target[:7] = np.nan
    found = measured(a_regression(a_policy_of_residuals(), target, noise(100, seed=3)))
    assert found["bias"].n == (93,)
    assert "7 of 100 rows of candidate.csv have no y and are left out" in found["bias"].message


def test_a_handful_of_rows_is_too_little_to_say_anything() -> None:
    found = measured(a_regression(a_policy_of_residuals(), noise(4), np.zeros(4)))
    assert [each.fact for each in found.values()] == [Verdict.INCONCLUSIVE]


def test_a_perfect_fit_passes() -> None:
    found = measured(a_regression(a_policy_of_residuals(), noise(40), noise(40)))
    assert [each.fact for each in found.values()] == [Verdict.PASS]


def test_answers_that_are_all_off_by_the_same_fail() -> None:
    found = measured(a_regression(a_policy_of_residuals(), np.arange(40.0), np.arange(40.0) + 2))
    assert [each.fact for each in found.values()] == [Verdict.FAIL]


def test_huge_residuals_do_not_overflow() -> None:
    found = measured(a_regression(a_policy_of_residuals(), noise(100) * 1e300, np.zeros(100)))
    assert found["bias"].effect is not None
    assert np.isfinite(found["bias"].effect)


def test_a_classification_has_no_residuals_and_the_message_names_the_check() -> None:
    case = a_classification(a_policy_of_residuals(), [0, 1] * 20, [0.2, 0.8] * 20)
    with pytest.raises(DataError, match=r"^spec\.checks\[0\]\.residuals: is for regressions"):
        measured(case)


@pytest.mark.simulation
def test_the_bound_is_rarely_crossed_by_chance_where_the_truth_lies_on_it() -> None:
    crossed = 0
    for seed in range(400):
        target = noise(200, seed=seed) + 0.1 + np.arange(200)
        found = measured(a_regression(a_policy_of_residuals(), target, np.arange(200.0)))["bias"]
        crossed += beyond(found)
    assert crossed <= 36  # 5% of 400 are 20; more than 36 come about once in 2,000 times
