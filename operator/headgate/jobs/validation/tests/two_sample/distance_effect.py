"""The effect that tests of distributions share, so that one bound fits all drifts."""

from headgate.jobs.validation.tests.result import Effect
from headgate.jobs.validation.tests.sample import checked_alpha
from headgate.jobs.validation.tests.two_sample.cells import NEGLIGIBLE_TIES
from headgate.jobs.validation.tests.two_sample.kolmogorov import (
    KOLMOGOROV_DISTANCE,
    kolmogorov_interval,
)
from headgate.jobs.validation.tests.two_sample.merged import MergedStatistics

_LEAST = 50


def distance_effect(found: MergedStatistics, alpha: float) -> Effect:
    """Return the Kolmogorov distance with its interval of level 1 - alpha."""
    return effect_of_distance(found.kolmogorov, found.n, found.m, alpha)


def effect_of_distance(distance: float, n: int, m: int, alpha: float) -> Effect:
    """Return the same of a distance of n and m values."""
    level = 1 - checked_alpha(alpha)
    return Effect(
        name=KOLMOGOROV_DISTANCE,
        value=distance,
        interval=kolmogorov_interval(distance, n, m, level),
    )


def limit_holds(found: MergedStatistics) -> bool:
    """Whether samples are large and continuous enough for limiting distributions."""
    return min(found.n, found.m) >= _LEAST and found.tie_share < NEGLIGIBLE_TIES
