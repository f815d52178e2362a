"""The error-ratio gate: does the canary fail more often than the stable version?

Null hypothesis: no difference. Given that an error happened, it came from the canary with
probability p = theta*w / (theta*w + 1 - w), where w is the canary's realised share of requests and
theta the ratio of error rates (1 under the null, where p = w). Each alternative theta collects
log(p_theta / p_null) per canary error and log((1 - p_theta) / (1 - p_null)) per stable error; the
average of their exponentials is a mixture martingale, so that it reaches 1/alpha with probability
alpha at most under the null (Ville's inequality), whenever and however often it is looked at, and
whatever the weights do meanwhile. For theta below 1 it is a supermartingale.

Source: Lindon, Malek, "Anytime-valid inference for multinomial count data", arXiv 2205.14762.
"""

import math
from collections.abc import Sequence

from headgate.model.status_types import Arm

LARGEST_RATIO = 200.0
ALTERNATIVES = 24


def ratios(max_ratio: float) -> tuple[float, ...]:
    """Return the alternatives: error ratios from the largest tolerated one up, evenly in logs."""
    low = max(max_ratio, 1.05)
    high = max(LARGEST_RATIO, 10 * low)
    step = (math.log(high) - math.log(low)) / (ALTERNATIVES - 1)
    return tuple(math.exp(math.log(low) + i * step) for i in range(ALTERNATIVES))


def add_errors(
    log_likelihoods: Sequence[float], *, canary: Arm, stable: Arm, max_ratio: float
) -> tuple[float, ...]:
    """Return the log likelihood ratios after one more batch of answers.

    A batch in which only one side answered says nothing: an error there had no choice.
    """
    alternatives = ratios(max_ratio)
    current = tuple(log_likelihoods)
    if len(current) != len(alternatives):  # nothing yet, or written by another release
        current = (0.0,) * len(alternatives)
    total = canary.requests + stable.requests
    if not canary.requests or not stable.requests or not (canary.errors or stable.errors):
        return current
    share = canary.requests / total
    return tuple(
        value
        + canary.errors * math.log(theta / (theta * share + 1 - share))
        + stable.errors * math.log(1 / (theta * share + 1 - share))
        for value, theta in zip(current, alternatives, strict=True)
    )


def log_evidence(log_likelihoods: Sequence[float]) -> float:
    """Return the log of the mixture: how much better 'worse' explains the errors than 'equal'."""
    if not log_likelihoods:
        return 0.0
    top = max(log_likelihoods)
    mean = sum(math.exp(value - top) for value in log_likelihoods) / len(log_likelihoods)
    return top + math.log(mean)


def observed_ratio(canary: Arm, stable: Arm) -> float:
    """Return the estimated ratio of error rates, half an error added so that zero is no wall."""
    if not canary.requests or not stable.requests:
        return 1.0
    return ((canary.errors + 0.5) / canary.requests) / ((stable.errors + 0.5) / stable.requests)


def exceeded(
    log_likelihoods: Sequence[float], *, canary: Arm, stable: Arm, max_ratio: float, alpha: float
) -> bool:
    """Return whether the canary is worse: significant, and by more than the ratio tolerated."""
    significant = log_evidence(log_likelihoods) >= math.log(1 / alpha)
    return significant and observed_ratio(canary, stable) > max_ratio
