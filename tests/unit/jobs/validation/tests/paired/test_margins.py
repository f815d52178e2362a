"""Tests of the margins of pairs: against enumeration, against each other, and their intervals."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Floats
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.paired.ks_paired import ks_paired
from headgate.jobs.validation.tests.paired.margins import variation_of_margins
from headgate.jobs.validation.tests.paired.mcnemar import mcnemar
from headgate.jobs.validation.tests.paired.sign import sign
from headgate.jobs.validation.tests.paired.stuart_maxwell import (
    stuart_maxwell,
    stuart_maxwell_permutation,
)
from headgate.jobs.validation.tests.paired.swaps import checked_square
from headgate.jobs.validation.tests.paired.wilcoxon import wilcoxon
from headgate.jobs.validation.tests.result import UntestableError

VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
APART = [[10, 5, 0, 0], [1, 10, 0, 0], [0, 0, 7, 8], [0, 0, 2, 9]]


def test_of_two_categories_it_is_mcnemar_s() -> None:
    found, other = stuart_maxwell([[794, 86], [150, 570]]), mcnemar([[794, 86], [150, 570]])
    assert found.statistic == pytest.approx(other.statistic)
    assert found.effect.value == pytest.approx(abs(other.effect.value))


def test_categories_that_hang_together_in_two_groups_are_two_tests_in_one() -> None:
    # given: nothing changes between the first two and the last two
    found = stuart_maxwell(APART)
    assert found.statistic == pytest.approx((5 - 1) ** 2 / 6 + (8 - 2) ** 2 / 10)
    assert found.details["degrees of freedom"] == 2


@pytest.mark.parametrize("table", [VISION, APART])
def test_pairs_that_are_turned_round_have_the_same_statistic(table: list[list[int]]) -> None:
    found, limit = stuart_maxwell_permutation(table, resamples=9999), stuart_maxwell(table)
    assert found.statistic == pytest.approx(limit.statistic)
    assert found.pvalue == pytest.approx(limit.pvalue, abs=0.03)


def test_few_pairs_have_the_p_of_all_their_turns() -> None:
    # given: 3 that go 1 -> 2, 2 that go 2 -> 3, 1 that goes 3 -> 1
    table = np.array([[0, 3, 0], [0, 0, 2], [1, 0, 0]])
    found = stuart_maxwell_permutation(table, resamples=9999)
    # when: all 2^6 turns are written down
    inverse = np.linalg.pinv(np.array([[4, -3, -1], [-3, 5, -2], [-1, -2, 3]]))
    steps = [(0, 1)] * 3 + [(1, 2)] * 2 + [(2, 0)]
    statistics = []
    for signs in product([1, -1], repeat=6):
        apart = np.zeros(3)
        for sign_of, (out, into) in zip(signs, steps, strict=True):
            apart[out] += sign_of
            apart[into] -= sign_of
        statistics.append(apart @ inverse @ apart)
    # then
    exact = np.mean(np.array(statistics) >= statistics[0] - 1e-9)
    assert found.pvalue == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], "expected as many rows as columns"),
        ([[5, 0, 0], [0, 4, 0], [0, 0, 3]], "no pair disagrees"),
        ([[0, 0, 0], [0, 4, 0], [0, 0, 0]], "pairs have 1 categories; two are needed"),
        ([[1, 2, 0], [0, 1, -1], [0, 0, 1]], "row 2, column 3: -1 is no count"),
        ([], "expected as many rows as columns"),
    ],
)
def test_what_is_no_table_of_pairs_is_refused(table: list[list[int]], message: str) -> None:
    with pytest.raises(UntestableError, match=message):
        checked_square(table)


def test_a_category_that_is_never_first_is_kept() -> None:
    assert checked_square([[4, 1, 2], [0, 3, 0], [0, 0, 0]]).shape == (3, 3)


def test_a_few_pairs_of_numbers_have_the_p_of_all_their_turns() -> None:
    # given
    first, second = np.array([1.0, 4, 2, 8, 5, 9]), np.array([2.0, 6, 7, 9.5, 4.5, 12])
    found = ks_paired(first, second, resamples=9999)

    def distance(x: Floats, y: Floats) -> float:
        places = np.concatenate([x, y])
        return float(max(abs(np.mean(x <= at) - np.mean(y <= at)) for at in places))

    # when
    turns = [
        distance(np.where(turn, second, first), np.where(turn, first, second))
        for turn in product([False, True], repeat=6)
    ]
    # then
    seen = distance(first, second)
    assert found.statistic == pytest.approx(seen)
    exact = np.mean(np.array(turns) >= seen - 1e-9)
    assert found.pvalue == pytest.approx(exact, abs=0.02)


def test_members_that_are_spread_farther_are_seen_where_signed_ranks_see_nothing() -> None:
    # given
    draws = np.random.default_rng(1)
    first = draws.normal(size=2000)
    second = 1.5 * (0.9 * first + np.sqrt(0.19) * draws.normal(size=2000))
    # when
    found, ranks = ks_paired(first, second), wilcoxon(first, second)
    # then
    assert found.pvalue is not None
    assert ranks.pvalue is not None
    assert (found.pvalue <= 0.001, ranks.pvalue > 0.05) == (True, True)


def test_pairs_that_are_alike_narrow_the_interval() -> None:
    # given: members that correlate by 0.99, and the same ones in another order
    draws = np.random.default_rng(2)
    first = draws.normal(size=1000)
    second = 0.99 * first + np.sqrt(1 - 0.99**2) * draws.normal(size=1000)
    halves = []
    for other in (second, draws.permutation(second)):
        effect = ks_paired(first, other).effect
        assert effect.interval is not None
        halves.append(effect.interval.high - effect.value)
    assert halves[0] < 0.5 * halves[1]


def test_members_that_are_all_equal_are_refused() -> None:
    with pytest.raises(UntestableError, match="members of all 3 pairs are equal"):
        ks_paired([1, 2, 3], [1, 2, 3])
    with pytest.raises(UntestableError, match="all 3 differences are 0"):
        sign([1, 2, 3], [1, 2, 3])


def correlated(draws: np.random.Generator, n: int, shift: float) -> tuple[Floats, Floats]:
    first = draws.normal(size=n)
    return first, 0.8 * first + 0.6 * draws.normal(size=n) + shift


def few_values(draws: np.random.Generator, n: int, shift: float) -> tuple[Floats, Floats]:
    first, second = correlated(draws, n, shift)
    return np.round(first), np.round(second)


@pytest.mark.simulation
@pytest.mark.parametrize("sample", [correlated, few_values])
@pytest.mark.parametrize("n", [20, 200])
def test_the_level_of_pairs_of_numbers(
    sample: Callable[[np.random.Generator, int, float], tuple[Floats, Floats]], n: int
) -> None:
    draws = np.random.default_rng(3)
    pvalues = [
        ks_paired(*sample(draws, n, 0.0), resamples=199, seed=each).pvalue for each in range(4000)
    ]
    alarms = sum(p is not None and p <= 0.05 for p in pvalues)
    assert alarms <= 247  # the binomial's 99.9% band about 200 of 4,000


@pytest.mark.simulation
@pytest.mark.parametrize("n", [30, 300])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_the_interval_of_pairs_of_numbers_covers(n: int, shift: float) -> None:
    from scipy.special import ndtr

    draws, truth = np.random.default_rng(4), float(2 * ndtr(shift / 2) - 1)
    covered = 0
    for each in range(2000):
        interval = ks_paired(*correlated(draws, n, shift), resamples=199, seed=each).effect.interval
        assert interval is not None
        covered += interval.low <= truth <= interval.high
    assert covered >= 0.93 * 2000


@pytest.mark.simulation
@pytest.mark.parametrize("n", [30, 300])
def test_the_level_and_interval_of_pairs_of_categories(n: int) -> None:
    # given: 3 of 10 pairs draw their second member anew, from the same or from other shares
    draws = np.random.default_rng(5)
    before, after = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    alarms = covered = 0
    for each in range(4000):
        alike = _pairs(draws, n, before, before)
        if alike[0, 1] + alike[0, 2] + alike[1, 0] + alike[1, 2] + alike[2, 0] + alike[2, 1]:
            found = stuart_maxwell_permutation(alike, resamples=199, seed=each)
            alarms += found.pvalue is not None and found.pvalue <= 0.05
        moved = _pairs(draws, n, before, after)
        _, interval = variation_of_margins(moved)
        covered += interval.low <= 0.3 * 0.2 <= interval.high
    # then
    assert alarms <= 247
    assert covered >= 0.94 * 4000


def _pairs(draws: np.random.Generator, n: int, before: Floats, after: Floats) -> Counts:
    first = draws.choice(3, n, p=before)
    second = np.where(draws.random(n) < 0.3, draws.choice(3, n, p=after), first)
    table: Counts = np.bincount(first * 3 + second, minlength=9).reshape(3, 3)
    return table
