"""The Kolmogorov-Smirnov statistic where rows come in clusters, or in an order of time.

Rows that belong together carry less than as many rows that do not, so that the plain test's p is
far too small. Whole clusters change their sample here, or blocks of neighbours.
"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.clusters import clustered_rows
from headgate.jobs.validation.tests.two_sample.kolmogorov import KOLMOGOROV_DISTANCE
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_CLUSTERED = (
    "permutation of whole clusters: Good 2005, Permutation, Parametric and Bootstrap Tests, 3rd"
    " ed., ch. 3; blocks: Kunsch 1989, Annals of Statistics 17, 1217; interval: Gine, Zinn 1990,"
    " Annals of Probability 18, 851"
)
_LEAST = 5


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
) -> TestResult:
    """Test (n,) x and (m,) y; null: clusters of both are drawn alike.

    `x_clusters` (n,) and `y_clusters` (m,) name each row's cluster, by numbers or texts; a name in
    both is one cluster, whose two parts swap their samples. Without them, rows are in the order of
    time and blocks of `block` neighbours (0: 3 n^(1/3), for dependence that dies out within a few
    rows) are the clusters. p by permutation of clusters, of the distance at 256 places where there
    are more distinct values.
    Effect: the Kolmogorov distance, which is the statistic, with an interval of level 1 - alpha by
    drawing clusters.
    Raises UntestableError below 5 clusters in either, where only one sample has clusters, and for
    values that are not finite. Source: `reference`.
    """
    from scipy.special import ndtri

    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    first, second = checked_sample(x, "x", least=_LEAST), checked_sample(y, "y", least=_LEAST)
    rows = clustered_rows(first, second, x_clusters, y_clusters, block=block, least=_LEAST)
    rng = stream(seed, first, second)
    null = np.concatenate(list(rows.relabelled(rng, resamples)))
    seen = float(rows.distances(rows.in_x[None, :].astype(np.float64))[0])
    as_large = int(np.count_nonzero(null >= seen * (1 - 1e-9)))
    errors = rows.errors(rng, resamples)
    half = float(np.quantile(np.abs(errors).max(axis=1), level))
    found = merged_statistics(first, second)
    value = found.kolmogorov
    interval = Interval(low=max(0.0, value - half), high=min(1.0, value + half), level=level)
    return TestResult(
        name="ks-clustered",
        statistic=value,
        pvalue=(1 + as_large) / (1 + resamples),
        effect=Effect(name=KOLMOGOROV_DISTANCE, value=value, interval=interval),
        n=(found.n, found.m),
        method=f"permutation of {rows.what} ({resamples}, seed {seed})",
        reference=_CLUSTERED,
        # the null's limit, and at the farthest place an error as large as anywhere
        minimum_detectable_effect=float(np.quantile(null, 0.95))
        + float(ndtri(0.8)) * float(errors.std(axis=0).max()),
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
        source=_CLUSTERED,
        takes=Takes.TWO_SAMPLES,
        run=ks_clustered,
    ),
)
