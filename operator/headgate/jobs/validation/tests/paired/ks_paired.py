"""The Kolmogorov distance between the two members of pairs, which sees any difference of the two.

Wilcoxon's ranks and Student's t see members that are larger or smaller than their partners; of
members that are spread farther, they see nothing, however many pairs there are.
"""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.paired.margins import MARGINS_SOURCE, error_of_pairs
from headgate.jobs.validation.tests.paired.pairs import checked_pairs
from headgate.jobs.validation.tests.paired.swaps import turned_pvalue
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.kolmogorov import KOLMOGOROV_DISTANCE
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_PAIRED = (
    "Fisher 1935, The Design of Experiments, ch. 21 (members of pairs change places); Hollander"
    " 1971, Annals of the Institute of Statistical Mathematics 23, 437"
)
_POWER = 0.8
_PLACES = 128
"""Where distributions are compared for p; the distance itself is that of all values."""


def ks_paired(
    x: ArrayLike,
    y: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
    significance: float = 0.05,
) -> TestResult:
    """Test (n,) x and (n,) y, row by row; null: it does not matter which member is which.

    Statistic and effect: the largest difference between the shares of x and of y at or below any
    value, with an interval of level 1 - alpha by pairs; the minimum detectable effect is that of a
    test of level `significance`. p by members that change places, of the
    distance at 128 places where there are more distinct values. Raises UntestableError for fewer
    than 2 pairs, and where the members of all are equal.
    """
    level = 1 - checked_alpha(alpha)
    checked_resamples(resamples)
    first, second = checked_pairs(x, y, least=2)
    if (first == second).all():
        raise UntestableError(f"the members of all {len(first)} pairs are equal: none differs")
    n, miss = len(first), (1 - level) / 2
    value, between = _farthest(first, second)
    rng = stream(seed, first, second)
    pvalue, null = turned_pvalue(_table(first, second), _distance, resamples=resamples, rng=rng)
    interval = Interval(
        # errors are no larger than where it does not matter which member is which: Anderson 1955
        low=max(0.0, value - float(np.quantile(null, 1 - miss)) / n),
        high=min(1.0, value + error_of_pairs(between, n, miss)),
        level=level,
    )
    seen = float(np.quantile(null, 1 - checked_alpha(significance))) / n
    return TestResult(
        name="ks-paired",
        statistic=value,
        pvalue=pvalue,
        effect=Effect(name=KOLMOGOROV_DISTANCE, value=value, interval=interval),
        n=(n,),
        method=f"permutation within pairs ({resamples}, seed {seed})",
        reference=f"{_PAIRED}; {MARGINS_SOURCE}",
        # the null's limit, and at the farthest place an error as large as anywhere
        minimum_detectable_effect=seen + error_of_pairs(between, n, 1 - _POWER),
        details={
            "pairs that differ": int(np.count_nonzero(first != second)),
            "most pairs on two sides of one value": between,
        },
    )


def _farthest(first: Floats, second: Floats) -> tuple[float, int]:
    """Return the Kolmogorov distance, and how many pairs are on two sides of a value at most."""
    n = len(first)
    values, places = np.unique(np.concatenate([first, second]), return_inverse=True)
    sides = places[:n], places[n:]
    apart, across = (
        np.bincount(ups, minlength=len(values)) - np.bincount(downs, minlength=len(values))
        for ups, downs in (sides, (np.minimum(*sides), np.maximum(*sides)))
    )
    return float(np.abs(np.cumsum(apart)).max()) / n, int(np.cumsum(across).max())


def _table(first: Floats, second: Floats) -> Counts:
    """Return pairs by the cells that their members are in: (k, k), in the order of values."""
    values = np.unique(np.concatenate([first, second]))
    if len(values) > _PLACES:
        pooled = np.sort(np.concatenate([first, second]))
        edges = pooled[(np.arange(1, _PLACES) * len(pooled)) // _PLACES]
        values = np.append(np.unique(edges), np.inf)
    cells = [np.searchsorted(values, part) for part in (first, second)]
    k = len(values)
    table: Counts = np.bincount(cells[0] * k + cells[1], minlength=k * k).reshape(k, k)
    return table


def _distance(apart: Floats) -> Floats:
    largest: Floats = np.abs(np.cumsum(apart, axis=1)).max(axis=1)
    return largest


TESTS = (
    StatTest(
        name="ks-paired",
        purpose="have the two members of pairs one distribution? (any difference)",
        assumptions="independent pairs; under the null their members may change places",
        source=_PAIRED,
        takes=Takes.PAIRS,
        run=ks_paired,
    ),
)
