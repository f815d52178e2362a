"""Differences by draws: against all labellings, the t interval, and their own coverage."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from headgate.jobs.validation.tests.registry import all_tests
from headgate.jobs.validation.tests.resampling.bca_bootstrap import bca_bootstrap
from headgate.jobs.validation.tests.resampling.paired_bootstrap import paired_bootstrap
from headgate.jobs.validation.tests.resampling.permutation_difference import (
    permutation_difference,
)
from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats


def two_samples(seed: int, n: int = 60, shift: float = 0.0) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    return random.exponential(size=n), random.exponential(size=n) - shift


def test_few_values_are_labelled_in_every_way() -> None:
    # given
    x, y = np.array([1.0, 4.0, 6.0]), np.array([2.0, 7.0, 9.0, 11.0])
    everything = np.concatenate([x, y])
    differences = [
        everything[list(chosen)].mean() - np.delete(everything, list(chosen)).mean()
        for chosen in combinations(range(7), 3)
    ]
    # when
    found = permutation_difference(x, y)
    # then
    seen = x.mean() - y.mean()
    lower = np.mean(np.array(differences) <= seen + 1e-9)
    assert found.pvalue == pytest.approx(2 * lower, rel=1e-12)
    assert found.method == "all labellings"


def test_a_seed_draws_the_same_labels() -> None:
    x, y = two_samples(1)
    assert permutation_difference(x, y, seed=3) == permutation_difference(x, y, seed=3)
    assert permutation_difference(x, y).method == "permutation (9999, seed 0)"


def test_a_shift_is_found_and_its_interval_leaves_0_out() -> None:
    x, y = two_samples(2, n=200, shift=1.0)
    assert permutation_difference(x, y).pvalue == pytest.approx(2 / 10_000)
    interval = bca_bootstrap(x, y).effect.interval
    assert interval is not None
    expected = stats.ttest_ind(x, y, equal_var=False).confidence_interval()
    assert interval.low == pytest.approx(expected.low, abs=0.03)
    assert interval.high == pytest.approx(expected.high, abs=0.03)


def test_pairs_have_the_t_interval_where_it_is_right() -> None:
    # given
    random = np.random.default_rng(0)
    x = random.normal(size=2000)
    y = x + random.normal(0.1, 0.2, size=2000)
    # when
    found = paired_bootstrap(x, y).effect.interval
    # then
    expected = stats.ttest_rel(x, y).confidence_interval()
    assert found is not None
    assert found.low == pytest.approx(expected.low, abs=0.001)
    assert found.high == pytest.approx(expected.high, abs=0.001)


@pytest.mark.simulation
def test_skewed_differences_are_covered() -> None:
    held = 0
    for seed in range(300):
        interval = bca_bootstrap(*two_samples(seed), resamples=499, seed=seed).effect.interval
        assert interval is not None
        held += interval.low <= 0 <= interval.high
    assert held >= 265  # binomial(300, 0.93): 99.9% band


@pytest.mark.parametrize("name", ["permutation-difference", "bca-bootstrap", "paired-bootstrap"])
def test_what_cannot_be_drawn_from_is_named(name: str) -> None:
    run = all_tests()[name].run
    with pytest.raises(UntestableError, match="1 values"):
        run([1.0], [1.0, 2.0, 3.0, 4.0, 5.0])
    with pytest.raises(UntestableError, match="not finite"):
        run([1.0, float("nan"), 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0])
    with pytest.raises(UntestableError, match="resamples is 9"):
        run([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 4.0, 2.0, 3.0, 5.0], resamples=9)


def test_constants_and_unequal_pairs_are_refused() -> None:
    with pytest.raises(UntestableError, match="constant"):
        bca_bootstrap([1.0] * 5, [2.0] * 6)
    with pytest.raises(UntestableError, match="5 values and y 6"):
        paired_bootstrap([1.0] * 5, [2.0] * 6)
    with pytest.raises(UntestableError, match="differs by -1"):
        paired_bootstrap([1.0] * 5, [2.0] * 5)
