"""Nulls of labels with scores and probabilities, for tests by name."""

from collections.abc import Iterator

import numpy as np

from headgate.jobs.validation.tests.sample import Floats
from tests.load.levels.null import Data, Null, with_options

type Scored = tuple[Floats, Floats]


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    for ones, zeros in ((6, 6), (10, 10), (5, 95), (15, 200), (40, 60), (200, 300)):
        shape = f"{ones} of 1, {zeros} of 0"
        yield with_options("delong", f"one model, {shape}", _useless(ones, zeros))
        yield with_options("delong", f"two models, {shape}", _of_equal_skill(ones, zeros))
        yield with_options("delong", f"two alike, {shape}", _of_equal_skill(ones, zeros, alike=0.9))
    yield with_options("delong", "one model of 5 scores, 20 of 1, 30 of 0", _coarse(20, 30))
    for test in ("spiegelhalter", "hosmer-lemeshow", "calibration-slope", "ece"):
        for n, low, high in ((60, 0.2, 0.8), (150, 0.1, 0.9), (400, 0.02, 0.98), (2000, 0.0, 0.1)):
            yield with_options(
                test, f"{n} rows told {low:g} to {high:g}", _calibrated(n, low, high)
            )
    for n, share in ((5, 0.5), (40, 0.1), (300, 0.02)):
        yield with_options(
            "wilson", f"{n} rows, a share of {share:g}", _truths(n, share), null=share
        )


def _useless(ones: int, zeros: int) -> Data:
    labels = np.repeat([1.0, 0.0], [ones, zeros])
    return lambda random: (labels, random.standard_normal(ones + zeros))


def _coarse(ones: int, zeros: int) -> Data:
    labels = np.repeat([1.0, 0.0], [ones, zeros])
    return lambda random: (labels, random.integers(0, 5, ones + zeros).astype(np.float64))


def _of_equal_skill(ones: int, zeros: int, *, alike: float = 0.0) -> Data:
    """Return two models' scores with one area, of errors that correlate by `alike`."""
    labels = np.repeat([1.0, 0.0], [ones, zeros])

    def draw(random: np.random.Generator) -> Scored:
        common, own = random.standard_normal(len(labels)), random.standard_normal((len(labels), 2))
        noise = np.sqrt(alike) * common[:, None] + np.sqrt(1 - alike) * own
        return labels, noise + labels[:, None]

    return draw


def _truths(n: int, share: float) -> Data:
    return lambda random: ((random.random(n) < share).astype(np.float64),)


def _calibrated(n: int, low: float, high: float) -> Data:
    def draw(random: np.random.Generator) -> Scored:
        told = random.uniform(max(low, 0.005), high, n)
        return (random.random(n) < told).astype(np.float64), told

    return draw
