"""Mann-Whitney, Brunner-Munzel, Welch: which sample tends to be larger."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.two_sample.brunner_munzel import brunner_munzel
from headgate.jobs.validation.tests.two_sample.mann_whitney import mann_whitney
from headgate.jobs.validation.tests.two_sample.superiority import superiority_interval
from headgate.jobs.validation.tests.two_sample.welch import welch
from tests.unit.jobs.validation.tests.two_sample.samples import PAIN, dice, normals


def test_mann_whitney_without_ties_has_scipys_exact_p() -> None:
    x, y = normals(12), normals(9, seed=1, shift=0.8)
    expected = stats.mannwhitneyu(x, y, method="exact").pvalue
    assert mann_whitney(x, y).pvalue == pytest.approx(expected)


def test_mann_whitney_with_ties_has_the_share_of_all_labellings() -> None:
    x, y = dice(5), dice(6, seed=2)
    ranks = stats.rankdata(np.concatenate([x, y]))
    sums = np.array([ranks[list(chosen)].sum() for chosen in combinations(range(11), 5)])
    seen = abs(ranks[:5].sum() - 30)
    assert mann_whitney(x, y).pvalue == pytest.approx(np.mean(np.abs(sums - 30) >= seen))


def test_mann_whitney_of_larger_samples_has_scipys_asymptotic_p() -> None:
    x, y = dice(80), dice(70, seed=1)
    expected = stats.mannwhitneyu(x, y, method="asymptotic").pvalue
    assert mann_whitney(x, y).pvalue == pytest.approx(expected)


def test_superiority_of_samples_apart_is_certain_only_with_its_interval() -> None:
    found = mann_whitney(normals(30), normals(30, seed=1, shift=99.0)).effect
    assert found.interval is not None
    assert (found.value, found.interval.high) == (1.0, 1.0)
    assert 0.85 < found.interval.low < 1.0


def test_superiority_intervals_mirror_each_other() -> None:
    low, high = superiority_interval(0.7, 20, 30, 0.05)
    assert superiority_interval(0.3, 30, 20, 0.05) == pytest.approx((1 - high, 1 - low))


def test_brunner_munzel_of_pain_scores_is_the_published_one() -> None:
    found = brunner_munzel(*PAIN)
    assert (found.statistic, found.pvalue) == pytest.approx((3.1374674823029505, 0.005786208666151))


def test_brunner_munzel_interval_of_pain_scores_is_the_published_one() -> None:
    effect = brunner_munzel(*PAIN).effect
    assert effect.interval is not None
    assert (effect.value, effect.interval.low, effect.interval.high) == pytest.approx(
        (0.788961, 0.5952169, 0.9827052)
    )


def test_brunner_munzel_of_samples_apart_has_the_share_of_two_labellings() -> None:
    found = brunner_munzel([1, 2, 3], [4, 5, 6, 7])
    assert found.pvalue == pytest.approx(2 / 35)


def test_brunner_munzel_of_few_values_is_permuted() -> None:
    found = brunner_munzel(normals(6), normals(8, seed=1))
    assert found.method == "permutation (999, seed 0)"


def test_brunner_munzel_of_equal_constants_is_certain_of_nothing() -> None:
    found = brunner_munzel(np.ones(5), np.ones(6))
    assert (found.statistic, found.pvalue) == (0.0, 1.0)


def test_welch_has_scipys_p() -> None:
    x, y = normals(30), 2 * normals(12, seed=1, shift=0.4)
    expected = stats.ttest_ind(x, y, equal_var=False)
    found = welch(x, y)
    assert (found.statistic, found.pvalue) == pytest.approx((expected.statistic, expected.pvalue))


def test_welch_interval_is_scipys() -> None:
    x, y = normals(30), 2 * normals(12, seed=1, shift=0.4)
    interval = welch(x, y, alpha=0.1).effect.interval
    expected = stats.ttest_ind(x, y, equal_var=False).confidence_interval(0.9)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_welch_of_constants_has_no_error_to_judge_by() -> None:
    with pytest.raises(UntestableError, match="each is constant"):
        welch(np.ones(4), np.ones(5))
