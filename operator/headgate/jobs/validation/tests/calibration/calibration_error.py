"""The expected calibration error without the part that is noise, and honest ends around it.

Bins: Naeini, Cooper, Hauskrecht 2015, AAAI. The mean of |gap| over bins is too large even where
every gap is 0: each bin's is taken for |N(delta, error)|, and delta is what counts, as for the
squared error in Broecker 2012, Climate Dynamics 39, 655. The lower end is of gaps whose signs are
taken from the other half of the rows: their mean is at most the error.
"""

import math
from dataclasses import dataclass

import numpy as np

from headgate.jobs.validation.tests.grouping import Groups, Integers
from headgate.jobs.validation.tests.result import Interval
from headgate.jobs.validation.tests.sample import Floats

_HALVINGS = 60


@dataclass(frozen=True, kw_only=True)
class CalibrationError:
    """The error, its interval, and the p-value's ingredients."""

    value: float
    plain: float
    """With the noise in it, as most libraries print it."""
    interval: Interval
    crossed: float
    """The mean of gaps by signs of the other half: at most the error on average."""
    error: float
    """Its standard error."""
    bins: int

    def pvalue(self, bound: float) -> float:
        """Return p of the null that the error is at most `bound`."""
        from scipy.special import ndtr

        if self.error == 0:
            return 1.0 if self.crossed <= bound else 0.0
        return float(ndtr((bound - self.crossed) / self.error))


def calibration_error(
    hit: Floats, score: Floats, groups: Groups, *, bins: int, level: float, seed: int
) -> CalibrationError:
    """Return the error of (n,) scores for (n,) hits of 0 or 1, in `bins` bins of equal counts.

    Equal scores share a bin. Needs four groups or more.
    """
    from scipy.special import ndtri

    places = _bins(score, bins)
    residual = hit - score
    counts = np.bincount(places)
    gaps = np.bincount(places, weights=residual) / counts
    errors = _errors(residual, places, gaps, groups)
    value = float(_without_noise(np.abs(gaps), errors) @ counts) / len(hit)
    plain = float(np.abs(gaps) @ counts) / len(hit)
    z = float(ndtri((1 + level) / 2))
    crossed = residual * _signs_of_others(residual, places, groups, seed)
    middle, seen = float(crossed.mean()), residual * np.sign(gaps)[places]
    low_error = math.hypot(
        groups.error(crossed - middle), _error_of_signs(np.abs(gaps), errors, counts)
    )
    high = value + z * groups.error(seen - float(seen.mean()))
    return CalibrationError(
        value=value,
        plain=plain,
        interval=Interval(
            low=max(0.0, min(value, middle - z * low_error)), high=min(1.0, high), level=level
        ),
        crossed=middle,
        error=low_error,
        bins=len(counts),
    )


def _bins(score: Floats, bins: int) -> Integers:
    edges = np.unique(np.quantile(score, np.arange(1, bins) / bins))
    _, places = np.unique(np.searchsorted(edges, score, side="left"), return_inverse=True)
    return places.astype(np.int64)


def _errors(residual: Floats, places: Integers, gaps: Floats, groups: Groups) -> Floats:
    """Return (bins,) the standard error of each bin's gap."""
    errors = np.empty(len(gaps))
    for place in range(len(gaps)):
        within = places == place
        influence = np.where(within, residual - gaps[place], 0.0) * (len(places) / within.sum())
        errors[place] = groups.error(influence)
    return errors


def _without_noise(sizes: Floats, errors: Floats) -> Floats:
    """Return delta with E |N(delta, error)| = size; 0 where noise alone gives more."""
    low, high = np.zeros_like(sizes), sizes.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = _expected_size(middle, errors) < sizes
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2


def _expected_size(delta: Floats, error: Floats) -> Floats:
    """Leone, Nelson, Nottingham 1961, Technometrics 3, 543: the folded normal's mean."""
    from scipy.special import ndtr

    safe = np.where(error > 0, error, 1.0)
    z = delta / safe
    noisy = safe * math.sqrt(2 / math.pi) * np.exp(-z * z / 2) + delta * (1 - 2 * ndtr(-z))
    expected: Floats = np.where(error > 0, noisy, delta)
    return expected


def _error_of_signs(sizes: Floats, errors: Floats, counts: Integers) -> float:
    """Return what the error of crossed gaps has besides that of rows whose signs are given.

    Two halves' gaps A and B, each N(delta, e): A sign(B) and B sign(A) are products of the same
    two, with the covariance (E|A|)^2 - (delta (1 - 2 Phi(-delta / e)))^2. It is 2 / pi e^2 where
    delta is 0, and nothing where the signs are sure.
    """
    from scipy.special import ndtr

    delta = _without_noise(sizes, errors)
    half = errors * math.sqrt(2)
    safe = np.where(half > 0, half, 1.0)
    crossed = delta * (1 - 2 * ndtr(-delta / safe))
    covariance = np.where(half > 0, _expected_size(delta, half) ** 2 - crossed**2, 0.0)
    shares = counts / counts.sum()
    return math.sqrt(float(shares**2 @ covariance) / 2)


def _signs_of_others(residual: Floats, places: Integers, groups: Groups, seed: int) -> Floats:
    """Return (n,) the sign of the gap of each row's bin in the half that the row is not in."""
    half = np.zeros(groups.count, dtype=np.bool_)
    order = np.random.default_rng(seed).permutation(groups.count)
    half[order[: groups.count // 2]] = True
    first = half[groups.labels]
    bins = int(places.max()) + 1
    sums = [
        np.bincount(places[part], weights=residual[part], minlength=bins)
        for part in (~first, first)
    ]
    signs: Floats = np.where(first, np.sign(sums[0])[places], np.sign(sums[1])[places])
    return signs
