"""Groups of sensitive columns: treated alike, or else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import DataError
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite import fairness
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.verdict import judge
from tests.unit.jobs.validation.suite.cases import (
    a_classification,
    a_policy,
    a_regression,
    numbers,
    words,
)


def a_case_of(
    rates: dict[str, float], *, n: int = 500, spec: dict[str, Any] | None = None, seed: int = 0
) -> Case:
    """Return groups of n rows each, favoured at these rates, whose target is a coin's."""
    generator = np.random.default_rng(seed)
    names: Sequence[str] = [name for name in rates for _ in range(n)]
    chance = np.repeat(list(rates.values()), n)
    favoured = generator.random(len(names)) < chance
    policy = a_policy({"fairness": spec or {}}, sensitive=["sex"])
    return a_classification(
        policy,
        generator.integers(0, 2, len(names)),
        np.where(favoured, 0.9, 0.1),
        words("sex", names),
    )


def measured(case: Case) -> Measurement:
    spec = case.policy.checks[0].fairness
    assert spec is not None
    (found,) = fairness.measure(case, spec, seed=1)
    return found


def verdict_of(case: Case) -> Verdict:
    return judge([measured(case)], alpha=0.05, error_control="Holm").verdict


@pytest.mark.parametrize(
    "metric",
    [
        "demographic_parity_difference",
        "equalized_odds_difference",
        "equal_opportunity_difference",
        "four_fifths",
    ],
)
def test_groups_that_are_treated_alike_pass_and_others_fail(metric: str) -> None:
    spec = {"metric": metric, "max": 0.2}
    assert verdict_of(a_case_of({"f": 0.5, "m": 0.5}, n=3000, spec=spec)) is Verdict.PASS
    assert verdict_of(a_case_of({"f": 0.2, "m": 0.6}, n=3000, spec=spec)) is Verdict.FAIL


def test_the_gap_is_the_largest_of_all_pairs_and_the_message_names_it() -> None:
    found = measured(a_case_of({"a": 0.5, "b": 0.1, "c": 0.9}))
    assert found.effect == pytest.approx(0.8, abs=0.05)
    assert "b " in found.message
    assert "c " in found.message


def test_the_odds_are_compared_among_rows_of_each_outcome() -> None:
    # given: answers that are the target for f, and a coin for m
    case = a_case_of({"f": 0.5, "m": 0.5}, spec={"metric": "equal_opportunity_difference"})
    assert case.target is not None
    assert case.answers is not None
    values = case.answers.values.copy()
    values[:500] = case.target[:500]
    # when
    found = measured(replace(case, answers=replace(case.answers, values=values)))
    # then
    assert found.effect == pytest.approx(0.5, abs=0.1)
    assert "among rows that are 'yes'" in found.message


def test_forty_rows_a_group_are_too_few_to_tell() -> None:
    case = a_case_of({"f": 0.5, "m": 0.5}, n=40)
    assert verdict_of(case) is Verdict.INCONCLUSIVE


def test_missing_values_are_a_group() -> None:
    assert "(missing)" in measured(a_case_of({"f": 0.9, "": 0.1})).message


def test_one_group_has_nobody_to_be_compared_with() -> None:
    assert measured(a_case_of({"f": 0.5})).fact is Verdict.INCONCLUSIVE


def test_another_answer_may_be_the_favourable_one() -> None:
    case = a_case_of({"f": 0.2, "m": 0.2}, spec={"positive": "no"})
    assert "80" in measured(case).message.split("%", maxsplit=1)[0] or measured(case).effect == (
        pytest.approx(0, abs=0.1)
    )


def test_rows_of_one_cluster_count_for_less() -> None:
    # given
    case = a_case_of({"f": 0.5, "m": 0.5})
    homes = words("home", [f"h{row // 100}" for row in range(1000)])
    data = replace(case.candidate, columns={**case.candidate.columns, "home": homes})
    assert case.answers is not None
    alike = np.repeat(case.answers.values[::100], 100)
    case = replace(case, candidate=data, answers=replace(case.answers, values=alike))
    clustered = a_policy({"fairness": {}}, sensitive=["sex"], design={"clusters": "home"})
    # when
    plain, counted = measured(case), measured(replace(case, policy=clustered))
    # then
    assert plain.interval is not None
    assert counted.interval is not None
    assert counted.interval.high > plain.interval.high


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": a_policy({"fairness": {}})}, r"^spec\.sensitive: spec\.checks\[0\]\.fairness"),
        (
            {"policy": a_policy({"fairness": {"positive": "maybe"}}, sensitive=["sex"])},
            r"\.positive: 'maybe' is no class of the target: 'no', 'yes'",
        ),
        (
            {"policy": a_policy({"fairness": {}}, sensitive=["x"])},
            r"^spec\.sensitive\[0\]: column 'x' of candidate\.csv has 1000 values",
        ),
        (
            {
                "policy": a_policy(
                    {"fairness": {"metric": "equalized_odds_difference"}}, sensitive=["sex"]
                ),
                "target": None,
            },
            r"\.metric: equalized_odds_difference needs spec\.target",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_with_the_field_to_set(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        measured(replace(a_case_of({"f": 0.5, "m": 0.5}), **changes))


def test_a_regression_favours_nobody() -> None:
    policy = a_policy({"fairness": {}}, sensitive=["g"])
    case = a_regression(policy, np.arange(9.0), np.arange(9.0), numbers("g", [1, 2, 3] * 3))
    with pytest.raises(DataError, match="is for classifications"):
        measured(case)


def test_the_bound_is_rarely_crossed_by_chance_where_the_truth_lies_on_it() -> None:
    rates = {"a": 0.5, "b": 0.4, "c": 0.45}
    crossed = 0
    for seed in range(300):
        pvalue = measured(a_case_of(rates, n=80, seed=seed)).pvalue
        assert pvalue is not None
        crossed += pvalue <= 0.05
    assert crossed <= 28  # 5% of 300 are 15; more than 28 come about once in 1,000 times
