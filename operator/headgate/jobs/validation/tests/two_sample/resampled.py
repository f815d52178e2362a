"""How far distances of two samples err: what draws from the samples themselves show.

For a distance that is a norm of F - G, the estimate errs by the norm of (F* - F) - (G* - G) at
most (triangle inequality), which draws with replacement imitate whether F = G or not (Gine, Zinn
1990, Annals of Probability 18, 851). An interval by it is valid at 0 as well, where percentiles of
the estimate itself are not; it is wide rather than narrow.
"""

from collections.abc import Callable

import numpy as np

from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.cells import Cells

RESAMPLED_SOURCE = "interval: Gine, Zinn 1990, Annals of Probability 18, 851"


def norm_error(
    cells: Cells, norm: Callable[[Floats], Floats], *, level: float, resamples: int, seed: int
) -> float:
    """Return the `level` quantile of `norm` of (draws, cells) errors of F - G at the cells."""
    rng = np.random.default_rng([seed, 1])  # not the permutations' stream
    errors: Floats = np.zeros((resamples, len(cells.values)))
    for sign, counts in ((1, cells.of_x), (-1, cells.of_y)):
        size = int(counts.sum())
        drawn = rng.multinomial(size, counts / size, size=resamples)
        errors += sign * np.cumsum((drawn - counts) / size, axis=1)
    return float(np.quantile(norm(errors), level))
