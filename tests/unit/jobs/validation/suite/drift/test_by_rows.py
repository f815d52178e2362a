"""Drift of columns: what is compared how, and what is said of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.by_rows import measure
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.validation.check_types import DriftCheck
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words


def draws(seed: int, n: int = 400, shift: float = 0.0) -> Floats:
    return np.random.default_rng(seed).normal(shift, 1, n)


def a_drift(before: Column, after: Column, **policy: Any) -> tuple[Case, DriftCheck]:
    asked = a_policy({"drift": {"minEffect": 0.2}}, target=None, predictions=None, **policy)
    case = a_case(asked, after)
    case = replace(case, reference=a_dataset(before, name="reference.csv"))
    spec = asked.checks[0].drift
    assert spec is not None
    return case, spec


def measured(before: Column, after: Column) -> list[Measurement]:
    case, spec = a_drift(before, after)
    return list(measure(case, spec, seed=1))


def test_a_shifted_column_is_seen_with_its_distance() -> None:
    (found,) = measured(numbers("age", draws(1)), numbers("age", draws(2, shift=1.0)))
    assert (found.test, found.subject) == ("ks", "age")
    assert found.pvalue is not None
    assert found.pvalue < 1e-10
    assert found.effect == pytest.approx(0.38, abs=0.08)
    assert found.bound == 0.2


def test_equal_columns_leave_the_bound_out() -> None:
    (found,) = measured(numbers("age", draws(1)), numbers("age", draws(2)))
    assert found.interval is not None
    assert found.interval.high < 0.2


def test_missing_values_are_a_finding_of_their_own() -> None:
    values = draws(2)
    values[::3] = np.nan
    found = measured(numbers("age", draws(1)), numbers("age", values))
    assert [each.subject for each in found] == ["age (missing)", "age"]
    assert found[0].effect == pytest.approx(134 / 400)


def test_a_column_that_is_all_missing_is_undecided_and_not_passed() -> None:
    found = measured(numbers("age", draws(1)), numbers("age", np.full(400, np.nan)))
    assert found[-1].fact is Verdict.INCONCLUSIVE


def test_the_same_one_value_in_many_rows_leaves_the_bound_out() -> None:
    (found,) = measured(numbers("unit", np.ones(50)), numbers("unit", np.ones(60)))
    assert found.effect == 0
    assert found.interval is not None
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / 50))  # none of 50, one-sided
    assert found.interval.high < 0.2


def test_the_same_one_value_in_few_rows_does_not() -> None:
    (found,) = measured(numbers("unit", np.ones(5)), numbers("unit", np.ones(60)))
    assert found.interval is not None
    assert found.interval.high > 0.5
    assert found.needed_n == 17  # 0.8^17 < 0.025


def test_rows_of_one_customer_that_have_one_value_count_once() -> None:
    # given
    customers = numbers("customer", np.repeat(np.arange(4.0), 20))
    case, spec = a_drift(
        numbers("unit", np.ones(80)), numbers("unit", np.ones(80)), design={"clusters": "customer"}
    )
    both = {"unit": numbers("unit", np.ones(80)), "customer": customers}
    case = replace(
        case,
        reference=replace(case.reference, columns=both),
        candidate=replace(case.candidate, columns=both),
    )
    # when
    (found,) = measure(case, spec, seed=1)
    # then
    assert found.interval is not None
    assert found.interval.high == pytest.approx(1 - 0.025 ** (1 / 4))


def test_another_one_value_is_drift() -> None:
    (found,) = measured(numbers("unit", np.ones(50)), numbers("unit", np.zeros(60)))
    assert found.effect == 1.0
    assert found.pvalue is not None
    assert found.pvalue < 1e-10


def test_categories_are_compared_by_their_counts() -> None:
    before = words("region", ["north", "south"] * 100)
    (found,) = measured(before, words("region", ["north"] * 150 + ["south"] * 50))
    assert (found.test, found.effect) == ("chi2", 0.25)


def test_an_unknown_column_is_named_with_what_may_be_meant() -> None:
    case, _ = a_drift(numbers("age", draws(1)), numbers("age", draws(2)))
    with pytest.raises(PolicyMismatchError, match=r"no column 'agee'.*'age'"):
        list(measure(case, DriftCheck(columns=("agee",)), seed=1))


def test_rows_of_one_customer_are_not_taken_for_independent() -> None:
    # given: 20 customers of 20 equal rows each
    customers = np.repeat(np.arange(20.0), 20)
    before = np.repeat(draws(1, 20), 20)
    after = np.repeat(draws(2, 20), 20)
    policy = a_policy(
        {"drift": {"columns": ["age"]}},
        target=None,
        predictions=None,
        design={"clusters": "customer"},
    )
    case = replace(
        a_case(policy, numbers("age", after), numbers("customer", customers + 100)),
        reference=a_dataset(numbers("age", before), numbers("customer", customers)),
    )
    # when
    spec = policy.checks[0].drift
    assert spec is not None
    (found,) = measure(case, spec, seed=1)
    # then
    assert found.test == "ks-clustered"
    assert found.pvalue is not None
    assert found.pvalue > 0.05


@pytest.mark.parametrize("kind", ["mmd", "energy", "classifier"])
def test_columns_that_moved_together_are_seen_together(kind: str) -> None:
    # given: each column as before, their correlation turned round
    x, noise = draws(1, 300), draws(2, 300) / 4
    policy = a_policy(
        {"drift": {"multivariate": [kind], "minEffect": 0.01}}, target=None, predictions=None
    )
    case = replace(
        a_case(policy, numbers("a", x), numbers("b", noise - x)),
        reference=a_dataset(numbers("a", x), numbers("b", x + noise)),
    )
    spec = policy.checks[0].drift
    assert spec is not None
    # when
    found = list(measure(case, spec, seed=1))[-1]
    # then
    assert found.subject == "all numeric columns"
    assert found.pvalue is not None
    if kind != "classifier":  # a linear one sees nothing in it
        assert found.pvalue < 0.05


def of_customers(
    before: Column, after: Column, *, rows_each: int, alpha: float = 0.05, **changes: Any
) -> list[Measurement]:
    """Measure a column of rows that belong to customers, in order, other ones in each file."""
    name = before.name
    policy = a_policy(
        {"drift": {"columns": [name]}},
        target=None,
        predictions=None,
        design={"clusters": "customer"},
        alpha=alpha,
        **changes,
    )
    customers = [np.arange(len(column)) // rows_each for column in (before, after)]
    case = replace(
        a_case(policy, after, numbers("customer", customers[1] + 10_000)),
        reference=a_dataset(before, numbers("customer", customers[0])),
    )
    spec = policy.checks[0].drift
    assert spec is not None
    return list(measure(case, spec, seed=1))


def test_categories_of_customers_are_as_far_apart_as_those_of_independent_rows() -> None:
    # given: every second category loses what the next one gains
    before = words("region", ["a", "b", "c", "d"] * 500)
    after = words("region", (["a"] * 3 + ["b"] * 7 + ["c"] * 3 + ["d"] * 7) * 100)
    # when
    (plain,) = measured(before, after)
    (found,) = of_customers(before, after, rows_each=1)
    # then
    assert found.test == "total-variation-clustered"
    assert found.effect_name == plain.effect_name
    assert found.effect == pytest.approx(plain.effect)
    assert found.pvalue == 0.001


def test_values_that_whole_customers_lack_are_counted_by_customers() -> None:
    # given: 6 of 25 customers have no age at all, and then 10 of 25
    before, after = (
        np.where(np.arange(500) // 20 < lacking, np.nan, draws(seed, 500))
        for seed, lacking in ((1, 6), (2, 10))
    )
    # when
    missing = of_customers(numbers("age", before), numbers("age", after), rows_each=20)[0]
    # then
    assert missing.subject == "age (missing)"
    assert missing.test == "ks-clustered"
    assert missing.effect == pytest.approx(0.16)
    assert missing.effect_name == "difference of shares missing"
    assert missing.pvalue is not None
    assert missing.pvalue > 0.1


def test_too_few_customers_to_compare_what_they_lack_are_told() -> None:
    before, after = (
        numbers("age", np.where(np.arange(60) < lacking, np.nan, draws(1, 60)))
        for lacking in (10, 20)
    )
    missing = of_customers(before, after, rows_each=20)[0]
    assert (missing.subject, missing.fact) == ("age (missing)", Verdict.INCONCLUSIVE)
    assert "at least 5 are needed" in missing.message


def test_a_test_by_draws_makes_as_many_as_can_show_a_small_level() -> None:
    # given: 999 draws show no p below 0.001, whatever the difference
    before, after = numbers("age", draws(1)), numbers("age", draws(2, shift=3.0))
    # when
    (found,) = of_customers(before, after, rows_each=4, alpha=0.0005)
    # then
    assert found.pvalue is not None
    assert found.pvalue <= 0.0005


def test_rare_categories_are_drawn_as_often_as_a_small_level_needs() -> None:
    before = words("region", ["a", "b", "c"] * 4)
    after = words("region", ["a", "b"] + ["c"] * 30)
    case, spec = a_drift(before, after, alpha=0.0005)
    (found,) = measure(case, spec, seed=1)
    assert found.test == "chi2-permutation"
    assert found.pvalue is not None
    assert found.pvalue <= 0.0005


def test_power_among_customers_is_reckoned_at_the_level_that_is_left_to_a_column() -> None:
    before, after = numbers("age", draws(1)), numbers("age", draws(2))
    loose, strict = (
        of_customers(before, after, rows_each=4, alpha=alpha)[0].minimum_detectable_effect
        for alpha in (0.05, 0.0005)
    )
    assert loose is not None
    assert strict is not None
    assert strict > loose


def test_what_no_draw_exceeds_is_drawn_more_often_for_the_sake_of_segments() -> None:
    # given: hundreds of segments may share a level of 5%, and 999 draws show a p of 0.001 at least
    before, after = numbers("age", draws(1)), numbers("age", draws(2, shift=3.0))
    # when
    (found,) = of_customers(before, after, rows_each=4, segments=["region"])
    # then
    assert found.pvalue == pytest.approx(1 / 10_000)
