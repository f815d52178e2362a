"""Two columns whose rows belong together."""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample


def checked_pairs(x: ArrayLike, y: ArrayLike, *, least: int) -> tuple[Floats, Floats]:
    """Return both as (n,) float64; UntestableError where they differ in length or are too short."""
    first, second = checked_sample(x, "x", least=least), checked_sample(y, "y", least=least)
    if len(first) != len(second):
        raise UntestableError(f"x has {len(first)} values and y {len(second)}: pairs have one each")
    return first, second
