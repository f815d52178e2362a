"""How the order of features agrees between two files, and what chance makes of it."""

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.data.dataset import Floats, Integers
from headgate.jobs.validation.explain.ranks import RankAgreement, rank_agreement, spearman

SCALES = np.array([5.0, 3.0, 2.0, 1.0, 0.5, 0.2])


def magnitudes(seed: int, n: int = 300, *, scales: Floats = SCALES) -> Floats:
    return np.abs(np.random.default_rng(seed).normal(size=(n, len(scales)))) * scales


def alone(rows: Floats) -> Integers:
    return np.arange(len(rows), dtype=np.int64)


def agreement(before: Floats, now: Floats) -> RankAgreement | None:
    return rank_agreement(before, now, (alone(before), alone(now)), seed=1)


def test_it_is_scipys_correlation_of_means_ties_included() -> None:
    x, y = np.array([1.0, 2.0, 2.0, 5.0, 4.0]), np.array([2.0, 1.0, 3.0, 3.0, 9.0])
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)


def test_the_same_distribution_is_within_chance() -> None:
    found = agreement(magnitudes(1), magnitudes(2))
    assert found is not None
    assert found.value >= found.low
    assert found.pvalue > 0.05


def test_an_order_turned_round_is_beyond_chance() -> None:
    found = agreement(magnitudes(1), magnitudes(2, scales=SCALES[::-1]))
    assert found is not None
    assert found.value == pytest.approx(-1)
    assert found.pvalue == pytest.approx(1 / 401)


def test_two_features_have_no_order_to_speak_of() -> None:
    rows = magnitudes(1)[:, :2]
    assert agreement(rows, rows) is None


def test_features_that_all_matter_as_much_have_none_either() -> None:
    rows = np.ones((50, 4))
    assert agreement(rows, rows) is None


def test_copies_of_rows_do_not_count_as_more_rows() -> None:
    # given: features that hardly differ, and each row 20 times
    scales = np.array([1.0, 0.98, 0.96, 0.94, 0.92])
    before, now = (magnitudes(seed, 25, scales=scales) for seed in (1, 2))
    copied = [np.repeat(rows, 20, axis=0) for rows in (before, now)]
    groups = np.repeat(np.arange(25), 20)
    # when
    taken = rank_agreement(copied[0], copied[1], (groups, groups), seed=1)
    # then
    assert taken == agreement(before, now)
