"""Randomness for spreading load over time; decides nothing."""

import random


def jittered(seconds: float, low: float = 0.5, high: float = 1.0) -> float:
    """Return `seconds` times a random factor between `low` and `high`."""
    return seconds * random.uniform(low, high)  # noqa: S311  spreads load, keeps no secret
