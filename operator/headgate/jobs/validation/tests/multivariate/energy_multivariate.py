"""Szekely and Rizzo's energy test for rows, of two samples or of several."""

import math
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.multivariate.pair_sums import (
    squared_distances,
    upper_pvalue,
)
from headgate.jobs.validation.tests.multivariate.rows import Rows, groups, two_samples
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_SZEKELY = "Szekely, Rizzo 2004, InterStat 11(5); 2013, J. Stat. Planning and Inference 143, 1249"
_INTERVAL = "interval: Gine, Zinn 1990, Annals of Probability 18, 851"


def energy_multivariate(
    x: ArrayLike,
    y: ArrayLike,
    *,
    standardise: bool = False,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Test (n, d) x and (m, d) y; null: both have one distribution, jointly.

    With (n,) y next to rows x (n, d), y names each row's group, by numbers or texts. Where x has
    one column, as (n,) or (n, 1), samples are (m,) or (m, 1) alike, and groups are texts.
    Statistic: sum over pairs of samples of n m / (n + m) (2 E|a - b| - E|a - a'| - E|b - b'|), as
    R's energy::eqdist.etest. `standardise` divides columns by their pooled deviations first. p by
    permutation.
    Effect: the largest coefficient of inhomogeneity of a pair, the same in brackets over
    2 E|a - b|, from 0 to 1; for two samples with an interval of level 1 - alpha.
    Raises UntestableError below 2 rows in any, for different columns, and for values that are not
    finite. Source: `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    if _names_groups(x, y):
        rows = groups(x, y, least=2, standardise=standardise)
    else:
        rows = two_samples(x, y, least=2, standardise=standardise)
    largest = float(np.abs(rows.values).max()) or 1.0
    sums = _sums_of(rows, _labellings(rows, resamples, seed))
    statistics: Floats = np.zeros(resamples + 1)
    coefficients = []
    for a, b in combinations(range(len(rows.sizes)), 2):
        n, m = rows.sizes[a], rows.sizes[b]
        across = 2 * sums[a, b] / (n * m)
        apart = across - sums[a, a] / n**2 - sums[b, b] / m**2
        statistics += n * m / (n + m) * apart
        # rounding errors of rows that are all equal are no distance
        tiny = across[0] <= 1e-12 * largest
        coefficients.append(0.0 if tiny else min(1.0, max(0.0, float(apart[0] / across[0]))))
    interval = None
    if len(rows.sizes) == 2:  # noqa: PLR2004  (the largest of many has no such interval)
        interval = _interval(
            rows, float(2 * sums[0, 1][0]), coefficients[0], resamples, seed, alpha
        )
    return TestResult(
        name="energy-multivariate",
        statistic=float(statistics[0]),
        pvalue=upper_pvalue(statistics),
        effect=Effect(
            name="energy coefficient of inhomogeneity",
            value=max(coefficients),
            interval=interval,
        ),
        n=rows.sizes,
        method=f"permutation ({resamples}, seed {seed})",
        reference=_SZEKELY if interval is None else f"{_SZEKELY}; {_INTERVAL}",
        details={} if interval else {"groups": ", ".join(rows.names[:20])},
    )


def _names_groups(x: ArrayLike, y: ArrayLike) -> bool:
    rows, other = np.asarray(x), np.asarray(y)
    if other.ndim != 1:
        return False
    wide = rows.ndim == 2 and rows.shape[1] > 1  # noqa: PLR2004  (a matrix)
    return wide or other.dtype.kind in "USO"


def _labellings(rows: Rows, resamples: int, seed: int) -> Floats:
    """Return (groups, rows, 1 + resamples) indicators: the labels as they are, and permuted."""
    rng = stream(seed, rows.values, rows.labels)
    drawn = np.tile(rows.labels.astype(np.int16)[:, None], (1, resamples + 1))
    drawn[:, 1:] = rng.permuted(drawn[:, 1:], axis=0)
    # the last group's is what the others leave
    return np.stack([(drawn == group).astype(np.float64) for group in range(len(rows.names) - 1)])


def _sums_of(rows: Rows, of_group: Floats) -> dict[tuple[int, int], Floats]:
    """Return sums of distances over pairs of rows of groups a and b, a <= b, per labelling."""
    last = len(of_group)
    draws = of_group.shape[2]
    inside = {pair: np.zeros(draws) for pair in _pairs(last)}
    row_sums = np.empty(len(rows.values))
    for block, squared in squared_distances(rows.values):
        distances = np.sqrt(squared, out=squared)
        row_sums[block] = distances.sum(axis=1)
        for b in range(last):
            towards = distances @ of_group[b]
            for a in range(b + 1):
                inside[a, b] += np.einsum("ij,ij->j", of_group[a][block], towards)
    to_all = [row_sums @ one for one in of_group]
    for a in range(last):
        others = sum(inside[min(a, b), max(a, b)] for b in range(last))
        inside[a, last] = to_all[a] - others
    rest = sum(inside[a, last] for a in range(last))
    inside[last, last] = float(row_sums.sum()) - sum(to_all) - rest
    return inside


def _pairs(number: int) -> list[tuple[int, int]]:
    return [(a, b) for b in range(number) for a in range(b + 1)]


def _interval(
    rows: Rows, across: float, value: float, resamples: int, seed: int, alpha: float
) -> Interval:
    """Return the interval of two samples' coefficient, of which `across` has 2 n m E|a - b|.

    The energy distance is a norm of the difference of distributions, so that it errs by the norm of
    the errors at most, which rows drawn with replacement imitate.
    """
    n, m = rows.sizes
    typical = across / (n * m)
    if typical <= 0:  # all rows are equal
        return Interval(low=0.0, high=0.0, level=1 - alpha)
    rng = np.random.default_rng([seed, 1])  # not the permutations' stream
    weights: Floats = np.empty((len(rows.values), resamples))
    for group, sign in ((0, 1.0), (1, -1.0)):
        of = np.flatnonzero(rows.labels == group)
        even = np.full(len(of), 1 / len(of))
        weights[of] = sign * (
            rng.multinomial(len(of), even, size=resamples).T / len(of) - 1 / len(of)
        )
    squared = np.zeros(resamples)
    for block, distances in squared_distances(rows.values):
        np.sqrt(distances, out=distances)
        squared -= np.einsum("ij,ij->j", weights[block], distances @ weights)
    error = math.sqrt(max(0.0, float(np.quantile(squared, 1 - alpha))) / typical)
    root = math.sqrt(value)
    return Interval(
        low=max(0.0, root - error) ** 2, high=min(1.0, (root + error) ** 2), level=1 - alpha
    )


TESTS = (
    StatTest(
        name="energy-multivariate",
        purpose="have samples of rows one joint distribution? (distances of rows)",
        assumptions="independent rows; columns on one scale, or standardise=true",
        source=_SZEKELY,
        takes=Takes.MATRICES,
        run=energy_multivariate,
    ),
)
