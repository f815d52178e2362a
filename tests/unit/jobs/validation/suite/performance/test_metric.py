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
    # then: also for draws so small that a class is missing
    for _ in range(20):
        drawn = DRAWS.integers(0, 200, rows)
        expected = metric.value(target[drawn], told[drawn])
        assert of_draws(drawn) == pytest.approx(expected, rel=1e-12, abs=1e-15, nan_ok=True)


def test_what_depends_on_scores_is_not_counted() -> None:
    assert not find_metric(CASE, "average_precision", "spec").counted
