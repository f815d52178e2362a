"""How many rows would decide what these could not: by an interval that narrows as rows grow."""

import math

from headgate.jobs.validation.tests.result import Effect

_MOST = 10**12


def rows_to_exclude(effect: Effect, bound: float, n: int) -> int | None:
    """Return about how many rows would make the interval end at the bound, the effect unchanged.

    The interval's half narrows with the root of n. None where it ends there already, where the
    effect is not below the bound, so that no number of rows would, and where it has no interval.
    """
    interval = effect.interval
    if interval is None or effect.value >= bound or interval.high <= bound:
        return None
    half = interval.high - effect.value
    return min(_MOST, math.ceil(n * (half / (bound - effect.value)) ** 2))
