"""What is wrong with a file, whatever a model makes of it."""

from dataclasses import replace
from typing import Any

import numpy as np

from headgate.jobs.validation.data.dataset import Column
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.quality.by_rows import measure
from headgate.validation.check_types import QualityCheck
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words

PLAIN = numbers("age", np.arange(100.0))


def measured(
    before: list[Column], after: list[Column], spec: QualityCheck | None = None, **changes: Any
) -> dict[str, Measurement]:
    policy = a_policy({"quality": {}})
    case = replace(
        a_case(policy, *after), reference=a_dataset(*before, name="reference.csv"), **changes
    )
    return {found.subject: found for found in measure(case, spec or QualityCheck(), seed=1)}


def failed(found: dict[str, Measurement]) -> set[str]:
    return {name for name, each in found.items() if each.fact is Verdict.FAIL}


def test_good_rows_of_another_day_pass() -> None:
    found = measured([PLAIN], [numbers("age", np.arange(100) * 0.99 + 0.001)])
    assert failed(found) == set()


def test_a_lost_column_fails_and_is_named() -> None:
    found = measured([PLAIN, numbers("zip", np.arange(100.0))], [PLAIN])
    assert "zip (schema)" in failed(found)


def test_a_column_of_another_kind_fails() -> None:
    found = measured([PLAIN], [words("age", ["old"] * 100)])
    assert "age (schema)" in failed(found)


def test_values_gone_missing_fail_beyond_what_was_missing_before() -> None:
    values = np.arange(100.0)
    values[:20] = np.nan
    assert "age (missing)" in failed(measured([PLAIN], [numbers("age", values)]))
    assert "age (missing)" not in failed(measured([numbers("age", values)], [PLAIN]))


def test_values_the_reference_never_had_fail() -> None:
    found = measured([PLAIN], [numbers("age", np.arange(100.0) + 50)])
    assert "age (out of range)" in failed(found)


def test_a_new_category_fails_and_is_named() -> None:
    found = measured([words("region", ["a", "b"] * 50)], [words("region", ["a", "b"] * 49 + ["b"])])
    assert failed(found) <= {
        "candidate.csv (duplicates)",
        "reference.csv (duplicates)",
        "rows (leakage)",
    }


def test_rows_of_the_reference_among_the_candidates_are_leakage() -> None:
    assert "rows (leakage)" in failed(measured([PLAIN], [PLAIN]))


def test_rows_that_stand_twice_are_counted() -> None:
    twice = numbers("age", np.repeat(np.arange(50.0) + 0.5, 2))
    assert "candidate.csv (duplicates)" in failed(measured([PLAIN], [twice]))


def test_a_feature_that_says_the_target_is_leakage() -> None:
    target = np.tile([0.0, 1.0], 50)
    found = measured([PLAIN], [numbers("age", target * 7 + 1)], target=target)
    assert "age (target leakage)" in failed(found)


def test_a_column_without_any_value_in_both_files_is_undecided_and_not_passed() -> None:
    empty = numbers("age", np.full(50, np.nan))
    found = measured([empty], [empty])["age (values)"]
    assert found.fact is Verdict.INCONCLUSIVE
    assert "no value at all in reference.csv and candidate.csv" in found.message


def test_numbers_that_all_differ_do_not_say_a_target_whose_numbers_all_differ() -> None:
    # given: any feature and any target of a regression; each value stands with one target
    random = np.random.default_rng(1)
    target = random.normal(size=100)
    # when
    found = measured([PLAIN], [numbers("age", random.normal(50, 5, 100))], target=target)
    # then
    assert "age (target leakage)" not in found


def test_a_feature_that_is_the_target_of_a_regression_is_leakage() -> None:
    target = np.random.default_rng(1).normal(50, 5, 100)
    found = measured([PLAIN], [numbers("age", target)], target=target)
    assert "age (target leakage)" in failed(found)


def test_values_beyond_a_small_reference_are_allowed_as_chance_has_them() -> None:
    # given: one distribution, of which 300 rows do not show the ends
    fails = 0
    for seed in range(40):
        before, after = np.random.default_rng(seed).normal(size=(2, 300))
        found = measured([numbers("age", before)], [numbers("age", after)])
        fails += "age (out of range)" in failed(found)
    assert fails == 0


def test_more_values_beyond_a_small_reference_than_by_chance_fail() -> None:
    before, after = np.random.default_rng(1).normal(size=(2, 300))
    found = measured([numbers("age", before)], [numbers("age", after * 3)])
    assert "age (out of range)" in failed(found)
    assert "by chance in so few" in found["age (out of range)"].message
