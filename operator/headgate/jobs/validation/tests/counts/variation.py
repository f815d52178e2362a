"""Total variation as the size of a drift between categories: interval, what n shows, needed n."""

import math

import numpy as np

from headgate.jobs.validation.tests.counts.table import Counts
from headgate.jobs.validation.tests.result import Effect, Interval, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha
from headgate.jobs.validation.tests.two_sample.kolmogorov import error_of_shares
from headgate.jobs.validation.tests.two_sample.noncentral import noncentrality_shown

TOTAL_VARIATION = "total variation distance"
VARIATION_SOURCE = (
    "interval: McDiarmid 1989, Surveys in Combinatorics, 148; Hoeffding 1963, JASA 58, 13; for 2 x"
    " 2: Newcombe 1998, Statistics in Medicine 17, 873 (method 10)"
)


def total_variation_of(tables: Floats) -> Floats:
    """Return half of sum |p - q| for (..., 2, k) counts, whose rows are the two samples."""
    shares = tables / tables.sum(axis=-1, keepdims=True)
    found: Floats = np.abs(shares[..., 0, :] - shares[..., 1, :]).sum(axis=-1) / 2
    return found


def total_variation_effect(table: Counts, alpha: float) -> Effect:
    """Return the total variation distance of a (2, k) table's rows with its interval."""
    value = float(total_variation_of(table.astype(np.float64)))
    interval = total_variation_interval(table, 1 - checked_alpha(alpha))
    return Effect(name=TOTAL_VARIATION, value=value, interval=interval)


def total_variation_interval(table: Counts, level: float = 0.95) -> Interval:
    """Return an interval for the distance of two samples' (2, k) true shares.

    For two categories that of the difference of shares (Newcombe), without its sign. For more, the
    upper bound: in the set of categories in which the truth is farthest apart, the samples differ
    by the distance seen at most, and err as a difference of two shares does. The lower bound: the
    distance seen is at most the truth plus half the errors' sum, its mean and McDiarmid's bound.
    Source: `VARIATION_SOURCE`.
    """
    if table.shape[1] == 2:  # noqa: PLR2004  (shares of one category say it all)
        low, high = _newcombe(table, level)
        return Interval(low=low, high=high, level=level)
    counts = table.astype(np.float64)
    n, m = (float(rows) for rows in counts.sum(axis=1))
    value, miss = float(total_variation_of(counts)), (1 - level) / 2
    shares = counts / counts.sum(axis=1, keepdims=True)
    spread = shares * (1 - shares) / np.array([[n], [m]])
    mean = math.sqrt(2 / math.pi) * float(np.sqrt(spread.sum(axis=0)).sum()) / 2
    largest = mean + math.sqrt(math.log(1 / miss) / 2 * (1 / n + 1 / m))
    high = value + error_of_shares(int(n), int(m), miss)
    return Interval(low=max(0.0, value - largest), high=min(1.0, high), level=level)


def total_variation_detectable(
    n: int, m: int, k: int, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the distance that chi2 on k categories sees with this power, however it is spread.

    Of all differences with one distance, that has the least noncentrality which is in proportion to
    the shares: 4 distance^2 n m / (n + m), by Cauchy and Schwarz. Raises UntestableError below 2
    categories. Source: Cohen 1988, Statistical Power Analysis, 2nd ed., ch. 7.
    """
    _check_categories(k)
    return math.sqrt(noncentrality_shown(k - 1, alpha, power) * (1 / n + 1 / m)) / 2


def total_variation_needed_n(
    effect: float, k: int, alpha: float = 0.05, power: float = 0.8, *, ratio: float = 1.0
) -> int:
    """Return the least n at which n and ceil(ratio n) values see this distance.

    Raises UntestableError for an effect outside of 0 (excluded) and 1, and as
    `total_variation_detectable`, whose source it has.
    """
    _check_categories(k)
    if not 0 < effect <= 1:
        raise UntestableError(f"effect is {effect:g}; it has to be above 0 and at most 1")
    needed = noncentrality_shown(k - 1, alpha, power) / (4 * effect**2)
    return math.ceil(needed * (1 + 1 / ratio))


def _check_categories(k: int) -> None:
    if k < 2:  # noqa: PLR2004  (one category has no shares)
        raise UntestableError(f"{k} categories; at least 2 are needed")


def _newcombe(table: Counts, level: float) -> tuple[float, float]:
    """Return the interval of |p - q| by both shares' score intervals."""
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    bounds = [_wilson(int(row[0]), int(row.sum()), z) for row in table]
    (p, low_p, high_p), (q, low_q, high_q) = bounds
    low = p - q - math.hypot(p - low_p, high_q - q)
    high = p - q + math.hypot(high_p - p, q - low_q)
    if low <= 0 <= high:
        return 0.0, min(1.0, max(-low, high))
    return min(abs(low), abs(high)), min(1.0, max(abs(low), abs(high)))


def _wilson(count: int, n: int, z: float) -> tuple[float, float, float]:
    p = count / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return p, max(0.0, middle - half), min(1.0, middle + half)
