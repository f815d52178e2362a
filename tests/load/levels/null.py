"""Null data sets and how often a test calls a difference on them: what a level is."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy import stats

from headgate.jobs.validation.tests.registry import find_test
from headgate.jobs.validation.tests.result import UntestableError

ALPHA = 0.05
BAND = 0.999
"""Of 1000 tests at exactly 5%, one is outside of so wide a band by chance, half of these above."""
SEED = 20261127
BLOCK = 100
"""Sets of one stream of random numbers: rates do not depend on the number of processes."""
_MOST_REFUSED = 20
RESAMPLES = 99
"""A permutation test is exact for any number by which 5% can be hit: 5 of 99 and the data's own."""


@dataclass(frozen=True, kw_only=True)
class Null:
    """One test on data of one shape in which there is nothing to be found."""

    test: str
    """The line it belongs to: the registry's name, or `suite: ` and what is measured."""
    shape: str
    draw: Callable[[np.random.Generator], float | None]
    """Returns p of one set; None, or UntestableError, where the test refuses it."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How often a test called a difference."""

    null: Null
    alarms: int
    refused: int
    """Sets that the test would not be put to, drawn besides."""
    sets: int

    @property
    def percent(self) -> float:
        return 100 * self.alarms / self.sets

    def __str__(self) -> str:
        """Read as the detail of a line."""
        share = self.refused / (self.refused + self.sets)
        refused = f", {share:.0%} more refused" if self.refused else ""
        return f"{self.null.shape} {self.percent:.2f}{refused}"


type Data = Callable[[np.random.Generator], tuple[Any, ...]]
"""Draws what a test is called with, by position."""


def with_options(test: str, shape: str, data: Data, **options: Any) -> Null:
    """Return the null of a registered test, with options of its own.

    Permutations are fewer than its default: its level is the same.
    """

    def draw(random: np.random.Generator) -> float | None:
        found = find_test(test)
        defaults = found.run.__kwdefaults__ or {}
        given: dict[str, Any] = dict(options)
        if defaults.get("resamples"):
            given.setdefault("resamples", RESAMPLES)
        if "seed" in defaults:
            given["seed"] = int(random.integers(2**31))
        return found.run(*data(random), **given).pvalue

    return Null(test=test, shape=shape, draw=draw)


def limit(sets: int) -> float:
    """Return the upper end of the band in percent."""
    return 100 * float(stats.binom.ppf((1 + BAND) / 2, sets, ALPHA)) / sets


def rates(
    nulls: Sequence[Null], sets: int, *, processes: int, done: Callable[[Rate], None]
) -> list[Rate]:
    """Return the rate of each null, over so many sets, in their order; `done` hears of each."""
    blocks = [
        (place, block) for place, null in enumerate(nulls) for block in range(-(-sets // BLOCK))
    ]
    context = get_context("fork")  # nulls are closures, which cannot be sent
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start, initargs=(nulls, sets)
    ) as pool:
        found = pool.map(_counted, blocks)
        result = []
        for place, counts in groupby(zip(blocks, found, strict=True), key=lambda each: each[0][0]):
            rate = _total(nulls[place], [count for _, count in counts], sets)
            done(rate)
            result.append(rate)
    return result


def rate_of(null: Null, sets: int) -> Rate:
    """Return one null's rate, in this process: the same sets as `rates` has."""
    blocks = range(-(-sets // BLOCK))
    return _total(null, [count_of(null, block, sets) for block in blocks], sets)


def _total(null: Null, counts: Sequence[tuple[int, int]], sets: int) -> Rate:
    alarms, refused = (sum(each) for each in zip(*counts, strict=True))
    return Rate(null=null, alarms=alarms, refused=refused, sets=sets)


def count_of(null: Null, block: int, sets: int) -> tuple[int, int]:
    """Return alarms and refusals in one block of the sets.

    Raises AssertionError where a test refuses nearly everything: it has no level to speak of.
    """
    name = zlib.crc32(f"{null.test} {null.shape}".encode())
    random = np.random.default_rng([SEED, name, block])
    alarms = refused = 0
    for _ in range(min(BLOCK, sets - block * BLOCK)):
        pvalue, tried = _answered(null, random)
        alarms += pvalue <= ALPHA
        refused += tried
    return alarms, refused


def _answered(null: Null, random: np.random.Generator) -> tuple[float, int]:
    for tried in range(_MOST_REFUSED):
        try:
            pvalue = null.draw(random)
        except UntestableError:
            continue
        if pvalue is not None:
            return pvalue, tried
    raise AssertionError(f"{null.test}: {null.shape}: refused {_MOST_REFUSED} sets in turn")


_started: tuple[Sequence[Null], int] = ((), 0)


def _start(nulls: Sequence[Null], sets: int) -> None:
    global _started  # noqa: PLW0603  (what a process of the pool is given once, by forking)
    _started = (nulls, sets)


def _counted(place_and_block: tuple[int, int]) -> tuple[int, int]:
    nulls, sets = _started
    return count_of(nulls[place_and_block[0]], place_and_block[1], sets)


def worst_of(found: Iterable[Rate]) -> dict[str, list[Rate]]:
    """Return each test's rates, its worst first, in the order in which tests come."""
    by_test: dict[str, list[Rate]] = {}
    for rate in found:
        by_test.setdefault(rate.null.test, []).append(rate)
    return {test: sorted(each, key=lambda rate: -rate.percent) for test, each in by_test.items()}
