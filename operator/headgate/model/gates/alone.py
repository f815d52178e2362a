"""The error-rate gate for a version that has all the traffic: nothing is beside it to compare with.

It is held against what the version before it answered. Null hypothesis: errors come with the
tolerated rate at most. Alternatives are higher rates; each collects Bernoulli log likelihood
ratios, and starts again from zero whenever it falls below (Page's CUSUM): so a version that served
well for hours and then breaks is caught as quickly as one that breaks at once. Because of the fresh
starts the limit is ALLOWANCE times higher than that of a test that starts once.

Sources: Page, "Continuous inspection schemes", Biometrika 41 (1954); Shin, Ramdas, Rinaldo,
"E-detectors", arXiv 2203.03532.
"""

import math
from collections.abc import Sequence

from headgate.model.gates.error_ratio import log_evidence
from headgate.model.status_types import Arm

ALTERNATIVES = 24
ALLOWANCE = 1_000
NEVER_FAILED = 0.05
"""The most that a version is credited with which was never seen to fail, or never seen at all."""


def tolerated_rate(before: Arm, max_ratio: float) -> float:
    """Return the error rate that is still tolerated, from the answers of the version before."""
    known = upper_rate(before)
    return max_ratio * (known if before.errors else min(known, NEVER_FAILED))


def add_alone(
    log_likelihoods: Sequence[float], batch: Arm, *, before: Arm, max_ratio: float
) -> tuple[float, ...]:
    """Return the log likelihood ratios after one more batch of answers."""
    current = tuple(log_likelihoods) or (0.0,) * ALTERNATIVES
    tolerated = tolerated_rate(before, max_ratio)
    if tolerated >= 1 or not batch.requests:
        return current
    errors = min(batch.errors, batch.requests)
    good = batch.requests - errors
    width = (1 - tolerated) / ALTERNATIVES
    rates = [tolerated + width * (i + 0.5) for i in range(ALTERNATIVES)]
    return tuple(
        max(
            0.0,
            value
            + errors * math.log(rate / tolerated)
            + good * math.log((1 - rate) / (1 - tolerated)),
        )
        for value, rate in zip(current, rates, strict=True)
    )


def exceeded(log_likelihoods: Sequence[float], *, alpha: float) -> bool:
    """Return whether the version fails more often than is tolerated."""
    return log_evidence(log_likelihoods) >= math.log(ALLOWANCE / alpha)


def upper_rate(arm: Arm, z: float = 2.576) -> float:
    """Return Wilson's upper bound (99%) of an error rate; 1 where nothing was seen."""
    if not arm.requests:
        return 1.0
    n, rate = arm.requests, arm.errors / arm.requests
    centre = rate + z * z / (2 * n)
    spread = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return min(1.0, (centre + spread) / (1 + z * z / n))
