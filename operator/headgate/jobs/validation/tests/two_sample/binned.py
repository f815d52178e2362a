"""Distances of binned samples: Jensen-Shannon's and the population stability index."""

import numpy as np
from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.cells import Cells, Integers, cells_of
from headgate.jobs.validation.tests.two_sample.noncentral import (
    NONCENTRAL_SOURCE,
    noncentrality_interval,
    noncentrality_shown,
)
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    relabelled_pvalue,
)
from headgate.jobs.validation.tests.two_sample.resampled import RESAMPLED_SOURCE

_JENSEN = "Lin 1991, IEEE Trans. Information Theory 37, 145; Endres, Schindelin 2003, same 49, 1858"
_PSI = (
    "Siddiqi 2006, Credit Risk Scorecards; null: Yurdakul, Naranjo 2020, J. Risk Model Validation"
    " 14(4), 89"
)
_EXPECTED = 100
"""Values per bin from which chi2 is right for the index."""


def jensen_shannon(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bins: int = 10,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Jensen and Shannon's distance of (n,) x and (m,) y in bins; null: one distribution.

    Statistic and effect: the distance (root of the divergence to base 2, 0 to 1) of the shares in
    `bins` bins with equal parts of the pooled values, fewer where values are tied; with an interval
    of level 1 - alpha; p by permutation.
    Raises UntestableError below 2 values in either, for values that are not finite, and below 2
    bins. Source: `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    _check_bins(bins)
    cells = cells_of(checked_sample(x, "x", least=2), checked_sample(y, "y", least=2))
    cells = cells.coarsened(bins)
    n, m, pooled = cells.n, cells.m, cells.pooled.astype(np.float64)

    def distance(of_x: Floats) -> Floats:
        return _divergence(of_x / n, (pooled - of_x) / m)

    value = float(distance(cells.of_x[None, :].astype(np.float64))[0]) ** 0.5
    pvalue = relabelled_pvalue(cells.pooled, cells.of_x, distance, resamples=resamples, seed=seed)
    error = _error(cells, level=1 - alpha, resamples=resamples, seed=seed)
    found = len(pooled)
    shown = None
    if found > 1:  # near the null the divergence is chi2 / 8 in nats
        shown = (noncentrality_shown(found - 1) * (1 / n + 1 / m) / 8 / float(np.log(2))) ** 0.5
    return TestResult(
        name="jensen-shannon",
        statistic=value,
        pvalue=pvalue,
        effect=Effect(
            name="Jensen-Shannon distance",
            value=value,
            interval=Interval(
                low=max(0.0, value - error), high=min(1.0, value + error), level=1 - alpha
            ),
        ),
        n=(n, m),
        method=f"permutation ({resamples}, seed {seed})",
        reference=f"{_JENSEN}; {RESAMPLED_SOURCE}",
        minimum_detectable_effect=shown,
        details={"bins": found, "total variation": _variation(cells)},
    )


def psi(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bins: int = 10,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Population stability index of (m,) y against the reference (n,) x; null: one distribution.

    Statistic and effect: sum (p - q) log(p / q) over `bins` bins between quantiles of x, fewer
    where values are tied; empty bins count half a value. Under the null it is about
    (1/n + 1/m) chi2(bins - 1), so that no fixed limit (as 0.1) means the same for all n: p is by
    chi2 where bins expect 100 values of each sample without ties, else by permutation, with new
    quantiles each time. The interval, of level 1 - alpha, is by the noncentral chi2.
    Raises UntestableError below 2 values in either, for values that are not finite, and below 2
    bins. Source: `reference`.
    """
    checked_alpha(alpha)
    checked_resamples(resamples)
    _check_bins(bins)
    cells = cells_of(checked_sample(x, "x", least=2), checked_sample(y, "y", least=2))
    n, m = cells.n, cells.m
    value, found = _index(cells, cells.of_x, bins)
    scale, degrees = 1 / n + 1 / m, max(1, found - 1)
    by_chi2 = _chi2_tail(value / scale, degrees)
    if min(n, m) >= _EXPECTED * bins and found == bins:
        pvalue, method = by_chi2, f"asymptotic ({scale:.6g} chi2, {degrees} degrees of freedom)"
    else:
        pvalue = _permuted_index(cells.coarsened(), bins, resamples, seed)
        method = f"permutation ({resamples}, seed {seed})"
    low, high = noncentrality_interval(value / scale, degrees, alpha)
    return TestResult(
        name="psi",
        statistic=value,
        pvalue=pvalue,
        effect=Effect(
            name="population stability index",
            value=value,
            # of the truth, which the index overstates: chance alone adds (bins - 1) times the scale
            interval=Interval(low=low * scale, high=max(value, high * scale), level=1 - alpha),
        ),
        n=(n, m),
        method=method,
        reference=f"{_PSI}; {NONCENTRAL_SOURCE}",
        minimum_detectable_effect=noncentrality_shown(degrees) * scale,
        details={
            "bins": found,
            "p by chi2": by_chi2,
            "chance of 0.1 without drift": _chi2_tail(0.1 / scale, degrees),
        },
    )


def _chi2_tail(value: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, value))


def _check_bins(bins: int) -> None:
    if bins < 2:  # noqa: PLR2004  (one bin holds everything)
        raise UntestableError(f"bins is {bins}; at least 2 are needed")


def _divergence(p: Floats, q: Floats) -> Floats:
    """Return Jensen and Shannon's divergence to base 2 of the last axis' shares."""
    from scipy.special import rel_entr

    middle = (p + q) / 2
    found: Floats = (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=-1) / 2 / np.log(2)
    return np.maximum(found, 0.0)


def _error(cells: Cells, *, level: float, resamples: int, seed: int) -> float:
    """Return the quantile of the sum of both samples' distances from what they are drawn of."""
    rng = np.random.default_rng([seed, 1])  # not the permutations' stream
    total: Floats = np.zeros(resamples)
    for counts in (cells.of_x, cells.of_y):
        size = int(counts.sum())
        shares = counts / size
        drawn = rng.multinomial(size, shares, size=resamples) / size
        total += np.sqrt(_divergence(drawn, np.broadcast_to(shares, drawn.shape)))
    return float(np.quantile(total, level))


def _variation(cells: Cells) -> float:
    return float(np.abs(cells.of_x / cells.n - cells.of_y / cells.m).sum()) / 2


def _index(cells: Cells, of_x: Integers, bins: int) -> tuple[float, int]:
    """Return the index of one labelling, and how many bins it has."""
    upto_x, upto = np.cumsum(of_x), np.cumsum(cells.pooled)
    wanted = np.arange(1, bins) * (upto_x[-1] / bins)
    last = np.unique(np.append(np.searchsorted(upto_x, wanted - 1e-9), len(upto) - 1))
    inside = np.diff(upto_x[last], prepend=0)
    outside = np.diff(upto[last], prepend=0) - inside
    p = np.maximum(inside, 0.5) / upto_x[-1]
    q = np.maximum(outside, 0.5) / (upto[-1] - upto_x[-1])
    return float(((p - q) * np.log(p / q)).sum()), len(last)


def _permuted_index(cells: Cells, bins: int, resamples: int, seed: int) -> float:
    def statistic(of_x: Floats) -> Floats:
        return np.array([_index(cells, row, bins)[0] for row in of_x.astype(np.int64)])

    return relabelled_pvalue(cells.pooled, cells.of_x, statistic, resamples=resamples, seed=seed)


TESTS = (
    StatTest(
        name="jensen-shannon",
        purpose="how far apart are two samples' shares in bins, from 0 to 1?",
        assumptions="independent values; the bins show what matters",
        source=_JENSEN,
        takes=Takes.TWO_SAMPLES,
        run=jensen_shannon,
    ),
    StatTest(
        name="psi",
        purpose="is a population stability index more than chance at these n?",
        assumptions="independent values; the bins show what matters",
        source=_PSI,
        takes=Takes.TWO_SAMPLES,
        run=psi,
    ),
)
