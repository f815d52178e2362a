"""Anderson and Darling's test for two samples and for several: differences in the tails count."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import MOST_CELLS, Integers, cells_of
from headgate.jobs.validation.tests.two_sample.distance_effect import distance_effect, limit_holds
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    INTERVAL_SOURCE,
    KOLMOGOROV_DISTANCE,
)
from headgate.jobs.validation.tests.two_sample.merged import anderson_deviation, merged_statistics
from headgate.jobs.validation.tests.two_sample.midranks import anderson_statistic, anderson_weights
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    relabelled_pvalue,
    stream,
)

_SCHOLZ = "Scholz, Stephens 1987, JASA 82, 918"
_LIMIT = "limit: Pettitt 1976, Biometrika 63, 161"


def anderson_darling(
    x: ArrayLike, y: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0, alpha: float = 0.05
) -> TestResult:
    """Test (n,) x and (m,) y; null: both have one distribution.

    Statistic: the standardised one with midranks. p is the limit's from 50 values each without ties
    to speak of (computed: neither a table nor clamped), else by permutation.
    Effect: the Kolmogorov distance with an interval of level 1 - alpha.
    Raises UntestableError below 2 values in either, for values that are not finite, and where all
    are equal. Source: `reference`.
    """
    first, second = checked_sample(x, "x", least=2), checked_sample(y, "y", least=2)
    found = merged_statistics(first, second)
    if found.tie_share == 1:
        raise UntestableError(f"x and y: all values are {first[0]:g}; nothing can differ")
    if limit_holds(found):
        pvalue, method = found.anderson_darling_pvalue, "asymptotic"
    else:
        cells = cells_of(first, second).coarsened()
        statistic = anderson_statistic(cells.pooled, found.n)
        pvalue = relabelled_pvalue(
            cells.pooled, cells.of_x, statistic, resamples=resamples, seed=seed
        )
        method = f"permutation ({resamples}, seed {seed})"
    return TestResult(
        name="anderson-darling",
        statistic=found.anderson_darling,
        pvalue=pvalue,
        effect=distance_effect(found, alpha),
        n=(found.n, found.m),
        method=method,
        reference=f"{_SCHOLZ}; {_LIMIT}; {INTERVAL_SOURCE}",
    )


def anderson_darling_k(
    x: ArrayLike,
    y: ArrayLike,
    *,
    midrank: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> TestResult:
    """Test values (n,) x of the groups (n,) y; null: all groups have one distribution.

    Statistic: the standardised one, with midranks (eq. 7) or by right-continuous functions (eq. 6,
    `midrank` false); p by permutation. Effect: the largest Kolmogorov distance of two groups.
    Raises UntestableError below two groups, for groups of one, for values that are not finite, and
    where all are equal. Source: `reference`.
    """
    checked_resamples(resamples)
    values, labels, names = _grouped(x, y)
    distinct, cell = np.unique(values, return_inverse=True)
    if len(distinct) == 1:
        raise UntestableError(f"values: all are {values[0]:g}; nothing can differ")
    k, sizes = len(names), np.bincount(labels)
    counts = _table(cell, labels, k)
    statistic = _raw(counts, sizes, midrank=midrank)
    deviation = anderson_deviation(len(values), float((1 / sizes).sum()), k)
    if len(distinct) > MOST_CELLS:
        cell = cell * MOST_CELLS // len(distinct)
    drawn, rng, as_large = labels.copy(), stream(seed, values, labels), 0
    seen = _raw(_table(cell, labels, k), sizes, midrank=midrank) * (1 - 1e-9)
    for _ in range(resamples):
        rng.shuffle(drawn)
        as_large += _raw(_table(cell, drawn, k), sizes, midrank=midrank) >= seen
    return TestResult(
        name="anderson-darling-k",
        statistic=(statistic - (k - 1)) / deviation,
        pvalue=(1 + as_large) / (1 + resamples),
        effect=Effect(name=f"largest {KOLMOGOROV_DISTANCE}", value=_farthest(counts, sizes)),
        n=tuple(int(size) for size in sizes),
        method=f"permutation ({resamples}, seed {seed})",
        reference=_SCHOLZ,
        details={"groups": ", ".join(names[:20])},
    )


def _grouped(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Integers, Sequence[str]]:
    values = checked_sample(x, "values", least=4)
    given: NDArray[Any] = np.asarray(y)
    if given.shape != values.shape:
        raise UntestableError(f"groups: shape {given.shape}, but there are {len(values)} values")
    names, labels = np.unique(given.astype(np.str_), return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004  (there is nothing to compare one group with)
        raise UntestableError(f"groups: all values are in group {names[0]!s}; two are needed")
    sizes = np.bincount(labels)
    if sizes.min() < 2:  # noqa: PLR2004  (one value is no distribution)
        small = names[int(sizes.argmin())]
        raise UntestableError(f"group {small!s}: has one value; at least 2 are needed")
    return values, labels.astype(np.int64), [str(name) for name in names]


def _table(cell: NDArray[Any], labels: Integers, k: int) -> Floats:
    """Return (k, cells) counts."""
    cells = int(cell.max()) + 1
    counts = np.bincount(labels * cells + cell, minlength=k * cells)
    return counts.reshape(k, cells).astype(np.float64)


def _raw(counts: Floats, sizes: Integers, *, midrank: bool) -> float:
    """Return A^2 of eq. 7, or of eq. 6, of a (k, cells) table."""
    pooled = counts.sum(axis=0)
    total = float(pooled.sum())
    if midrank:
        weights = anderson_weights(pooled.astype(np.int64)) * (total - 1) / total**2
        upto, below = pooled, counts
        ranks, own = np.cumsum(upto) - upto / 2, np.cumsum(below, axis=1) - below / 2
    else:
        ranks, own = np.cumsum(pooled)[:-1], np.cumsum(counts, axis=1)[:, :-1]
        weights = pooled[:-1] / (ranks * (total - ranks)) / total
    squares = (total * own - ranks * sizes[:, None]) ** 2
    return float((squares @ weights / sizes).sum())


def _farthest(counts: Floats, sizes: Integers) -> float:
    shares = np.cumsum(counts, axis=1) / sizes[:, None]
    return float(max(np.abs(shares - one).max() for one in shares))


TESTS = (
    StatTest(
        name="anderson-darling",
        purpose="have two samples one distribution? (tails count as much as the middle)",
        assumptions="independent values; ties allowed",
        source=_SCHOLZ,
        takes=Takes.TWO_SAMPLES,
        run=anderson_darling,
    ),
    StatTest(
        name="anderson-darling-k",
        purpose="have several samples one distribution? (tails count as much as the middle)",
        assumptions="independent values; ties allowed",
        source=_SCHOLZ,
        takes=Takes.GROUPS,
        run=anderson_darling_k,
    ),
)
