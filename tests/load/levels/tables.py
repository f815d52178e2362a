"""Nulls of tables of counts, and of p-values, for tests by name."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from headgate.jobs.validation.tests.counts.table import Counts
from tests.load.levels.null import Data, Null, with_options

COMMON = (0.5, 0.3, 0.2)
RARE = (0.85, 0.1, 0.03, 0.02)
MANY = (1 / 12,) * 12


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    for test in ("chi2-permutation", "total-variation"):
        yield with_options(test, "three shares 12:9", of_rows((12, 9), COMMON))
        yield with_options(test, "rare shares 60:40", of_rows((60, 40), RARE))
        yield with_options(test, "rare shares 400:25", of_rows((400, 25), RARE))
        yield with_options(test, "twelve shares 30:30", of_rows((30, 30), MANY))
    yield with_options("chi2-permutation", "three rows 10:8:6", of_rows((10, 8, 6), COMMON))
    for shape, table in _expecting_five().items():
        yield with_options("chi2", shape, table)
    for test in ("fisher", "boschloo"):
        yield with_options(test, "halves 6:5", of_rows((6, 5), (0.5, 0.5)))
        yield with_options(test, "halves 30:20", of_rows((30, 20), (0.5, 0.5)))
        yield with_options(test, "one in 10, 40:40", of_rows((40, 40), (0.1, 0.9)))
        yield with_options(test, "one in 20, 150:30", of_rows((150, 30), (0.05, 0.95)))
    yield from _rates()
    yield from _pairs()
    yield from _pvalues()


def of_rows(sizes: Sequence[int], shares: Sequence[float], *, least: float = 0.0) -> Data:
    """Return tables of rows of these sizes; only such where that many are expected in a cell."""

    def draw(random: np.random.Generator) -> tuple[Any, ...]:
        while True:
            table: Counts = np.stack([random.multinomial(size, shares) for size in sizes])
            columns = table.sum(axis=0)
            if columns[columns > 0].min() * min(sizes) >= least * sum(sizes):
                return (table,)

    return draw


def _expecting_five() -> dict[str, Data]:
    """Return what chi2's assumption allows: the suite draws tables for smaller counts."""
    return {
        "halves 12:10": of_rows((12, 10), (0.5, 0.5), least=5),
        "three shares 50:50": of_rows((50, 50), COMMON, least=5),
        "one in 10, 60:60": of_rows((60, 60), (0.1, 0.9), least=5),
        "one in 6, 300:35": of_rows((300, 35), (1 / 6, 5 / 6), least=5),
        "rare shares 2000:300": of_rows((2000, 300), RARE, least=5),
        "twelve shares 160:150": of_rows((160, 150), MANY, least=5),
        "three rows 40:30:30": of_rows((40, 30, 30), COMMON, least=5),
    }


def _rates() -> Iterator[Null]:
    shapes = (
        ("halves 12:10", (12, 10), 0.5),
        ("one in 10, 60:60", (60, 60), 0.1),
        ("one in 6, 300:35", (300, 35), 1 / 6),
        ("three in 10, 200:40", (200, 40), 0.3),
    )
    for test in ("demographic-parity", "equal-opportunity"):
        for shape, sizes, share in shapes:
            table = of_rows(sizes, (share, 1 - share), least=5)
            yield with_options(test, shape, table)
    for shape, sizes, share in shapes:
        deserving = of_rows(sizes, (share, 1 - share), least=5)
        yield with_options("equalized-odds", shape, _stacked(deserving, deserving))


def _stacked(first: Data, second: Data) -> Data:
    def draw(random: np.random.Generator) -> tuple[Any, ...]:
        return (np.concatenate([first(random)[0], second(random)[0]]),)

    return draw


def _pairs() -> Iterator[Null]:
    for shape, n, differ in (
        ("12 pairs, half of them differ", 12, 0.5),
        ("60 pairs, 3 in 10 differ", 60, 0.3),
        ("90 pairs, 3 in 10 differ", 90, 0.3),
        ("150 pairs, 3 in 10 differ", 150, 0.3),
        ("2000 pairs, 1 in 50 differ", 2000, 0.02),
    ):
        shares = (0.9 - differ, differ / 2, differ / 2, 0.1)
        for corrected in (False, True):
            yield with_options(
                "mcnemar",
                f"{shape}{', corrected' if corrected else ''}",
                _of_pairs(n, shares),
                correction=corrected,
            )


def _of_pairs(n: int, shares: Sequence[float]) -> Data:
    def draw(random: np.random.Generator) -> tuple[Any, ...]:
        return (random.multinomial(n, shares).reshape(2, 2),)

    return draw


def _pvalues() -> Iterator[Null]:
    for test in ("holm", "benjamini-hochberg", "benjamini-yekutieli"):
        for size in (3, 30, 300):
            yield with_options(test, f"{size} p-values", _uniform(size))
        yield with_options(test, "30 p-values, alike", _alike)


def _uniform(size: int) -> Data:
    return lambda random: (random.random(size),)


def _alike(random: np.random.Generator) -> tuple[Any, ...]:
    """Return 30 one-sided p-values of positively dependent tests."""
    from scipy.special import ndtr

    return (ndtr(random.standard_normal() * 0.8 + random.standard_normal(30) * 0.6),)
