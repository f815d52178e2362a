"""Tests of pairs against published values, by name of the source."""

import numpy as np
import pytest

from headgate.jobs.validation.tests.paired.mcnemar import mcnemar
from headgate.jobs.validation.tests.paired.paired_t import paired_t
from headgate.jobs.validation.tests.paired.wilcoxon import wilcoxon
from headgate.jobs.validation.tests.result import UntestableError

# Student's sleep data, 1908
SLEEP = (
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)
# Hollander and Wolfe 1973, depression scores before and after
DEPRESSION = (
    [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
    [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
)


def test_student_s_sleep() -> None:
    found = paired_t(*SLEEP)
    assert found.statistic == pytest.approx(-4.0621, abs=5e-5)
    assert found.pvalue == pytest.approx(0.002833, abs=5e-7)
    assert found.effect.value == pytest.approx(-1.58)


def test_hollander_and_wolfe_s_depression() -> None:
    found = wilcoxon(*DEPRESSION)
    assert (found.statistic, found.method) == (40, "exact")
    assert found.pvalue == pytest.approx(0.0390625)


@pytest.mark.parametrize(("correction", "statistic"), [(False, 17.356), (True, 16.818)])
def test_agresti_s_approval_ratings(correction: bool, statistic: float) -> None:
    # given: 150 changed one way, 86 the other
    found = mcnemar([[794, 86], [150, 570]], correction=correction)
    assert found.statistic == pytest.approx(statistic, abs=5e-4)
    if correction:
        assert found.pvalue == pytest.approx(4.114e-5, rel=2e-4)


def test_few_that_disagree_are_counted_exactly() -> None:
    found = mcnemar([[10, 1], [8, 10]])
    assert found.method == "exact (binomial)"
    assert found.pvalue == pytest.approx(0.0390625)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # given
    random = np.random.default_rng(4)
    truth = 0.12 - 0.05
    covered = 0
    # when
    for _ in range(400):
        cells = random.multinomial(150, [0.6, 0.12, 0.05, 0.23])
        interval = mcnemar(cells.reshape(2, 2)).effect.interval
        assert interval is not None
        covered += interval.low <= truth <= interval.high
    # then
    assert covered >= 370


@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 2.0], [1.0, 2.0]), ([1.0, 2.0, 3.0], [1.0, 2.0]), ([1.0], [2.0])]
)
def test_what_cannot_be_tested_is_refused(x: list[float], y: list[float]) -> None:
    for run in (paired_t, wilcoxon):
        with pytest.raises(UntestableError):
            run(x, y)


def test_ties_and_zeros_go_to_the_limit() -> None:
    found = wilcoxon([1.0, 2.0, 2.0, 5.0, 3.0, 0.0], [0.0, 1.0, 2.0, 3.0, 4.0, -3.0])
    assert found.method == "asymptotic"
    assert found.details["zeros"] == 1


def test_a_fault_that_no_first_answer_had_is_still_compared() -> None:
    found = mcnemar([[240, 60], [0, 0]])
    assert found.effect.value == 0.2
    assert found.statistic == 60
