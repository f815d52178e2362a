"""Intervals for whatever can be computed: by drawing rows, clusters or blocks again.

Bootstrap: Efron 1979, Annals of Statistics 7, 1, percentiles; subsampling of large data: Politis,
Romano 1994, Annals of Statistics 22, 2031.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from headgate.jobs.validation.data.dataset import Floats, Integers
from headgate.jobs.validation.suite.rows.groups import Groups
from headgate.jobs.validation.tests.result import Interval, UntestableError

REPLICATES = 399
MOST_ROWS = 50_000
"""Above it, parts are drawn instead of all: an interval does not get better by such effort."""
_PART = 0.25
_MOST_UNDEFINED = 0.05
_MOST_AT_ONCE = 1 << 18
"""Indices of the draws that are dealt with together: 2 MiB."""


def resampled_interval(
    value: float,
    statistic: Callable[[Integers], Floats],
    groups: Groups,
    *,
    level: float,
    seed: int,
    symmetric: bool = False,
    best: float | None = None,
) -> tuple[Interval, str]:
    """Return the interval of a statistic of rows, and how it was found.

    `statistic` has the values, NaN where there is none, of k draws of rows: (k, n) of indices.
    `symmetric` is for differences, whose tails are alike where there is none: of few rows the
    shorter tail of the draws is too short. As wide as Student's t of so many groups. `best` is for
    a metric that cannot pass it and may be as bad as it likes, as R2 cannot pass 1: its shorter
    tail is taken to be no shorter than on the scale of the logarithm of what lacks to the best.
    Raises UntestableError where more than 5% of the draws give no value.
    """
    n = len(groups.labels)
    generator = np.random.default_rng(seed)
    if n > MOST_ROWS:
        size = max(2, min(int(groups.count * _PART), int(groups.count * MOST_ROWS / n / 2)))
        scale = math.sqrt(size / (groups.count - size))
        draws = _parts(groups, size, generator)
        method = f"subsampling ({REPLICATES} parts of {size} {groups.what})"
    else:
        scale = 1.0
        draws = _again(groups, generator)
        method = f"bootstrap ({REPLICATES} draws of {groups.what})"
    found = np.concatenate([statistic(some) for some in _stacked(draws)])
    known = found[np.isfinite(found)]
    if len(known) < (1 - _MOST_UNDEFINED) * len(found):
        raise UntestableError(
            f"{len(found) - len(known)} of {len(found)} draws of the same {n} rows give no value:"
            " there are too few of some kind"
        )
    deviations = (known - value) * scale
    if symmetric:
        half = float(np.quantile(np.abs(deviations), level)) * _few(groups.count, level)
        return Interval(low=value - half, high=value + half, level=level), method
    low, high = (float(q) for q in np.quantile(deviations, [(1 - level) / 2, (1 + level) / 2]))
    found_interval = Interval(low=value + min(low, 0.0), high=value + max(high, 0.0), level=level)
    if best is None or value >= best or (known >= best).any():
        return found_interval, method
    lacks = np.log((best - known) / (best - value)) * scale
    # of two sums of squares, a mean and a variance each
    half = float(np.quantile(np.abs(lacks), level)) * _few(groups.count, level, lost=4)
    return _wider(found_interval, best, value, half), method


def _wider(interval: Interval, best: float, value: float, half: float) -> Interval:
    """Return an interval that reaches as far as `half` on the logarithm of what lacks to best."""
    return Interval(
        low=min(interval.low, best - (best - value) * math.exp(half)),
        high=max(interval.high, best - (best - value) * math.exp(-half)),
        level=interval.level,
    )


def _few(count: int, level: float, lost: int = 1) -> float:
    """Return by how much t's interval of so many is wider than the draws', which divide by n.

    `lost` counts the means and variances that the statistic estimates besides itself.
    """
    from scipy.special import ndtri, stdtrit

    upper, left = (1 + level) / 2, max(1, count - lost)
    return float(stdtrit(left, upper) / ndtri(upper)) * math.sqrt(count / left)


def _again(groups: Groups, generator: np.random.Generator) -> Iterator[Integers]:
    rows = np.arange(len(groups.labels))
    for _ in range(REPLICATES):
        drawn = generator.integers(0, groups.count, groups.count)
        times = np.bincount(drawn, minlength=groups.count)
        yield np.repeat(rows, times[groups.labels])


def _parts(groups: Groups, size: int, generator: np.random.Generator) -> Iterator[Integers]:
    for _ in range(REPLICATES):
        taken = np.zeros(groups.count, dtype=np.bool_)
        taken[generator.choice(groups.count, size, replace=False, shuffle=False)] = True
        yield np.flatnonzero(taken[groups.labels])


def _stacked(draws: Iterator[Integers]) -> Iterator[Integers]:
    """Put draws of one length that follow each other in one array, of a bounded size."""
    some: list[Integers] = []
    for rows in draws:
        if some and (len(rows) != len(some[0]) or len(rows) * len(some) >= _MOST_AT_ONCE):
            yield np.stack(some)
            some = []
        some.append(rows)
    if some:
        yield np.stack(some)


def widened(interval: Interval, n: int) -> Interval:
    """Return an interval around the perfect 1 that is honest about n rows.

    Where all draws are perfect they say nothing of the errors that n rows may have missed: a share
    of up to 1 - alpha^(1/n) of them is (Clopper, Pearson 1934, Biometrika 26, 404).
    """
    if interval.low < interval.high or interval.high < 1.0 or n < 1:
        return interval
    missed = 1 - ((1 - interval.level) / 2) ** (1 / n)
    return Interval(low=interval.low - missed, high=interval.high, level=interval.level)


def smallest_class(target: Floats) -> int:
    """Count the rows of the rarest class."""
    return int(np.unique(target, return_counts=True)[1].min(initial=len(target)))
