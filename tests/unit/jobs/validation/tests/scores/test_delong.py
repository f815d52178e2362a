"""Areas and their errors, against pairs counted one by one."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.scores.delong import delong


def some_rows(n: int, seed: int = 0, skill: float = 1.0) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(np.float64)
    return labels, np.round(random.normal(size=n) + skill * labels, 1)


def by_pairs(labels: Floats, score: Floats) -> tuple[float, float]:
    """Return the area and its variance by DeLong's definition, pair by pair."""
    hits, misses = score[labels == 1], score[labels == 0]
    kernel = np.array(
        [(hit > miss) + 0.5 * (hit == miss) for hit, miss in product(hits, misses)]
    ).reshape(len(hits), len(misses))
    variance = kernel.mean(axis=1).var(ddof=1) / len(hits)
    variance += kernel.mean(axis=0).var(ddof=1) / len(misses)
    return float(kernel.mean()), float(variance)


def test_ranks_give_what_counting_pairs_does() -> None:
    labels, score = some_rows(60)
    found = delong(labels, score)
    area, variance = by_pairs(labels, score)
    assert found.effect.value == pytest.approx(area, rel=1e-12)
    assert found.details["error"] == pytest.approx(variance**0.5, rel=1e-12)


def test_two_models_are_compared_on_the_same_rows() -> None:
    labels, good = some_rows(300, skill=2.0)
    _, poor = some_rows(300, seed=1, skill=0.2)
    found = delong(labels, np.column_stack([good, poor]))
    assert found.effect.value > 0.2
    assert found.pvalue is not None
    assert found.pvalue < 1e-6


def test_forty_rows_of_either_label_are_enough_for_the_normal() -> None:
    labels, score = some_rows(120)
    found = delong(labels, score)
    assert found.method == "asymptotic (normal)"
    assert found.pvalue == pytest.approx(2 * stats.norm.sf(abs(found.statistic)))


def test_fewer_are_held_against_students_t() -> None:
    found = delong(*some_rows(60))
    degrees = float(found.method.removeprefix("Student's t, ").split()[0])
    assert found.pvalue == pytest.approx(2 * stats.t(degrees).sf(abs(found.statistic)), rel=1e-4)


def test_a_handful_of_hits_is_permuted() -> None:
    random = np.random.default_rng(0)
    found = delong([1.0] * 5 + [0.0] * 60, random.standard_normal(65))
    assert found.method == "permutation (999, seed 0)"


def test_two_models_of_a_handful_of_hits_have_the_degrees_of_few() -> None:
    random = np.random.default_rng(0)
    found = delong([1.0] * 5 + [0.0] * 500, random.standard_normal((505, 2)))
    degrees = float(found.method.removeprefix("Student's t, ").split()[0])
    assert 4 <= degrees < 5


@pytest.mark.simulation
def test_two_models_of_equal_skill_are_seldom_told_apart() -> None:
    # given
    alarms = 0
    for seed in range(400):
        labels, first = some_rows(90, seed=2 * seed)
        _, second = some_rows(90, seed=2 * seed + 1)
        pvalue = delong(labels, np.column_stack([first, second])).pvalue
        assert pvalue is not None
        alarms += pvalue <= 0.05
    # then: the binomial's 99.9% band about 20
    assert 7 <= alarms <= 36


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        ([0, 1, 2], [1, 2, 3], "value 3 is 2"),
        ([0, 0, 0, 1], [1, 2, 3, 4], "1 rows of label 1"),
        ([0, 1, 0, 1], [1, 2, 3], "scores for 3 rows"),
        ([0, 1, 0, 1], [1, 2, 1, 2], "error is 0"),
    ],
)
def test_what_cannot_be_tested_is_refused(x: list[float], y: list[float], says: str) -> None:
    with pytest.raises(UntestableError, match=says):
        delong(x, y)
