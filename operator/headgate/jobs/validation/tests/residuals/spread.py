"""Whether several groups spread alike: Levene's test and Brown and Forsythe's."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headgate.jobs.validation.tests.catalogue import StatTest, Takes
from headgate.jobs.validation.tests.result import Effect, Interval, TestResult, UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_alpha, checked_sample

_LEVENE = "Levene 1960, in Contributions to Probability and Statistics (ed. Olkin), 278"
_BROWN_FORSYTHE = "Brown, Forsythe 1974, J. American Statistical Association 69, 364"
_INTERVAL = "interval: Bonett, Seier 2003, The American Statistician 57, 233"


def levene(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Levene's test of (n,) values x in the groups (n,) y; null: all groups spread alike.

    An analysis of variance of the distances from the groups' means: for symmetrical, not too
    heavy-tailed values; `brown_forsythe` is the one for others.
    Effect: the ratio of the largest to the smallest mean absolute deviation from the median, with
    an interval of level 1 - alpha where there are two groups.
    Raises UntestableError below two groups, for groups of one, and where no group has distances
    that differ. Source: see `reference`.
    """
    return _compared("levene", x, y, alpha, np.mean, "mean", _LEVENE)


def brown_forsythe(x: ArrayLike, y: ArrayLike, *, alpha: float = 0.05) -> TestResult:
    """Brown and Forsythe's test: as `levene`, of the distances from the groups' medians.

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
        assumptions="independent values; symmetrical within groups",
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
