"""Nulls of rows of several columns, and of clustered rows, for tests by name."""

from collections.abc import Callable, Iterator

import numpy as np

from headgate.jobs.validation.tests.counts.total_variation_clustered import (
    total_variation_clustered,
)
from headgate.jobs.validation.tests.result import TestResult
from headgate.jobs.validation.tests.sample import Floats
from headgate.jobs.validation.tests.two_sample.ks_clustered import ks_clustered
from tests.load.levels.null import RESAMPLES, Data, Null, with_options
from tests.load.levels.shapes import Draw, Pair, dice, normal, skewed


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    shapes: tuple[tuple[str, Draw, int, int], ...] = (
        ("normal", normal, 12, 10),
        ("normal", normal, 60, 15),
        ("tied", dice, 30, 20),
        ("skewed", skewed, 40, 30),
    )
    for test in ("mmd", "energy-multivariate", "classifier-two-sample"):
        for name, values, n, m in shapes:
            yield with_options(test, f"{name} {n}:{m}, 3 columns", _rows(values, n, m))
    yield with_options(
        "classifier-two-sample", "normal 450:420, 3 columns", _rows(normal, 450, 420)
    )
    yield from _clustered()


def _rows(values: Draw, n: int, m: int) -> Data:
    """Return rows of three columns, of which the second and third go together."""

    def draw(random: np.random.Generator) -> Pair:
        columns = [values(random, n + m) for _ in range(2)]
        both: Floats = np.column_stack([*columns, columns[1] + values(random, n + m)])
        return both[:n], both[n:]

    return draw


def _clustered() -> Iterator[Null]:
    for name, of_x, of_y, shared in (
        ("12:10 clusters of 5", 12, 10, 0),
        ("40:8 clusters of 5", 40, 8, 0),
        ("15:15 clusters of 5, 8 in both", 15, 15, 8),
    ):
        for kind, values in (("normal", normal), ("skewed", skewed), ("tied", dice)):
            yield Null(
                test="ks-clustered",
                shape=f"{kind}, {name}",
                draw=_in_clusters(ks_clustered, values, of_x, of_y, shared),
            )
        yield Null(
            test="total-variation-clustered",
            shape=f"categories, {name}",
            draw=_in_clusters(total_variation_clustered, dice, of_x, of_y, shared),
        )
    for name, rho, n, m in (("0.3", 0.3, 300, 300), ("0.6", 0.6, 1000, 600)):
        yield Null(
            test="ks-clustered",
            shape=f"neighbours correlate by {name}, {n}:{m}",
            draw=_in_time(rho, n, m),
        )


def _in_clusters(
    test: Callable[..., TestResult], values: Draw, of_x: int, of_y: int, shared: int
) -> Callable[[np.random.Generator], float | None]:
    def draw(random: np.random.Generator) -> float | None:
        own = values(random, of_x + of_y - shared)
        x_clusters = np.repeat(np.arange(of_x), 5)
        y_clusters = np.repeat(np.arange(of_x - shared, of_x + of_y - shared), 5)
        x, y = (2 * own[at] + values(random, len(at)) for at in (x_clusters, y_clusters))
        return test(
            x,
            y,
            x_clusters=x_clusters,
            y_clusters=y_clusters,
            resamples=RESAMPLES,
            seed=int(random.integers(2**31)),
        ).pvalue

    return draw


def _in_time(rho: float, n: int, m: int) -> Callable[[np.random.Generator], float | None]:
    def draw(random: np.random.Generator) -> float | None:
        x, y = autoregressive(random, n, rho), autoregressive(random, m, rho)
        return ks_clustered(x, y, resamples=RESAMPLES, seed=int(random.integers(2**31))).pvalue

    return draw


def autoregressive(random: np.random.Generator, n: int, rho: float) -> Floats:
    """Return a stationary autoregression of the first order."""
    from scipy.signal import lfilter

    shocks = random.standard_normal(n + 100)
    found: Floats = lfilter([1.0], [1.0, -rho], shocks)[100:]
    return found
