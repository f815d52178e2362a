"""Whether several groups spread alike: Levene's test and Brown and Forsythe's."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample
from headgate.jobs.validation.tests.two_sample.relabelled import (
    RESAMPLES,
    checked_resamples,
    stream,
)

_LEVENE = "Levene 1960, in Contributions to Probability and Statistics (ed. Olkin), 278"
_BROWN_FORSYTHE = "Brown, Forsythe 1974, J. American Statistical Association 69, 364"
_DRAWN = "p of drawn residuals: Boos, Brownie 1989, Technometrics 31, 69"
_MOST_DRAWN = 5000
_VALUES_AT_ONCE = 1_000_000
_INTERVAL = "interval: Bonett, Seier 2003, The American Statistician 57, 233"


def levene(
    x: ArrayLike,
    y: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    alpha: float = 0.05,
) -> TestResult:
    """Levene's test of (n,) values x in the groups (n,) y; null: all groups spread alike.

    An analysis of variance of the distances from the groups' means: for values that are
    symmetrical within groups; `brown_forsythe` is the one for others. Up to 5000 values p is by
    drawing groups of all groups' residuals, of which each gets a mean of its own again: F (its p
    is in the details) finds too much in groups of dozens.
    Effect: the ratio of the largest to the smallest mean absolute deviation from the median, with
    an interval of level 1 - alpha where there are two groups.
    Raises UntestableError below two groups, for groups of one, and where no group has distances
    that differ. Source: see `reference`.
    """
    checked_resamples(resamples)
    found = _compared("levene", x, y, alpha, np.mean, "mean", _LEVENE)
    by_f = found.pvalue if found.pvalue is not None else 1.0
    details = {**found.details, "p by F": by_f}
    if sum(found.n) > _MOST_DRAWN:
        return replace(found, details=details)
    _, groups = _grouped(x, y)
    return replace(
        found,
        pvalue=_drawn_pvalue(groups, found.statistic, resamples, seed),
        method=f"bootstrap of residuals ({resamples}, seed {seed})",
        reference=f"{found.reference}; {_DRAWN}",
        details=details,
    )


def brown_forsythe(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Brown and Forsythe's test: as `levene`, of the distances from the groups' medians, p by F.

    Shapes, effect and errors are those of `levene`. Source: see `reference`.
    """
    return _compared("brown-forsythe", x, y, alpha, np.median, "median", _BROWN_FORSYTHE)


def _compared(
    name: str,
    x: ArrayLike,
    y: ArrayLike,
    alpha: float,
    centre: Callable[[Floats], Any],
    centre_name: str,
    reference: str,
) -> TestResult:
    from scipy import stats

    checked_alpha(alpha)
    labels, groups = _grouped(x, y)
    if not any(_differ(np.abs(group - centre(group))) for group in groups):
        raise UntestableError(
            f"{name}: within each group of {', '.join(labels[:5])} all distances from the "
            f"{centre_name} are the same; more values per group are needed"
        )
    statistic, pvalue = (float(value) for value in stats.levene(*groups, center=centre_name))
    effect, details = _ratio(labels, groups, alpha)
    within = sum(map(len, groups)) - len(groups)
    return TestResult(
        name=name,
        statistic=statistic,
        pvalue=pvalue,
        effect=effect,
        n=tuple(map(len, groups)),
        method=f"asymptotic (F, {len(groups) - 1} and {within} degrees of freedom)",
        reference=reference if effect.interval is None else f"{reference}; {_INTERVAL}",
        details=details,
    )


def _drawn_pvalue(groups: Sequence[Floats], statistic: float, resamples: int, seed: int) -> float:
    """Return p of Levene's W among groups of residuals, each over the root of 1 - 1 / n."""
    sizes = np.array([len(group) for group in groups])
    residuals = np.concatenate(
        [(group - group.mean()) / math.sqrt(1 - 1 / len(group)) for group in groups]
    )
    rng = stream(seed, *groups)
    block = max(1, _VALUES_AT_ONCE // len(residuals))
    as_large = 0
    for start in range(0, resamples, block):
        drawn = rng.choice(residuals, (min(block, resamples - start), len(residuals)))
        as_large += int(np.count_nonzero(_ratios(drawn, sizes) >= statistic * (1 - 1e-9)))
    return (1 + as_large) / (1 + resamples)


def _ratios(drawn: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Return (draws,) W of (draws, n) values, whose groups of these sizes follow each other."""
    starts, k = np.cumsum(sizes) - sizes, len(sizes)
    means = np.add.reduceat(drawn, starts, axis=1) / sizes
    distances = np.abs(drawn - np.repeat(means, sizes, axis=1))
    own = np.add.reduceat(distances, starts, axis=1) / sizes
    between = ((own - distances.mean(axis=1, keepdims=True)) ** 2) @ sizes
    within = ((distances - np.repeat(own, sizes, axis=1)) ** 2).sum(axis=1)
    # groups of which all values are one: nothing is farther from the null, or nothing differs
    safe = np.where(within > 0, within, 1.0)
    ratios = np.where(within > 0, between / safe, np.where(between > 0, np.inf, 0.0))
    found: Floats = ratios * ((drawn.shape[1] - k) / (k - 1))
    return found


def _grouped(x: ArrayLike, y: ArrayLike) -> tuple[list[str], list[Floats]]:
    values = checked_sample(x, "values", least=3)
    given: NDArray[Any] = np.asarray(y)
    if given.shape != values.shape:
        raise UntestableError(f"groups: shape {given.shape}, but there are {len(values)} values")
    names, index = np.unique(given.astype(np.str_), return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004  (there is nothing to compare one group with)
        raise UntestableError(f"groups: all values are in group {names[0]!s}; two are needed")
    # W has no unit; squares of values near 1e308 would overflow
    values = values / max(float(np.abs(values).max()), np.finfo(np.float64).tiny)
    order = np.argsort(index, kind="stable")
    counts = np.bincount(index)
    groups = np.split(values[order], np.cumsum(counts)[:-1])
    small = int(np.argmin(counts))
    if counts[small] < 2:  # noqa: PLR2004  (one value has no spread)
        raise UntestableError(f"group {names[small]!s}: has one value; at least 2 are needed")
    return [str(label) for label in names], groups


def _differ(distances: Floats) -> bool:
    return bool(np.ptp(distances) > 4 * np.finfo(np.float64).eps)


def _ratio(
    labels: Sequence[str], groups: Sequence[Floats], alpha: float
) -> tuple[Effect, dict[str, str]]:
    """Return the ratio of spreads, and which groups it is of."""
    spreads = [_mean_deviation(group) for group in groups]
    wide, narrow = int(np.argmax(spreads)), int(np.argmin(spreads))
    details = {"widest": labels[wide], "narrowest": labels[narrow]}
    named = "ratio of mean absolute deviations from the median, widest over narrowest"
    if spreads[narrow] <= np.finfo(np.float64).eps:
        return Effect(name=named, value=math.inf), details
    ratio = spreads[wide] / spreads[narrow]
    if len(groups) > 2:  # noqa: PLR2004  (the largest of many ratios has no such interval)
        return Effect(name=named, value=ratio), details
    from scipy.special import ndtri

    deviation = math.sqrt(sum(_log_variance(group) for group in groups))
    factor = math.exp(float(ndtri(1 - alpha / 2)) * deviation)
    interval = Interval(low=ratio / factor, high=ratio * factor, level=1 - alpha)
    return Effect(name=named, value=ratio, interval=interval), details


def _mean_deviation(group: Floats) -> float:
    """Return the mean absolute deviation from the median, by Bonett and Seier's n / (n - 1)."""
    return float(np.abs(group - np.median(group)).sum()) / (len(group) - 1)


def _log_variance(group: Floats) -> float:
    """Return the variance of the log of the mean absolute deviation (Bonett and Seier, eq. 2)."""
    deviation = float(np.abs(group - np.median(group)).mean())
    lean = (float(group.mean()) - float(np.median(group))) / deviation
    tails = float(group.var(ddof=1)) / deviation**2
    return (lean**2 + tails - 1) / len(group)


TESTS = (
    StatTest(
        name="levene",
        purpose="do groups spread alike (distances from means)?",
        assumptions="independent values; symmetrical within groups; else use brown-forsythe",
        source=_LEVENE,
        takes=Takes.GROUPS,
        run=levene,
    ),
    StatTest(
        name="brown-forsythe",
        purpose="do groups spread alike (distances from medians)?",
        assumptions="independent values; any shape, the same in all groups",
        source=_BROWN_FORSYTHE,
        takes=Takes.GROUPS,
        run=brown_forsythe,
    ),
)
