"""The distance without the merge is the merge's own, and its p of large samples is the exact one's.

Sizes are those from which the grid is used.
"""

import numpy as np
import pytest
from scipy.special import smirnov
from scipy.stats import kstwo

from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.farthest import farthest
from headgate.jobs.validation.tests.two_sample.kolmogorov import kolmogorov_tail
from headgate.jobs.validation.tests.two_sample.merged import merged_statistics_of_sorted

N, M = 150_000, 210_001
RANDOM = np.random.default_rng(7)
SAMPLES = {
    "alike": (RANDOM.normal(size=N), RANDOM.normal(size=M)),
    "x is smaller": (RANDOM.normal(-0.01, 1, size=N), RANDOM.normal(size=M)),
    "x is larger": (RANDOM.normal(0.01, 1, size=N), RANDOM.normal(size=M)),
    "wider": (RANDOM.normal(0, 1.02, size=M), RANDOM.normal(size=N)),
    "apart": (RANDOM.random(N), 2 + RANDOM.random(M)),
    "one at the end": (np.append(RANDOM.random(N), 9.0), RANDOM.random(M)),
    "values in both": (np.arange(N) * 2.0, np.arange(M) * 1.0),
    "ties in one": (np.round(RANDOM.normal(size=N), 0), RANDOM.normal(size=M)),
    "the same": (np.arange(N) / 7, np.arange(N) / 7),
}


@pytest.mark.parametrize("shape", SAMPLES)
def test_the_distance_is_the_merges_to_the_last_digit(shape: str) -> None:
    # given
    x, y = (np.sort(values) for values in SAMPLES[shape])
    merged = merged_statistics_of_sorted(x, y)
    # when
    found = farthest(x, y)
    # then
    assert (found.distance, found.sign) == (merged.kolmogorov, merged.kolmogorov_sign)


def test_ties_are_seen() -> None:
    tied, free = (farthest(*map(np.sort, SAMPLES[shape])) for shape in ("ties in one", "alike"))
    assert (tied.tied, free.tied) == (True, False)


def test_every_place_of_the_largest_distance_is_found() -> None:
    """A dent as wide as a cell of the grid, moved through the sample."""
    y = np.arange(M) / M
    for place in RANDOM.uniform(0, 0.98, 8):
        x = dented(place, 0.02)
        assert farthest(x, y).distance == merged_statistics_of_sorted(x, y).kolmogorov


def dented(place: float, width: float) -> Floats:
    """Return values spread evenly, those from `place` on over `width` pressed to its begin."""
    values = (np.arange(N) + 0.5) / N
    within = (values >= place) & (values < place + width)
    values[within] = place + (values[within] - place) / 50
    return values


@pytest.mark.parametrize("size", [150_000, 400_000])
@pytest.mark.parametrize("z", [0.4, 0.8, 1.0, 1.19, 1.21, 1.4, 1.6, 2.0, 3.0, 4.5, 6.5])
def test_p_of_many_values_is_that_of_the_exact_sum(z: float, size: int) -> None:
    # given: as many values as make this size
    d = z / size**0.5
    exact = float(2 * smirnov(size, d)) if z > 1.5 else float(kstwo.sf(d, size))
    # when, then
    assert kolmogorov_tail(d, 2 * size, 2 * size) == pytest.approx(exact, rel=4e-6)
