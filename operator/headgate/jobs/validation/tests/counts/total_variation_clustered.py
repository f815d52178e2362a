"""The total variation of categories where rows come in clusters, or in an order of time.

Of categories the Kolmogorov distance depends on the order in which they happen to stand, and is up
to half as many times smaller than the total variation as there are categories.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.variation import TOTAL_VARIATION
from headgate.jobs.validation.tests.result import Effect, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.clusters import (
    CLUSTERED_SOURCE,
    LEAST_CLUSTERS,
    clustered_rows,
    exchanged,
)
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)


def total_variation_clustered(
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
    """Test (n,) x and (m,) y, codes of categories; null: clusters of both are drawn alike.

    `x_clusters`, `y_clusters`, `block`, `significance` and what is raised: as `ks_clustered`. p by
    permutation of clusters. Effect: the total variation distance, which is the statistic, with an
    interval of level 1 - alpha by drawing clusters: it errs in no set of categories by more than
    the errors' own total variation. Source: `reference`.
    """
    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    first, second = (
        checked_sample(values, name, least=LEAST_CLUSTERS) for name, values in (("x", x), ("y", y))
    )
    rows = clustered_rows(
        first, second, x_clusters, y_clusters, block=block, least=LEAST_CLUSTERS, ordered=False
    )
    rng = stream(seed, first, second)
    drawn = exchanged(rows, rng, resamples, level, checked_alpha(significance))
    value = drawn.distance
    return TestResult(
        name="total-variation-clustered",
        statistic=value,
        pvalue=drawn.pvalue,
        effect=Effect(name=TOTAL_VARIATION, value=value, interval=drawn.interval(value, level)),
        n=(len(first), len(second)),
        method=f"permutation of {rows.what} ({resamples}, seed {seed})",
        reference=CLUSTERED_SOURCE,
        minimum_detectable_effect=drawn.null_limit + _deviations(drawn.errors),
        details={
            "categories": int(rows.counts.shape[1]),
            "clusters of x": int(np.count_nonzero(rows.in_x)),
            "clusters of y": int(np.count_nonzero(~rows.in_x)),
        },
    )


def _deviations(errors: Floats) -> float:
    """Return what a power of 80% adds to the null's limit, from (draws, k) errors of shares.

    A set of categories errs by s' e / 2, where s is +1 in it and -1 outside: by a deviation of at
    most sqrt(k) / 2 times the largest in any direction.
    """
    from scipy.special import ndtri

    draws, k = errors.shape
    largest = float(np.linalg.norm(errors - errors.mean(axis=0), 2)) / math.sqrt(draws)
    return float(ndtri(0.8)) * math.sqrt(k) / 2 * largest


TESTS = (
    StatTest(
        name="total-variation-clustered",
        purpose="have categories of clustered, or time-ordered, rows the same shares in two"
        " samples, given as codes?",
        assumptions="independent clusters, or dependence that dies out within a block",
        source=CLUSTERED_SOURCE,
        takes=Takes.TWO_SAMPLES,
        run=total_variation_clustered,
    ),
)
