"""The latency gate: do slow answers come from the canary more often than its share of requests?

What is slow is said by the stable version's answers before the batch that is judged: over its
quantile, times the ratio tolerated, and never less than the absolute tolerance above it (a ratio of
one millisecond means nothing). A slow answer is then an event like an error, and the same test asks
which side it came from: a node that gets busy slows both, and accuses nobody.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from headgate.model.gates import error_ratio
from headgate.model.status_types import Arm

TIMES_TOO_OFTEN = 2.0
"""How many times the stable version's part of slow answers is too many."""


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


def limit_from(
    stable: Histogram, *, quantile: float, max_ratio: float, tolerance: float
) -> float | None:
    """Return from how many seconds on an answer is slow; None while stable answered too little."""
    if stable.total * (1 - quantile) < 2:  # noqa: PLR2004 - two answers past the quantile
        return None
    edge = stable.quantile(quantile)
    return max(edge * max_ratio, edge + tolerance)


def slow_answers(batch: Histogram, limit: float | None) -> Arm:
    """Return how many answers were judged, and how many of them were slow (as `errors`)."""
    return Arm() if limit is None else Arm(requests=batch.total, errors=batch.over(limit))


def add_answers(log_likelihoods: Sequence[float], *, canary: Arm, stable: Arm) -> tuple[float, ...]:
    """Return the log likelihood ratios after one more batch of slow and quick answers."""
    return error_ratio.add_errors(
        log_likelihoods, canary=canary, stable=stable, max_ratio=TIMES_TOO_OFTEN
    )


def exceeded(
    log_likelihoods: Sequence[float], *, canary: Arm, stable: Arm, quantile: float, alpha: float
) -> bool:
    """Return whether the canary is slow: significantly, and its own quantile is over the limit."""
    if error_ratio.log_evidence(log_likelihoods) < math.log(1 / alpha):
        return False
    part = canary.errors / canary.requests if canary.requests else 0.0
    return part > 1 - quantile and error_ratio.observed_ratio(canary, stable) > TIMES_TOO_OFTEN
