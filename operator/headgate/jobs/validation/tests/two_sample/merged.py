"""The fast path: one merge of two sorted samples that feeds six two-sample statistics.

Each is a sum, or a maximum, over the pooled values in order, of what the distribution functions F
of x and G of y are there. Blocks small enough for the processor's cache are read once for all.

Sources: Kolmogorov-Smirnov: Hodges 1958, Arkiv foer Matematik 3, 469. Anderson-Darling: Scholz,
Stephens 1987, JASA 82, 918 (midranks, eq. 7). Cramer-von Mises: Anderson 1962, Annals of
Mathematical Statistics 33, 1148. Mann-Whitney: 1947, same annals 18, 50. Wasserstein: Vallender
1974, Theory of Probability 18, 784. Energy: Szekely, Rizzo 2013, J. Stat. Planning and Inference
143, 1249.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.sample import Floats, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Booleans, merge
from headgate.jobs.validation.tests.two_sample.kolmogorov import kolmogorov_tail
from headgate.jobs.validation.tests.two_sample.limits import (
    ANDERSON_DEVIATION,
    anderson_darling_tail,
    cramer_von_mises_tail,
)

_BLOCK = 1 << 15
_LARGE = 1e150
"""Squares of values beyond overflow."""


@dataclass(frozen=True, kw_only=True)
class MergedStatistics:
    """Six statistics of n values of x and m of y, as scipy defines them, and p by their limits.

    The limits are right for samples of some twenty values and more, without ties to speak of
    (`tie_share` below 1e-4); the tests of the same names know the other cases.
    """

    n: int
    m: int
    kolmogorov: float
    """max |F - G|"""
    kolmogorov_sign: int
    """1 where F is above G there: x tends to be smaller; else -1."""
    anderson_darling: float
    """Standardised, as scipy's and Scholz and Stephens' T."""
    cramer_von_mises: float
    mann_whitney: float
    """U of x: pairs in which x is larger, ties half."""
    wasserstein: float
    """In the values' unit."""
    energy: float
    """The distance, in the root of the values' unit: sqrt(2 int (F - G)^2)."""
    tie_share: float
    """sum(t^3 - t) / (N^3 - N)"""

    @property
    def superiority(self) -> float:
        """Return P(x < y) + P(x = y) / 2."""
        return 1 - self.mann_whitney / (self.n * self.m)

    @property
    def kolmogorov_pvalue(self) -> float:
        """Return the asymptotic p; conservative with ties."""
        return kolmogorov_tail(self.kolmogorov, self.n, self.m)

    @property
    def anderson_darling_pvalue(self) -> float:
        """Return the asymptotic p: no table, no clamp."""
        return anderson_darling_tail(1 + ANDERSON_DEVIATION * self.anderson_darling)

    @property
    def cramer_von_mises_pvalue(self) -> float:
        """Return the asymptotic p, by the limit with the statistic's own mean and variance."""
        n, m, total = self.n, self.m, self.n + self.m
        mean = (1 + 1 / total) / 6
        spread = 4 * m * n * total - 3 * (m**2 + n**2) - 2 * m * n
        variance = (total + 1) * spread / (45 * total**2 * 4 * m * n)
        return cramer_von_mises_tail(
            1 / 6 + (self.cramer_von_mises - mean) / math.sqrt(45 * variance)
        )

    @property
    def mann_whitney_pvalue(self) -> float:
        """Return the normal's two-sided p, corrected for ties and continuity."""
        from scipy.special import ndtr

        total = self.n + self.m
        variance = self.n * self.m / 12 * (total + 1) * (1 - self.tie_share)
        if variance <= 0:
            return 1.0
        off = abs(self.mann_whitney - self.n * self.m / 2) - 0.5
        return min(1.0, 2 * float(ndtr(-off / math.sqrt(variance))))


def merged_statistics(x: ArrayLike, y: ArrayLike) -> MergedStatistics:
    """Return all six statistics of (n,) x and (m,) y.

    Raises UntestableError for an empty sample and for values that are not finite.
    """
    return merged_statistics_of_sorted(
        np.sort(checked_sample(x, "x", least=1)), np.sort(checked_sample(y, "y", least=1))
    )


def merged_statistics_of_sorted(x: Floats, y: Floats) -> MergedStatistics:
    """Return the same of finite values that are in order already, which is not checked."""
    n, m = len(x), len(y)
    values, from_x = merge(x, y)
    largest = float(max(abs(values[0]), abs(values[-1])))
    unit = largest if largest > _LARGE else 1.0
    if unit > 1:
        values /= unit
    sums = _Sums(n=n, m=m)
    if values[0] == values[-1]:  # one group: nothing differs, and no rank has a variance
        return _of_constants(n, m)
    for block in _blocks(values, from_x, n=n, m=m):
        sums.add(block)
    pairs = n * m
    return MergedStatistics(
        n=n,
        m=m,
        kolmogorov=max(sums.highest, -sums.lowest) / pairs,
        kolmogorov_sign=1 if sums.highest >= -sums.lowest else -1,
        anderson_darling=_standardised(sums.anderson, n, m),
        cramer_von_mises=sums.cramer(),
        mann_whitney=round(2 * sums.larger) / 2,  # the exact number of pairs
        wasserstein=sums.wasserstein / pairs * unit,
        energy=math.sqrt(2 * sums.energy * unit) / pairs,
        tie_share=sums.ties / (float(n + m) ** 3 - (n + m)),
    )


def _of_constants(n: int, m: int) -> MergedStatistics:
    return MergedStatistics(
        n=n,
        m=m,
        kolmogorov=0.0,
        kolmogorov_sign=1,
        anderson_darling=-1 / ANDERSON_DEVIATION,
        cramer_von_mises=0.0,
        mann_whitney=n * m / 2,
        wasserstein=0.0,
        energy=0.0,
        tie_share=1.0,
    )


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Some groups of equal values, in order; those before hold `rows` values."""

    rows: int
    of_x: Floats
    """(groups,) values of x"""
    sizes: Floats | float
    """(groups,) values of both, or 1.0 where no group has more."""
    ends: Floats
    """(groups,) n m (F - G) at the group, an exact whole number"""
    steps: Floats
    """(groups,) what the group adds to it"""
    widths: Floats
    """(groups,) from each group's value to the next one's"""


def _blocks(values: Floats, from_x: Booleans, *, n: int, m: int) -> Iterator[_Block]:
    total, start, before = len(values), 0, 0.0
    while start < total:
        stop = min(total, start + _BLOCK)
        if stop < total and values[stop] == values[stop - 1]:  # a group is not cut
            stop = int(np.searchsorted(values, values[stop - 1], side="right"))
        widths = np.diff(values[start : stop + 1])
        if stop == total:
            widths = np.append(widths, 1.0)  # behind the last value F = G
        of_x = from_x[start:stop].astype(np.float64)
        last = np.flatnonzero(widths)
        sizes: Floats | float = 1.0
        if len(last) < len(widths):
            first = np.concatenate([[0], last[:-1] + 1])
            of_x = np.add.reduceat(of_x, first)
            sizes = (last - first + 1).astype(np.float64)
            widths = widths[last]
        steps = of_x * (n + m) - n * sizes
        ends = np.cumsum(steps)
        ends += before
        yield _Block(rows=start, of_x=of_x, sizes=sizes, ends=ends, steps=steps, widths=widths)
        before, start = float(ends[-1]), stop


class _Sums:
    """What the blocks add up to; differences of F and G in units of 1 / (n m)."""

    def __init__(self, *, n: int, m: int) -> None:
        self.n, self.m = n, m
        self.highest = self.lowest = 0.0
        self.anderson = self.squares = self.rest = self.larger = 0.0
        self.wasserstein = self.energy = self.ties = 0.0

    def add(self, block: _Block) -> None:
        """Add a block."""
        total = self.n + self.m
        ends, sizes, of_x = block.ends, block.sizes, block.of_x
        self.highest = max(self.highest, float(ends.max()))
        self.lowest = min(self.lowest, float(ends.min()))
        self.wasserstein += float(np.abs(ends) @ block.widths)
        self.energy += float((ends * block.widths) @ ends)
        at_midranks = ends - 0.5 * block.steps
        squares = at_midranks**2
        if isinstance(sizes, float):
            ranks = np.arange(block.rows + 0.5, block.rows + len(ends))
        else:
            ranks = block.rows + np.cumsum(sizes) - 0.5 * sizes
        room = ranks * (total - ranks) - 0.25 * total * sizes
        self.anderson += float((squares * sizes / room).sum())
        # y's up to a midrank: all values less those of x, which N x - n rank = n m (F - G) has
        self.larger += float(of_x @ (self.m * ranks - at_midranks)) / total
        self.squares += float(squares @ (of_x * (self.m - self.n) + self.n * sizes))
        if isinstance(sizes, float):
            in_x = float(of_x.sum())
            self.rest += in_x * self._rest(1.0, 0.0)
            self.rest += (len(of_x) - in_x) * self._rest(0.0, 1.0)
        else:
            self.ties += float((sizes**3 - sizes).sum())
            self.rest += float(np.sum(self._rest(of_x, sizes - of_x)))

    def _rest[Amount: (float, Floats)](self, a: Amount, b: Amount) -> Amount:
        """Return what a group of a and b values adds to Cramer-von Mises' T besides squares.

        T of midranks is a difference of numbers that are N times as large. Summation by parts over
        the groups' shares p = a / n and q = b / m leaves only terms as small as T itself.
        """
        p, q = a / self.n, b / self.m
        return (
            (p**3 + q**3) / 24
            - p * q * (p + q) / 8
            + (p * (a**2 - 1) / self.m**2 + q * (b**2 - 1) / self.n**2) / 12
        )

    def cramer(self) -> float:
        """Return Cramer-von Mises' T."""
        pairs = float(self.n * self.m)
        return (self.squares / pairs / pairs / 2 + self.rest * pairs + 1 / 6) / (self.n + self.m)


def _standardised(raw: float, n: int, m: int) -> float:
    """Return Scholz and Stephens' T of sum l (n m (F - G))^2 / (B (N - B) - N l / 4)."""
    total = n + m
    if total < 4:  # noqa: PLR2004  (the variance has a factor N - 3)
        return 0.0
    # N M - B n of x is that of y with the other sign, and either is n m (F - G)
    statistic = raw * (1 / n + 1 / m) / total * (total - 1) / total
    return (statistic - 1) / anderson_deviation(total, 1 / n + 1 / m, 2)


@lru_cache(maxsize=256)  # columns of a file have the same numbers of rows
def anderson_deviation(total: int, inverses: float, k: int) -> float:
    """Return the standard deviation of the k-sample statistic of `total` values under the null.

    `inverses` is the sum of 1 / size over the samples. Source: Scholz, Stephens 1987, eq. 4.
    """
    harmonic = np.cumsum(1 / np.arange(total - 1.0, 1, -1))
    h = float(harmonic[-1]) + 1
    g = float((harmonic / np.arange(2.0, total)).sum())
    a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverses
    b = (2 * g - 4) * k**2 + 8 * h * k + (2 * g - 14 * h - 4) * inverses - 8 * h + 4 * g - 6
    c = (6 * h + 2 * g - 2) * k**2 + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverses + 4 * h
    d = (2 * h + 6) * k**2 - 4 * h * k
    size = float(total)
    variance = ((a * size + b) * size + c) * size + d
    return math.sqrt(variance / ((size - 1) * (size - 2) * (size - 3)))
