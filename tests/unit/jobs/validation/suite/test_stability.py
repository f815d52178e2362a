"""Stability: how many answers a little noise turns over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import DataError, Dataset, Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.finding import Measurement, Verdict
from headgate.jobs.validation.suite import stability
from headgate.jobs.validation.suite.case import Case
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers, words


@dataclass(frozen=True, kw_only=True)
class AModel:
    """Answers by a function of column x."""

    by: Callable[[Floats], Floats]
    inputs: tuple[str, ...] = ("x",)
    runtime: str = "sklearn"
    native: Any = None
    known: tuple[int, ...] = (0, 1)

    def answer(self, rows: Dataset) -> Answers:
        return Answers(values=self.by(rows.columns[self.inputs[0]].values))

    def matrix(self, rows: Dataset) -> Any:
        raise NotImplementedError


def above_zero(values: Floats) -> Floats:
    return (values > 0).astype(np.float64)


def a_case_of(model: AModel, *, n: int = 2000, task: Task = Task.CLASSIFICATION) -> Case:
    values = np.random.default_rng(0).standard_normal(n)
    case = a_case(
        a_policy({"stability": {"noise": 0.01, "maxFlip": 0.02}}),
        numbers("x", values),
        words("colour", ["red", "blue"] * (n // 2)),
    )
    return replace(case, task=task, model=model, classes=("no", "yes"))


def measured(case: Case, *, seed: int = 1) -> Measurement:
    spec = case.policy.checks[0].stability
    assert spec is not None
    (found,) = stability.measure(case, spec, seed=seed)
    return found


def test_a_threshold_far_from_most_rows_is_stable() -> None:
    found = measured(a_case_of(AModel(by=above_zero)))
    assert found.interval is not None
    assert found.interval.high <= 0.02


def test_answers_that_hang_on_the_last_digits_flip_beyond_the_bound() -> None:
    found = measured(a_case_of(AModel(by=lambda x: np.floor(x * 1000) % 2)))
    assert found.pvalue is not None
    assert found.effect is not None
    assert found.pvalue < 1e-6
    assert found.effect > 0.4


def test_the_same_seed_flips_the_same_answers() -> None:
    case = a_case_of(AModel(by=above_zero))
    assert measured(case) == measured(case)
    assert measured(case, seed=2) != measured(case)


def test_a_regression_may_move_by_ten_times_the_noise() -> None:
    found = measured(a_case_of(AModel(by=lambda x: 2 * x), task=Task.REGRESSION))
    assert found.effect == 0


def test_a_regression_that_moves_by_more_than_that_flips() -> None:
    model = AModel(by=lambda x: np.sin(1000 * x))
    found = measured(a_case_of(model, task=Task.REGRESSION))
    assert found.effect is not None
    assert found.effect > 0.5


def test_a_model_without_numeric_inputs_passes_as_a_fact() -> None:
    found = measured(a_case_of(AModel(by=above_zero, inputs=("colour",))))
    assert found.fact is Verdict.PASS


def test_a_column_that_is_constant_in_the_reference_gets_no_noise() -> None:
    case = a_case_of(AModel(by=above_zero))
    reference = replace(case.reference, columns={"x": numbers("x", np.full(2000, 3.0))})
    assert measured(replace(case, reference=reference)).fact is Verdict.PASS


def test_whole_numbers_stay_whole_and_within_what_the_reference_has() -> None:
    # given
    seen: list[Floats] = []

    def remember(values: Floats) -> Floats:
        seen.append(values)
        return above_zero(values)

    flags = np.tile([0.0, 1.0], 1000)
    case = a_case_of(AModel(by=remember))
    column = replace(numbers("x", flags), integral=True)
    data = replace(case.candidate, columns={"x": column})
    policy = a_policy({"stability": {"noise": 0.5}})
    # when
    measured(replace(case, policy=policy, candidate=data, reference=data))
    # then
    assert set(seen[-1]) == {0.0, 1.0}
    assert (seen[-1] != flags).any()


def test_few_rows_leave_the_bound_within_the_interval_and_say_how_many_would_do() -> None:
    found = measured(a_case_of(AModel(by=above_zero), n=20))
    assert found.interval is not None
    assert found.interval.low <= 0.02 <= found.interval.high
    assert found.needed_n is not None
    assert found.needed_n > 20


def test_rows_of_one_cluster_count_for_less() -> None:
    case = a_case_of(AModel(by=lambda x: np.floor(x * 1000) % 2))
    policy = a_policy({"stability": {}}, design={"clusters": "colour"})
    plain, clustered = measured(case), measured(replace(case, policy=policy))
    assert plain.interval is not None
    assert clustered.interval is not None
    assert clustered.interval.high - clustered.interval.low >= (
        plain.interval.high - plain.interval.low
    )


def test_without_a_model_the_message_names_the_field_to_set() -> None:
    case = replace(a_case_of(AModel(by=above_zero)), model=None)
    with pytest.raises(DataError, match=r"^spec\.checks\[0\]\.stability: needs spec\.predictions"):
        measured(case)


def test_no_flip_at_all_passes_a_bound_of_zero() -> None:
    case = a_case_of(AModel(by=lambda x: np.zeros(len(x))))
    policy = a_policy({"stability": {"maxFlip": 0}})
    assert measured(replace(case, policy=policy)).fact is Verdict.PASS
