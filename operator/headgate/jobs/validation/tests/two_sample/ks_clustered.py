"""The Kolmogorov-Smirnov statistic where rows come in clusters, or in an order of time.

Rows that belong together carry less than as many rows that do not, so that the plain test's p is
far too small. Whole clusters change their sample here, or blocks of neighbours.
"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, TestResult
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.clusters import (
    CLUSTERED_SOURCE,
    LEAST_CLUSTERS,
    clustered_rows,
    exchanged,
)
from headgate.jobs.validation.tests.two_sample.kolmogorov import KOLMOGOROV_DISTANCE
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)


def ks_clustered(
    x: ArrayLike,
    y: ArrayLike,
    *,
    x_clusters: ArrayLike | None = None,
    y_clusters: ArrayLike | None = None,
    block: int = 0,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
    significance: float = 0.05,
) -> TestResult:
    """Test (n,) x and (m,) y; null: clusters of both are drawn alike.

    `x_clusters` (n,) and `y_clusters` (m,) name each row's cluster, by numbers or texts; a name in
    both is one cluster, whose two parts swap their samples. Without them, rows are in the order of
    time and blocks of `block` neighbours (0: 3 n^(1/3), for dependence that dies out within a few
    rows) are the clusters. p by permutation of clusters, of the distance at 256 places where there
    are more distinct values.
    Effect: the Kolmogorov distance, which is the statistic, with an interval of level 1 - alpha by
    drawing clusters; the minimum detectable effect is that of a test of level `significance`.
    Raises UntestableError below 5 clusters in either, where only one sample has clusters, and for
    values that are not finite. Source: `reference`.
    """
    from scipy.special import ndtri

    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    first, second = (
        checked_sample(x, "x", least=LEAST_CLUSTERS),
        checked_sample(y, "y", least=LEAST_CLUSTERS),
    )
    rows = clustered_rows(first, second, x_clusters, y_clusters, block=block, least=LEAST_CLUSTERS)
    rng = stream(seed, first, second)
    drawn = exchanged(rows, rng, resamples, level, checked_alpha(significance))
    found = merged_statistics(first, second)
    value = found.kolmogorov
    interval = drawn.interval(value, level)
    return TestResult(
        name="ks-clustered",
        statistic=value,
        pvalue=drawn.pvalue,
        effect=Effect(name=KOLMOGOROV_DISTANCE, value=value, interval=interval),
        n=(found.n, found.m),
        method=f"permutation of {rows.what} ({resamples}, seed {seed})",
        reference=CLUSTERED_SOURCE,
        # the null's limit, and at the farthest place an error as large as anywhere
        minimum_detectable_effect=drawn.null_limit
        + float(ndtri(0.8)) * float(drawn.errors.std(axis=0).max()),
        details={
            "clusters of x": int(np.count_nonzero(rows.in_x)),
            "clusters of y": int(np.count_nonzero(~rows.in_x)),
        },
    )


TESTS = (
    StatTest(
        name="ks-clustered",
        purpose="have two samples of clustered, or time-ordered, rows one distribution?",
        assumptions="independent clusters, or dependence that dies out within a block",
        source=CLUSTERED_SOURCE,
        takes=Takes.TWO_SAMPLES,
        run=ks_clustered,
    ),
)
