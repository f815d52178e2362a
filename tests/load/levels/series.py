"""Nulls of residuals, and of values in order of arrival, for tests by name."""

from collections.abc import Iterator

from tests.load.levels.null import Data, Null, with_options
from tests.load.levels.shapes import Draw, Shape, exponential, heavy, normal, skewed


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    for n in (5, 20, 200, 2000):
        yield with_options("shapiro-wilk", f"normal {n}", _alone(normal, n))
        yield with_options("jarque-bera", f"normal {n}", _alone(normal, n))
    yield with_options("jarque-bera", "normal 30, drawn", _alone(normal, 30), resamples=199)
    for name, values in (
        ("normal", normal),
        ("heavy", heavy),
        ("exponential", exponential),
        ("skewed", skewed),
    ):
        for n in (12, 25, 50, 120, 600):
            yield with_options("ljung-box", f"{name} {n}", _alone(values, n))
            yield with_options("durbin-watson", f"{name} {n}", _alone(values, n))
        yield with_options("ljung-box", f"{name} 40, one lag", _alone(values, 40), lags=1)
    for name, values in (("normal", normal), ("heavy", heavy), ("exponential", exponential)):
        for n, d in ((20, 1), (60, 3), (120, 3), (400, 2)):
            yield with_options("breusch-pagan", f"{name} {n}, {d} regressors", _on(values, n, d))
        yield with_options(
            "breusch-pagan", f"{name} 60, a skewed regressor", _on_skewed(values, 60)
        )
    yield from _looked_at()


def _alone(values: Draw, n: int) -> Data:
    return lambda random: (values(random, n),)


def _on(values: Draw, n: int, d: int) -> Data:
    return lambda random: (
        values(random, n) - values(random, 1) * 0,
        random.standard_normal((n, d)),
    )


def _on_skewed(values: Draw, n: int) -> Data:
    return lambda random: (values(random, n), random.exponential(size=n))


def _looked_at() -> Iterator[Null]:
    for shape, looks in (
        (Shape("normal", normal, 60, 60), 5),
        (Shape("normal", normal, 200, 50), 5),
        (Shape("normal", normal, 400, 200), 20),
        (Shape("heavy", heavy, 100, 100), 5),
        (Shape("heavy", heavy, 200, 100), 10),
        (Shape("exponential", exponential, 100, 100), 5),
        (Shape("exponential", exponential, 200, 200), 20),
    ):
        for spending in ("obrien-fleming", "pocock"):
            yield with_options(
                "lan-demets",
                f"{shape}, {looks} looks, {spending}",
                shape,
                looks=looks,
                spending=spending,
            )
        yield with_options("always-valid", str(shape), shape)
    unequal = Shape("exponential", exponential, 400, 100)
    yield with_options("always-valid", str(unequal), unequal)
