"""How long to wait before trying again. Pure: the caller brings the chance.

Full jitter: the wait is drawn evenly from 0 to a bound that doubles. Thousands of clients that
lost the same server then come back spread out (M. Brooker, Exponential Backoff and Jitter, 2015).
"""


def wait_seconds(attempt: int, *, first: float, most: float, chance: float) -> float:
    """Return the wait before an attempt, counted from 0; `chance` is in [0, 1)."""
    doublings = min(attempt, 30)
    return float(min(most, first * 2**doublings) * chance)
