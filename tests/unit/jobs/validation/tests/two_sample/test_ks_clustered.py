"""The clustered KS test: rows that belong together are not counted as if they did not."""

import numpy as np
import pytest

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.ks import ks
from headgate.jobs.validation.tests.two_sample.ks_clustered import ks_clustered
from tests.unit.jobs.validation.tests.two_sample.samples import normals

GROUPS, EACH = 20, 10
CUSTOMERS = np.repeat(np.arange(GROUPS), EACH)


def rows_of_customers(*, seed: int, shift: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.standard_normal(GROUPS)[CUSTOMERS] + rng.standard_normal(GROUPS * EACH) + shift


@pytest.mark.simulation
def test_clusters_alike_are_seldom_told_apart_where_rows_often_are() -> None:
    pairs = [(rows_of_customers(seed=s), rows_of_customers(seed=1000 + s)) for s in range(150)]
    plain = [p_of(ks(x, y).pvalue) <= 0.05 for x, y in pairs]
    clustered = [
        p_of(
            ks_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99, resamples=99).pvalue
        )
        <= 0.05
        for x, y in pairs
    ]
    assert np.mean(plain) > 0.2
    assert np.mean(clustered) < 0.1


def test_a_shift_of_all_clusters_is_seen() -> None:
    x, y = rows_of_customers(seed=0), rows_of_customers(seed=1, shift=2.0)
    found = ks_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)
    assert p_of(found.pvalue) < 0.01


def test_the_statistic_is_that_of_the_plain_test() -> None:
    x, y = rows_of_customers(seed=0), rows_of_customers(seed=1)
    found = ks_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)
    assert found.statistic == ks(x, y).statistic


def test_customers_in_both_samples_are_held_against_themselves() -> None:
    rng = np.random.default_rng(0)
    customer = 10 * rng.standard_normal(GROUPS)[CUSTOMERS]
    x, y = (customer + rng.standard_normal(GROUPS * EACH) for _ in range(2))
    shared = ks_clustered(x, y + 3.0, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS)
    apart = ks_clustered(x, y + 3.0, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)
    assert p_of(shared.pvalue) < 0.02 < p_of(apart.pvalue)


def test_clusters_of_one_row_are_the_plain_test() -> None:
    x, y = normals(60), normals(50, seed=1, shift=0.25)
    found = ks_clustered(
        x, y, x_clusters=np.arange(60), y_clusters=np.arange(60, 110), resamples=9999
    )
    assert found.pvalue == pytest.approx(ks(x, y).pvalue, abs=0.02)


def test_without_clusters_blocks_of_neighbours_move_together() -> None:
    found = ks_clustered(normals(500), normals(500, seed=1))
    assert found.method == "permutation of blocks of 24 rows (999, seed 0)"


def test_names_of_clusters_may_be_texts() -> None:
    x, y = rows_of_customers(seed=0), rows_of_customers(seed=1)
    numbered = ks_clustered(x, y, x_clusters=CUSTOMERS, y_clusters=CUSTOMERS + 99)
    named = ks_clustered(
        x, y, x_clusters=[f"a{c:02}" for c in CUSTOMERS], y_clusters=[f"b{c:02}" for c in CUSTOMERS]
    )
    assert named == numbered


def test_too_few_clusters_are_refused() -> None:
    with pytest.raises(UntestableError, match="x: 10 rows are 2 clusters; at least 5"):
        ks_clustered(
            normals(10), normals(10), x_clusters=[0, 1] * 5, y_clusters=list(range(10, 20))
        )


def test_clusters_of_one_sample_only_are_refused() -> None:
    with pytest.raises(UntestableError, match="give x_clusters and y_clusters, or neither"):
        ks_clustered(normals(10), normals(10), x_clusters=list(range(10)))


def test_cluster_names_of_another_length_are_refused() -> None:
    with pytest.raises(UntestableError, match=r"y_clusters: shape \(3,\), but y has 10 values"):
        ks_clustered(normals(10), normals(10), x_clusters=list(range(10)), y_clusters=[1, 2, 3])


def p_of(value: float | None) -> float:
    assert value is not None
    return value
