"""A metric of drawn rows is the same whichever way it is computed."""

from dataclasses import replace

import numpy as np
import pytest

from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.suite.performance.metric import find_metric
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers

CASE = replace(
    a_case(a_policy(), numbers("x", range(4))), task=Task.CLASSIFICATION, classes=("no", "yes")
)
REGRESSION = replace(CASE, task=Task.REGRESSION, classes=())
REGRESSIONS = (
    "r2",
    "explained_variance",
    "mean_absolute_error",
    "neg_root_mean_squared_error",
    "neg_mean_squared_log_error",
    "median_absolute_error",
    "mean_absolute_percentage_error",
    "d2_absolute_error_score",
    "max_error",
)
DRAWS = np.random.default_rng(7)
COUNTED = (
    "f1",
    "f1_macro",
    "f1_weighted",
    "precision",
    "recall_micro",
    "balanced_accuracy",
    "jaccard",
    "matthews_corrcoef",
)


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("rows", [3, 200])
def test_counts_give_what_the_rows_give(name: str, rows: int) -> None:
    # given
    target, told = (DRAWS.integers(0, 2, 200).astype(np.float64) for _ in range(2))
    metric = find_metric(CASE, name, "spec")
    of_draws = metric.of_draws(target, told)
    draws = DRAWS.integers(0, 200, (20, rows))
    # then: also for draws so small that a class is missing
    expected = [metric.value(target[drawn], told[drawn]) for drawn in draws]
    assert of_draws(draws) == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", REGRESSIONS)
@pytest.mark.parametrize("rows", [1, 2, 200])
def test_many_draws_at_once_give_what_each_gives(name: str, rows: int) -> None:
    # given: answers that are far off, so that no two metrics are alike
    target, told = (DRAWS.exponential(size=200) for _ in range(2))
    metric = find_metric(REGRESSION, name, "spec")
    of_draws = metric.of_draws(target, told)
    draws = DRAWS.integers(0, 200, (20, rows))
    # then
    expected = [metric.value(target[drawn], told[drawn]) for drawn in draws]
    assert of_draws(draws) == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


def test_a_draw_that_a_metric_is_not_for_spoils_no_other() -> None:
    # given: a negative answer, of which there is no logarithm
    target, told = np.ones(3), np.array([1.0, 2.0, -1.0])
    of_draws = find_metric(REGRESSION, "mean_squared_log_error", "spec").of_draws(target, told)
    # then
    found = of_draws(np.array([[0, 1, 1], [0, 1, 2]]))
    assert np.isfinite(found).tolist() == [True, False]


def test_what_depends_on_scores_is_not_counted() -> None:
    assert not find_metric(CASE, "average_precision", "spec").counted
