"""The latency gate: does the canary answer slowly more often than the stable version?

The limit is taken from the stable version's answers before the batch that is judged: its quantile,
times the ratio tolerated, and never less than the absolute tolerance above it (a ratio of one
millisecond means nothing). Null hypothesis: a canary's answer is over the limit with probability
1 - quantile at most (or as often as the stable version's own). Alternatives are larger
probabilities; their Bernoulli likelihood ratios are averaged: valid at any look, as the error gate.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from headgate.model.gates.error_ratio import log_evidence

TIMES_TOO_OFTEN = (3.0, 6.0, 12.0, 25.0, 50.0, 100.0)
MOST = 0.95


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Answers by duration: `counts[i]` were at most `bounds[i]` seconds and over the one before."""

    bounds: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """Return the number of answers."""
        return sum(self.counts)

    def over(self, limit: float) -> int:
        """Return how many answers are surely over a limit in seconds."""
        first = bisect_left(self.bounds, limit) + 1
        return sum(self.counts[first:])

    def quantile(self, q: float) -> float:
        """Return the upper edge of the bucket that holds the quantile, in seconds."""
        wanted, seen = q * self.total, 0
        for bound, count in zip(self.bounds, self.counts, strict=True):
            seen += count
            if seen >= wanted:
                return bound
        return self.bounds[-1] if self.bounds else 0.0

    def plus(self, other: "Histogram") -> "Histogram":
        """Return the sum; one with other bounds (another server build) replaces this one."""
        if not other.bounds:
            return self  # a pod that was not read: no answers, no other buckets
        if self.bounds != other.bounds:
            return other
        pairs = zip(self.counts, other.counts, strict=True)
        return Histogram(bounds=self.bounds, counts=tuple(a + b for a, b in pairs))


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A duration in seconds that only `rate` of the answers may be over."""

    seconds: float
    rate: float


def limit_from(
    stable: Histogram, *, quantile: float, max_ratio: float, tolerance: float
) -> Limit | None:
    """Return the limit the stable version sets, or None while it has answered too little."""
    if stable.total * (1 - quantile) < 2:  # noqa: PLR2004 - two answers past the quantile
        return None
    edge = stable.quantile(quantile)
    seconds = max(edge * max_ratio, edge + tolerance)
    own = stable.over(seconds) / stable.total
    return Limit(seconds=seconds, rate=max(1 - quantile, 2 * own))


def add_answers(
    log_likelihoods: Sequence[float], batch: Histogram, limit: Limit | None
) -> tuple[float, ...]:
    """Return the log likelihood ratios after one more batch of the canary's answers."""
    current = tuple(log_likelihoods)
    if len(current) != len(TIMES_TOO_OFTEN):  # nothing yet, or written by another release
        current = (0.0,) * len(TIMES_TOO_OFTEN)
    if limit is None or not batch.total or limit.rate >= MOST:
        return current
    slow = batch.over(limit.seconds)
    quick = batch.total - slow
    rates = [min(times * limit.rate, MOST) for times in TIMES_TOO_OFTEN]
    return tuple(
        value + slow * math.log(rate / limit.rate) + quick * math.log((1 - rate) / (1 - limit.rate))
        for value, rate in zip(current, rates, strict=True)
    )


def exceeded(log_likelihoods: Sequence[float], *, alpha: float) -> bool:
    """Return whether the canary is slow more often than tolerated."""
    return log_evidence(log_likelihoods) >= math.log(1 / alpha)
