"""Two samples as clusters of rows: how far apart they are when clusters move as a whole.

A cluster with rows in both samples has two parts, one of each; any other has one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.result import Interval, UntestableError
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.cells import Booleans, Integers, cells_of

CLUSTERED_SOURCE = (
    "permutation of whole clusters: Good 2005, Permutation, Parametric and Bootstrap Tests, 3rd"
    " ed., ch. 3; blocks: Kunsch 1989, Annals of Statistics 17, 1217; interval: Gine, Zinn 1990,"
    " Annals of Probability 18, 851"
)
LEAST_CLUSTERS = 5
_CELLS = 256
_DRAWS = 64


@dataclass(frozen=True, kw_only=True)
class ClusteredRows:
    """Parts of clusters, and how many of a part's values are in each cell."""

    what: str
    """In words, as `blocks of 20 rows`."""
    counts: Any
    """(parts, cells), sparse"""
    in_x: Booleans
    """(parts,) whether the part is of x"""
    cluster: Integers
    """(parts,) from 0"""
    ordered: bool
    """Whether cells have an order, and distribution functions are compared: else their shares."""

    @property
    def shared(self) -> Booleans:
        """(parts,) whether the cluster has another part in the other sample."""
        both: Booleans = np.bincount(self.cluster)[self.cluster] > 1
        return both

    def relabelled(self, rng: np.random.Generator, draws: int) -> Iterator[Floats]:
        """Yield distances, some draws at a time, with clusters' samples changed at random."""
        alone = np.flatnonzero(~self.shared)
        pairs = np.flatnonzero(self.shared & self.in_x)
        others = self._others(pairs)
        weights = self.in_x.astype(np.float64)
        for start in range(0, draws, _DRAWS):
            size = min(_DRAWS, draws - start)
            drawn = np.broadcast_to(weights, (size, len(weights))).copy()
            if len(alone):
                drawn[:, alone] = rng.permuted(drawn[:, alone], axis=1)
            swapped = rng.random((size, len(pairs))) < 0.5  # noqa: PLR2004  (either way)
            drawn[:, pairs], drawn[:, others] = ~swapped, swapped
            yield self.distances(drawn)

    def distances(self, in_x: Floats) -> Floats:
        """Return the (draws,) distances for (draws, parts) labels, 1 for x."""
        return self.sizes(self._function(in_x) - self._function(1 - in_x))

    def sizes(self, apart: Floats) -> Floats:
        """Return the (draws,) distances of (draws, cells) differences of functions, or of shares.

        Kolmogorov's where cells have an order, else the total variation.
        """
        found: Floats = np.abs(apart)
        return found.max(axis=1) if self.ordered else found.sum(axis=1) / 2

    def errors(self, rng: np.random.Generator, draws: int) -> Floats:
        """Return (draws, cells) errors of the difference when clusters are drawn once more."""
        own = [np.broadcast_to(mask.astype(np.float64), (1, len(mask))) for mask in self._sides()]
        apart = self._function(own[0]) - self._function(own[1])
        found = []
        for start in range(0, draws, _DRAWS):
            times = self._drawn(rng, min(_DRAWS, draws - start))
            found.append(self._function(times * own[0]) - self._function(times * own[1]) - apart)
        return np.concatenate(found)

    def _sides(self) -> tuple[Booleans, Booleans]:
        return self.in_x, ~self.in_x

    def _others(self, pairs: Integers) -> Integers:
        """Return the parts in y of the clusters whose parts in x are given."""
        of_cluster = np.empty(int(self.cluster.max()) + 1, dtype=np.int64)
        of_cluster[self.cluster[~self.in_x]] = np.flatnonzero(~self.in_x)
        return of_cluster[self.cluster[pairs]]

    def _drawn(self, rng: np.random.Generator, size: int) -> Floats:
        """Return how often each part is drawn: both parts of a cluster as often."""
        times: Floats = np.zeros((size, len(self.cluster)))
        shared = self.shared
        for parts in (
            np.flatnonzero(~shared & self.in_x),
            np.flatnonzero(~shared & ~self.in_x),
            np.flatnonzero(shared & self.in_x),
        ):
            if len(parts):
                even = np.full(len(parts), 1 / len(parts))
                times[:, parts] = rng.multinomial(len(parts), even, size=size)
        pairs = np.flatnonzero(shared & self.in_x)
        times[:, self._others(pairs)] = times[:, pairs]
        return times

    def _function(self, weights: Floats) -> Floats:
        """Return the (draws, cells) distribution functions, or shares, of weighted parts."""
        weighed: Floats = (self.counts.T @ weights.T).T
        if not self.ordered:
            return weighed / weighed.sum(axis=1, keepdims=True)
        upto = np.cumsum(weighed, axis=1)
        found: Floats = upto / upto[:, -1:]
        return found


@dataclass(frozen=True, kw_only=True)
class Exchanged:
    """What exchanging whole clusters says of the distance that is seen."""

    distance: float
    pvalue: float
    null_limit: float
    """What the distance has to exceed to be significant."""
    errors: Floats
    """(draws, cells) of the difference, clusters drawn with replacement."""
    half: float
    """The interval's, around the distance."""

    def interval(self, value: float, level: float) -> Interval:
        """Return the interval around the distance, of the level that `half` is of."""
        low, high = max(0.0, value - self.half), min(1.0, value + self.half)
        return Interval(low=low, high=high, level=level)


def exchanged(
    rows: ClusteredRows,
    rng: np.random.Generator,
    resamples: int,
    level: float,
    significance: float,
) -> Exchanged:
    """Return what exchanges and draws of whole clusters say, as many as `resamples` of each.

    `level` is the interval's, `significance` the test's whose power is asked for.
    """
    null = np.concatenate(list(rows.relabelled(rng, resamples)))
    seen = float(rows.distances(rows.in_x[None, :].astype(np.float64))[0])
    as_large = int(np.count_nonzero(null >= seen * (1 - 1e-9)))
    errors = rows.errors(rng, resamples)
    return Exchanged(
        distance=seen,
        pvalue=(1 + as_large) / (1 + resamples),
        null_limit=float(np.quantile(null, 1 - significance)),
        errors=errors,
        half=float(np.quantile(rows.sizes(errors), level)),
    )


def clustered_rows(
    x: Floats,
    y: Floats,
    x_clusters: ArrayLike | None,
    y_clusters: ArrayLike | None,
    *,
    block: int,
    least: int,
    ordered: bool = True,
) -> ClusteredRows:
    """Return the rows of (n,) x and (m,) y by named clusters, or by blocks of neighbours.

    Values are numbers, or codes of categories where they are not `ordered`.
    Raises UntestableError where one sample only has clusters, for names of another length, and
    below `least` clusters in either.
    """
    if (x_clusters is None) != (y_clusters is None):
        raise UntestableError("clusters: give x_clusters and y_clusters, or neither")
    if x_clusters is None or y_clusters is None:
        if block < 0:
            raise UntestableError(f"block is {block}; expected 0 (3 n^(1/3)) or a number of rows")
        length = block or math.ceil(3 * min(len(x), len(y)) ** (1 / 3))
        what = f"blocks of {length} rows"
        of_x, of_y = np.arange(len(x)) // length, np.arange(len(y)) // length
        of_y += of_x[-1] + 1
    else:
        what = "clusters"
        of_x, of_y = _named(x_clusters, y_clusters, len(x), len(y))
    for name, of in (("x", of_x), ("y", of_y)):
        number = len(np.unique(of))
        if number < least:
            raise UntestableError(
                f"{name}: {len(of)} rows are {number} {what}; at least {least} are needed"
            )
    return _assembled(x, y, of_x, of_y, what, ordered=ordered)


def _named(
    x_clusters: ArrayLike, y_clusters: ArrayLike, n: int, m: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    given: list[NDArray[Any]] = [np.asarray(names) for names in (x_clusters, y_clusters)]
    for sample, names, rows in zip("xy", given, (n, m), strict=True):
        if names.shape != (rows,):
            raise UntestableError(
                f"{sample}_clusters: shape {names.shape}, but {sample} has {rows} values"
            )
    if any(names.dtype.kind not in "biuf" for names in given):
        given = [names.astype(np.str_) for names in given]
    _, codes = np.unique(np.concatenate(given), return_inverse=True)
    return codes[:n], codes[n:]


def _assembled(
    x: Floats, y: Floats, of_x: NDArray[Any], of_y: NDArray[Any], what: str, *, ordered: bool
) -> ClusteredRows:
    from scipy import sparse

    values = np.concatenate([x, y])
    limits = cells_of(x, y).coarsened(_CELLS).values if ordered else np.unique(values)
    cell = np.searchsorted(limits, values)
    # a part is a cluster and a sample
    key = np.concatenate([2 * of_x, 2 * of_y + 1])
    parts, part = np.unique(key, return_inverse=True)
    counts = sparse.csr_array((np.ones(len(values)), (part, cell)), shape=(len(parts), len(limits)))
    _, cluster = np.unique(parts // 2, return_inverse=True)
    return ClusteredRows(
        what=what,
        counts=counts,
        in_x=parts % 2 == 0,
        cluster=cluster.astype(np.int64),
        ordered=ordered,
    )
