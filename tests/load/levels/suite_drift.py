"""Nulls of the drift check: columns of two files, put to the test that the suite selects."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.finding import Measurement
from headgate.jobs.validation.suite import drift
from headgate.jobs.validation.suite.case import Case
from tests.load.levels.null import Null
from tests.load.levels.rows import autoregressive
from tests.load.levels.shapes import Draw, counts, dice, heavy, normal, rounded, skewed
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words

type Columns = Callable[[np.random.Generator, int], Mapping[str, Column]]
"""Draws the columns of one file of n rows; `x` is the one that is tested."""


def nulls() -> Iterator[Null]:
    """Yield them by the test that is selected; sets for which it would be another are left out."""
    yield from _of_numbers()
    yield from _of_counts()
    yield from _of_groups()
    yield from _of_rows()


def _of_numbers() -> Iterator[Null]:
    sizes = ((8, 6), (60, 40), (400, 30), (700, 600))
    for name, values in (
        ("normal", normal),
        ("rounded", rounded),
        ("skewed", skewed),
        ("heavy", heavy),
    ):
        for n, m in sizes:
            yield _selected("ks", f"{name} {n}:{m}", _number(values), n, m)


def _of_counts() -> Iterator[Null]:
    whole, words_of, truths = _whole_number, _words, _words_of(2)
    yield _selected("chi2", "dice 90:60", whole(dice), 90, 60)
    yield _selected("chi2", "dice 900:80", whole(dice), 900, 80)
    yield _selected("chi2", "rare words 2000:300", words_of, 2000, 300)
    yield _selected("chi2", "truths 40:30", truths, 40, 30)
    yield _selected("chi2-permutation", "dice 12:9", whole(dice), 12, 9)
    yield _selected("chi2-permutation", "small counts 100:40", whole(counts), 100, 40)
    yield _selected("chi2-permutation", "rare words 300:40", words_of, 300, 40)
    yield _selected("boschloo", "truths 8:6", truths, 8, 6)
    yield _selected("boschloo", "one in 10 true, 120:30", _words_of(2, 0.1), 120, 30)
    yield _selected("fisher", "one in 50 true, 400:60", _words_of(2, 0.02), 400, 60)
    for test, n, m, share in (
        ("chi2", 300, 200, 0.1),
        ("boschloo", 100, 60, 0.03),
        ("fisher", 500, 100, 0.01),
    ):
        yield _selected(
            test,
            f"missing values, a share of {share:g}, {n}:{m}",
            _gaps(share),
            n,
            m,
            "x (missing)",
        )


def _of_groups() -> Iterator[Null]:
    for name, values in (("normal", normal), ("skewed", skewed), ("dice", dice)):
        for n, m in ((60, 50), (200, 40)):
            yield _selected(
                "ks-clustered",
                f"{name}, {n // 5}:{m // 5} clusters of 5",
                _clusters(values),
                n,
                m,
                design={"clusters": "customer"},
            )
    for rho, n, m in ((0.3, 300, 200), (0.6, 1000, 600)):
        yield _selected(
            "ks-clustered",
            f"neighbours correlate by {rho:g}, {n}:{m}",
            _in_time(rho),
            n,
            m,
            design={"time": "at"},
        )


def _of_rows() -> Iterator[Null]:
    for kind, test in (
        ("mmd", "mmd"),
        ("energy", "energy-multivariate"),
        ("classifier", "classifier-two-sample"),
    ):
        for name, values, n, m in (
            ("normal", normal, 30, 12),
            ("skewed", skewed, 40, 40),
            ("dice", dice, 25, 20),
        ):
            yield _selected(
                test,
                f"{name} {n}:{m}, 3 columns",
                _three(values),
                n,
                m,
                "all numeric columns",
                multivariate=[kind],
            )


def _selected(
    test: str,
    shape: str,
    columns: Columns,
    n: int,
    m: int,
    subject: str = "x",
    *,
    design: Mapping[str, str] | None = None,
    multivariate: list[str] | None = None,
) -> Null:
    asked: dict[str, Any] = {"columns": ["x"]} if multivariate is None else {}
    policy = a_policy(
        {"drift": {**asked, "multivariate": multivariate or []}},
        target=None,
        predictions=None,
        design=design or {},
    )
    spec = policy.checks[0].drift
    assert spec is not None

    def draw(random: np.random.Generator) -> float | None:
        before, after = columns(random, n), columns(random, m)
        case: Case = replace(
            a_case(policy, *after.values()),
            reference=a_dataset(*before.values(), name="reference.csv"),
        )
        found = _of(drift.measure(case, spec, seed=int(random.integers(2**31))), subject)
        return found.pvalue if found is not None and found.test == test else None

    return Null(test=f"suite: drift by {test}", shape=shape, draw=draw)


def _of(found: Iterator[Measurement], subject: str) -> Measurement | None:
    return next((each for each in found if each.subject == subject), None)


def _number(values: Draw) -> Columns:
    return lambda random, n: {"x": numbers("x", values(random, n))}


def _whole_number(values: Draw) -> Columns:
    return lambda random, n: {"x": replace(numbers("x", values(random, n)), integral=True)}


WORDS = ("blue", "green", "red", "yellow")


def _words(random: np.random.Generator, n: int) -> Mapping[str, Column]:
    return {"x": _coded(random.choice(4, n, p=(0.85, 0.1, 0.03, 0.02)), WORDS)}


def _words_of(values: int, share: float = 0.5) -> Columns:
    return lambda random, n: {
        "x": _coded((random.random(n) < share).astype(np.float64), WORDS[:values])
    }


def _coded(codes: Any, categories: tuple[str, ...]) -> Column:
    known = words("x", [*categories])
    return replace(
        known, values=np.asarray(codes, dtype=np.float64), missing=np.zeros(len(codes), dtype=bool)
    )


def _gaps(share: float) -> Columns:
    def draw(random: np.random.Generator, n: int) -> Mapping[str, Column]:
        values: Floats = normal(random, n)
        values[random.random(n) < share] = np.nan
        return {"x": numbers("x", values)}

    return draw


def _clusters(values: Draw) -> Columns:
    def draw(random: np.random.Generator, n: int) -> Mapping[str, Column]:
        customer = np.repeat(np.arange(n // 5), 5)
        x = 2 * values(random, n // 5)[customer] + values(random, n)
        # no customer is in both files
        return {"x": numbers("x", x), "customer": numbers("customer", customer + 1000 * n)}

    return draw


def _in_time(rho: float) -> Columns:
    def draw(random: np.random.Generator, n: int) -> Mapping[str, Column]:
        return {
            "x": numbers("x", autoregressive(random, n, rho)),
            "at": numbers("at", np.arange(n)),
        }

    return draw


def _three(values: Draw) -> Columns:
    def draw(random: np.random.Generator, n: int) -> Mapping[str, Column]:
        x, a = values(random, n), values(random, n)
        return {
            "x": numbers("x", x),
            "a": numbers("a", a),
            "b": numbers("b", a + values(random, n)),
        }

    return draw
