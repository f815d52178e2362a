"""Shares of rows, alone and in pairs, where rows may belong together."""

import math

import numpy as np

from headgate.jobs.validation.data.dataset import Booleans
from headgate.jobs.validation.suite.rows.groups import Groups
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.shares.wilson import wilson_interval


def design_effect(hits: Booleans, groups: Groups) -> float:
    """Return by how much a share's variance exceeds that of independent rows: 1 or more.

    Kish 1965, Survey Sampling, ch. 5. Where no spread is seen, each group counts as one row.
    """
    share = float(hits.mean())
    if groups.plain:
        return 1.0
    if share in (0.0, 1.0) or groups.count < 2:  # noqa: PLR2004  (no spread to be seen)
        return len(hits) / groups.count
    alone = share * (1 - share) / len(hits)
    return min(
        max(1.0, groups.error(hits.astype(np.float64) - share) ** 2 / alone), float(len(hits))
    )


def more_than(share: float, n: float, bound: float) -> float:
    """Return P(X >= share * n) of a binomial of n draws with probability `bound`.

    By the beta's distribution function, which takes broken n too.
    """
    from scipy.special import betainc

    hits = share * n
    return 1.0 if hits <= 0 else float(betainc(hits, n - hits + 1, bound))


def paired_difference(first: Booleans, second: Booleans, level: float) -> Interval:
    """Return Newcombe's interval of the difference of two shares of the same n rows.

    By both Wilson intervals and the correlation of the pairs, its numerator lowered by n / 2 where
    it is positive. Newcombe 1998, Statistics in Medicine 17, 2635, method 10.
    """
    n = len(first)
    p, q = float(first.mean()), float(second.mean())
    both = int(np.count_nonzero(first & second))
    neither = int(np.count_nonzero(~first & ~second))
    only_first = int(np.count_nonzero(first & ~second))
    only_second = n - both - neither - only_first
    margins = p * (1 - p) * q * (1 - q) * float(n) ** 4
    raw = float(both) * neither - float(only_first) * only_second
    lowered = max(raw - n / 2, 0.0) if raw > 0 else raw
    phi = lowered / math.sqrt(margins) if margins > 0 else 0.0
    a, b = wilson_interval(p, n, level), wilson_interval(q, n, level)
    down, up = p - a.low, b.high - q
    below = math.sqrt(max(0.0, down**2 - 2 * phi * down * up + up**2))
    down, up = q - b.low, a.high - p
    above = math.sqrt(max(0.0, down**2 - 2 * phi * down * up + up**2))
    return Interval(low=p - q - below, high=p - q + above, level=level)
