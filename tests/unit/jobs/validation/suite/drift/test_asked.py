"""A test that the policy asks for: its p, the column's effect, and what it cannot take."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite.drift.by_rows import measure
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.jobs.validation.tests.catalogue import Takes
from headgate.jobs.validation.tests.registry import all_tests, find_test
from headgate.validation.drift_tests import (
    AUTO,
    OF_COUNTS,
    OF_GROUPS,
    OF_PAIRS,
    OF_TWO_VALUES,
    DriftTest,
)
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words

PLAIN = [test.value for test in DriftTest if test.value not in {AUTO} | OF_PAIRS | OF_GROUPS]
OTHER_QUESTIONS = {
    *("bca-bootstrap", "tost", "non-inferiority", "two-sample-power", "proportion-power"),
    *("lan-demets", "always-valid"),
}
"""Tests of two samples whose null is not that there is no drift, or that have none."""
N = 120


def draws(seed: int, shift: float = 0.0) -> Floats:
    return np.random.default_rng(seed).normal(shift, 1, N)


AGES = numbers("age", draws(1)), numbers("age", draws(2, 1.0))
SEXES = words("sex", ["f", "m"] * 60), words("sex", ["f"] * 90 + ["m"] * 30)
REGIONS = words("region", ["n", "s", "e"] * 40), words("region", ["n"] * 80 + ["s", "e"] * 20)


def measured(*pairs: tuple[Column, Column], **drift: Any) -> dict[str, Measurement]:
    policy = a_policy({"drift": {"minEffect": 0.2, **drift}}, target=None, predictions=None)
    case = replace(
        a_case(policy, *(after for _, after in pairs)),
        reference=a_dataset(*(before for before, _ in pairs), name="reference.csv"),
    )
    spec = policy.checks[0].drift
    assert spec is not None
    return {found.subject: found for found in measure(case, spec, seed=1)}


def test_every_name_is_one_of_the_registry() -> None:
    assert {test.value for test in DriftTest} - {AUTO} <= set(all_tests())


def test_every_test_of_two_samples_can_be_asked_for() -> None:
    fitting = {name for name, test in all_tests().items() if test.takes is Takes.TWO_SAMPLES}
    assert fitting - OTHER_QUESTIONS <= {test.value for test in DriftTest}


@pytest.mark.parametrize("test", PLAIN)
def test_its_p_decides_and_the_distance_stays_the_column_s(test: str) -> None:
    # given
    column = SEXES if test in OF_COUNTS else AGES
    name = column[0].name
    # when
    asked, chosen = measured(column, test=test)[name], measured(column)[name]
    # then
    assert asked.test == test
    assert asked.pvalue is not None
    assert asked.pvalue < 0.01
    assert (asked.effect, asked.effect_name) == (chosen.effect, chosen.effect_name)
    assert asked.interval == chosen.interval


def test_its_p_is_what_the_command_line_prints() -> None:
    found = measured(AGES, test="welch")["age"]
    alone = find_test("welch").run(AGES[0].values, AGES[1].values)
    assert (found.statistic, found.pvalue) == (alone.statistic, alone.pvalue)


def test_the_report_says_what_would_have_been_taken() -> None:
    found = measured(AGES, test="mann-whitney")["age"]
    assert found.why.startswith("asked for by the policy; selection would have taken ks: ")
    assert found.would_change == "drift.test Auto: ks"


def test_selection_s_own_choice_is_as_powerful_when_it_is_asked_for() -> None:
    asked, chosen = measured(AGES, test="ks")["age"], measured(AGES)["age"]
    assert asked.minimum_detectable_effect == chosen.minimum_detectable_effect
    assert asked.why.startswith("asked for by the policy, and selection's choice")


def test_another_test_passes_by_the_interval_alone() -> None:
    # given: Welch sees no difference of spread, however many rows there are
    found = measured(AGES, test="welch")["age"]
    assert found.minimum_detectable_effect is None


def test_of_all_columns_those_that_do_not_fit_are_selected_for_and_it_is_said() -> None:
    found = measured(AGES, REGIONS, test="welch")
    assert {name: each.test for name, each in found.items()} == {"age": "welch", "region": "chi2"}
    assert found["region"].why.endswith(
        "; the policy's welch compares numbers, which this column is not"
    )


@pytest.mark.parametrize(
    ("column", "test", "message"),
    [
        (REGIONS, "welch", "welch compares numbers, which this column is not: 'region'"),
        (AGES, "chi2", "chi2 compares counts of categories, truths, or at most 20 different whole"),
        (REGIONS, "fisher", "fisher compares counts of two values, and this column has 3"),
        (REGIONS, "boschloo", "boschloo compares counts of two values, and this column has 3"),
    ],
)
def test_a_column_that_the_policy_names_and_the_test_cannot_take_is_refused(
    column: tuple[Column, Column], test: str, message: str
) -> None:
    with pytest.raises(PolicyMismatchError) as refusal:
        measured(column, test=test, columns=[column[0].name])
    assert str(refusal.value).startswith(f"spec.checks[0].drift.test: {message}")


def test_a_test_that_fits_none_of_all_columns_is_refused() -> None:
    with pytest.raises(PolicyMismatchError, match="welch compares numbers, which none is of the 2"):
        measured(REGIONS, SEXES, test="welch")


def test_what_it_cannot_take_for_too_many_rows_is_undecided() -> None:
    many = tuple(words("sex", ["f", "m"] * 300) for _ in range(2))
    found = measured((many[0], many[1]), test="boschloo")["sex"]
    assert found.fact is Verdict.INCONCLUSIVE
    assert "use fisher or chi2" in found.message


def test_whole_numbers_of_few_values_are_compared_by_either_kind() -> None:
    before, after = (
        replace(numbers("k", np.round(draws(seed, shift))), integral=True)
        for seed, shift in ((1, 0.0), (2, 1.0))
    )
    tests = {test: measured((before, after), test=test)["k"] for test in ("ks", "chi2", "psi")}
    assert {test: found.test for test, found in tests.items()} == {
        "ks": "ks",
        "chi2": "chi2",
        "psi": "psi",
    }
    assert {found.effect_name for found in tests.values()} == {"total variation distance"}


def test_two_values_only_are_for_tests_of_counts() -> None:
    assert OF_TWO_VALUES <= OF_COUNTS
