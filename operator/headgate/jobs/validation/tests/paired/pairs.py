"""Two columns whose rows belong together."""

from numpy.typing import ArrayLike

from headgate.jobs.validation.tests.result import UntestableError
from headgate.jobs.validation.tests.sample import Floats, checked_sample


def checked_pairs(
    x: ArrayLike, y: ArrayLike, *, least: int, squared: bool = False
) -> tuple[Floats, Floats]:
    """Return both as (n,) float64; UntestableError where they differ in length or are too short.

    `squared` as in `checked_sample`.
    """
    first, second = (
        checked_sample(values, name, least=least, squared=squared)
        for values, name in ((x, "x"), (y, "y"))
    )
    if len(first) != len(second):
        raise UntestableError(f"x has {len(first)} values and y {len(second)}: pairs have one each")
    return first, second
