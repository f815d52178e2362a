"""Total variation of clustered categories: it is the plain one, and errs as clusters do."""

import numpy as np
import pytest

from headgate.jobs.validation.tests.counts.total_variation_clustered import (
    total_variation_clustered,
)
from headgate.jobs.validation.tests.result import TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.ks_clustered import ks_clustered

GROUPS, EACH = 30, 10
CUSTOMERS = np.repeat(np.arange(GROUPS), EACH)


def codes_of_customers(*, seed: int, values: int = 4, first: float = 0.0) -> Floats:
    """Return codes of which half are the customer's own, and so many more are 0."""
    rng = np.random.default_rng(seed)
    own = rng.integers(0, values, GROUPS)[CUSTOMERS]
    found = np.where(rng.random(len(own)) < 0.5, own, rng.integers(0, values, len(own)))
    return np.where(rng.random(len(own)) < first, 0.0, found.astype(np.float64))


def compared(x: Floats, y: Floats) -> TestResult:
    return total_variation_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)


def test_the_statistic_is_half_of_all_differences_of_shares() -> None:
    x, y = codes_of_customers(seed=1), codes_of_customers(seed=2)
    shares = [np.bincount(codes.astype(np.int64), minlength=4) / len(codes) for codes in (x, y)]
    assert compared(x, y).statistic == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)


def test_of_two_values_it_is_the_kolmogorov_distance() -> None:
    x, y = (codes_of_customers(seed=seed, values=2) for seed in (1, 2))
    found = compared(x, y)
    other = ks_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)
    assert found.pvalue == other.pvalue
    assert found.effect.value == pytest.approx(other.effect.value)
    assert found.effect.interval is not None
    assert other.effect.interval is not None
    assert found.effect.interval.high == pytest.approx(other.effect.interval.high)
    assert found.minimum_detectable_effect == pytest.approx(other.minimum_detectable_effect)


def test_a_difference_in_every_second_value_is_seen_whole() -> None:
    x, y = np.tile([0.0, 1, 2, 3], 75), np.tile([0.0, 1, 1, 2, 3, 3], 50)
    found, other = (
        run(x, y, x_clusters=np.arange(300), y_clusters=np.arange(300, 600))
        for run in (total_variation_clustered, ks_clustered)
    )
    assert found.effect.value == pytest.approx(1 / 6)
    assert other.effect.value == pytest.approx(1 / 12)


def test_values_of_whole_clusters_say_less_than_those_of_rows() -> None:
    x, y = codes_of_customers(seed=1), codes_of_customers(seed=2)
    rows = np.arange(len(x))
    alone = total_variation_clustered(x, y, x_clusters=rows, y_clusters=rows + len(rows))
    apart = compared(x, y).effect.interval
    assert apart is not None
    assert alone.effect.interval is not None
    assert apart.high > alone.effect.interval.high


def test_a_change_of_all_clusters_is_seen() -> None:
    found = compared(codes_of_customers(seed=1), codes_of_customers(seed=2, first=0.5))
    assert found.pvalue is not None
    assert found.pvalue < 0.01


def test_too_few_clusters_are_refused() -> None:
    with pytest.raises(UntestableError, match="x: 10 rows are 2 clusters; at least 5"):
        total_variation_clustered(
            np.zeros(10), np.zeros(50), x_clusters=np.arange(10) // 5, y_clusters=np.arange(50) + 9
        )
