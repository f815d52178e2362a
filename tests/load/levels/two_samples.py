"""Nulls of two independent samples, and of groups, for tests by name."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.load.levels.null import Data, Null, with_options
from tests.load.levels.shapes import (
    PAIRS,
    Draw,
    Shape,
    dice,
    exponential,
    heavy,
    normal,
    skewed,
)

FREE = (
    "ks",
    "anderson-darling",
    "cramer-von-mises",
    "mann-whitney",
    "brunner-munzel",
    "wasserstein",
    "energy",
    "jensen-shannon",
    "psi",
    "permutation-difference",
)
"""Of any distribution, ties included."""


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    for test in FREE:
        yield from (with_options(test, str(shape), shape) for shape in _shapes_of(test))
    for shape in (*PAIRS, Shape("normal", normal, 1100, 1000)):
        yield with_options("epps-singleton", str(shape), shape)
    yield from _means()
    yield from _groups()


def _shapes_of(test: str) -> Iterator[Shape]:
    yield from PAIRS
    if test == "psi":  # from 100 a bin on by chi2
        yield Shape("normal", normal, 1100, 1000)
        yield Shape("normal", normal, 10_000, 1000)
    if test == "ks":  # from 1000 on by the limit
        yield Shape("normal", normal, 700, 500)
        yield Shape("normal", normal, 1000, 30)


def _means() -> Iterator[Null]:
    for shape in MEANS:
        yield with_options("welch", str(shape), shape)
    for shape in (*MEANS[:-1], Shape("exponential", exponential, 300, 300)):
        yield with_options("tost", f"{shape}, on the margin", _moved(shape, 1.0), margin=1.0)
        yield with_options(
            "non-inferiority", f"{shape}, on the margin", _moved(shape, -1.0), margin=1.0
        )
    # of other spreads; brunner-munzel's null is that neither tends to be larger
    for name, n, m in (("narrow 60, wide 15", 60, 15), ("narrow 15, wide 60", 15, 60)):
        yield with_options("welch", name, _spread(n, m))
        yield with_options("brunner-munzel", name, _spread(n, m))
        yield with_options("tost", f"{name}, on the margin", _spread(n, m, 3.0), margin=3.0)
        yield with_options(
            "non-inferiority", f"{name}, on the margin", _spread(n, m, -3.0), margin=3.0
        )
    yield with_options("brunner-munzel", "narrow 30, wide 10", _spread(30, 10))


MEANS = (
    Shape("normal", normal, 5, 5),
    Shape("normal", normal, 30, 6),
    Shape("heavy", heavy, 40, 30),
    Shape("tied", dice, 30, 30),
    Shape("exponential", exponential, 100, 100),
    Shape("exponential", exponential, 400, 100),
)
"""The last is for two-sided tests alone: skewed values in unequal numbers tilt a one-sided one."""


def _moved(shape: Shape, by: float) -> Data:
    def draw(random: np.random.Generator) -> tuple[Any, ...]:
        x, y = shape(random)
        return x + by, y

    return draw


def _spread(n: int, m: int, by: float = 0.0) -> Data:
    return lambda random: (random.normal(by, 1, n), random.normal(0, 2, m))


def _groups() -> Iterator[Null]:
    everything: tuple[tuple[str, Draw, tuple[int, ...]], ...] = (
        ("normal", normal, (5, 6, 7)),
        ("normal", normal, (60, 12)),
        ("heavy", heavy, (40, 30, 20)),
        ("tied", dice, (30, 20, 10)),
        ("skewed", exponential, (25, 20)),
        ("skewed", exponential, (200, 30)),
        ("skewed", skewed, (60, 50)),
    )
    for name, values, sizes in everything:
        shape = f"{name} {':'.join(map(str, sizes))}"
        yield with_options("anderson-darling-k", shape, _grouped(values, sizes))
        yield with_options("brown-forsythe", shape, _grouped(values, sizes))
        if values is normal or values is heavy:
            yield with_options("levene", shape, _grouped(values, sizes))


def _grouped(values: Draw, sizes: tuple[int, ...]) -> Data:
    def draw(random: np.random.Generator) -> tuple[Any, ...]:
        groups = np.repeat(np.arange(len(sizes)), sizes)
        return values(random, len(groups)), groups.astype(str)

    return draw
