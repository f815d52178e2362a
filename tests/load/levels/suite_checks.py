"""Nulls of calibration, fairness, residuals and stability: the truth lies on the policy's bound."""

import importlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Dataset, Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.suite.case import Case
from headgate.validation.policy_types import ValidationPolicySpec
from tests.load.levels.null import Null
from tests.load.levels.rows import autoregressive
from tests.load.levels.suite_answers import CLASSES, Drawn, a_classification_of
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers, words

type Errors = Callable[[np.random.Generator, int, Floats], Floats]
"""Draws n errors of the answers that are given."""


def nulls() -> Iterator[Null]:
    """Yield them check by check."""
    yield from _calibration()
    yield from _fairness()
    yield from _residuals()
    yield from _stability()


def _on_bound(
    line: str,
    shape: str,
    check: Mapping[str, Any],
    drawn: Drawn,
    *,
    subject: str | None = None,
    **policy: Any,
) -> Null:
    asked = a_policy(check, **policy)
    name = asked.checks[0].name
    measure = importlib.import_module(f"headgate.jobs.validation.suite.{name}").measure
    spec = getattr(asked.checks[0], name)

    def draw(random: np.random.Generator) -> float | None:
        case = drawn(asked, random)
        found = measure(case, spec, seed=int(random.integers(2**31)))
        wanted = [each for each in found if subject is None or each.subject == subject]
        pvalue: float | None = wanted[0].pvalue
        return pvalue

    return Null(test=f"suite: {line}", shape=shape, draw=draw)


def _calibration() -> Iterator[Null]:
    for n in (60, 300, 2000):
        for name, off in (("all too low", _always), ("low and high by turns", _by_turns)):
            yield _on_bound(
                "calibration",
                f"{n} rows, {name} by 0.05",
                {"calibration": {"maxError": 0.05}},
                _off_by(n, off),
            )
        yield _on_bound(
            "calibration",
            f"{n} rows, right, bound 0",
            {"calibration": {"maxError": 0.0}},
            _off_by(n, np.zeros_like),
        )
    yield _on_bound(
        "calibration",
        "40 clusters of 5, all too low by 0.05",
        {"calibration": {"maxError": 0.05}},
        _clustered_hits(40, 5),
        design={"clusters": "customer"},
    )


def _always(score: Floats) -> Floats:
    return np.full_like(score, 0.05)


def _by_turns(score: Floats) -> Floats:
    """Return gaps that are alike within each of ten bins of equal counts of 0.2 .. 0.8."""
    found: Floats = np.where(np.floor((score - 0.2) / 0.06) % 2 == 0, 0.05, -0.05)
    return found


def _off_by(n: int, off: Callable[[Floats], Floats]) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        score = 0.2 + 0.6 * (random.permutation(n) + 0.5) / n
        target = (random.random(n) < score + off(score)).astype(np.float64)
        return a_classification_of(policy, target, _answers(score))

    return drawn


def _clustered_hits(clusters: int, each: int) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        customer = np.repeat(np.arange(clusters), each)
        score = random.uniform(0.2, 0.8, clusters)[customer]
        # rows of a customer share their luck in half of the draws
        luck = np.where(
            random.random(len(customer)) < 0.5,
            random.random(clusters)[customer],
            random.random(len(customer)),
        )
        target = (luck < score + 0.05).astype(np.float64)
        return a_classification_of(policy, target, _answers(score), numbers("customer", customer))

    return drawn


def _answers(score: Floats) -> Answers:
    return Answers(
        values=(score > 0.5).astype(np.float64), scores=np.column_stack([1 - score, score])
    )


def _fairness() -> Iterator[Null]:
    for sizes, shares in (
        ((15, 12), (0.5, 0.4)),
        ((40, 60), (0.05, 0.15)),
        ((300, 40), (0.3, 0.4)),
        ((300, 300), (0.9, 0.8)),
        ((50, 40, 30), (0.3, 0.4, 0.35)),
    ):
        yield _on_bound(
            "demographic parity",
            f"{_named(sizes)} rows, {_named(shares)} favoured",
            {"fairness": {"metric": "demographic_parity_difference", "max": 0.1}},
            _favoured(sizes, shares),
            sensitive=["group"],
        )
    for sizes, shares in (
        ((30, 25), (0.5, 0.4)),
        ((60, 80), (0.2, 0.16)),
        ((400, 100), (0.5, 0.4)),
    ):
        yield _on_bound(
            "four fifths",
            f"{_named(sizes)} rows, {_named(shares)} favoured",
            {"fairness": {"metric": "four_fifths", "max": 0.2}},
            _favoured(sizes, shares),
            sensitive=["group"],
        )
    for sizes in ((40, 40), (400, 60)):
        for metric in ("equalized_odds_difference", "equal_opportunity_difference"):
            yield _on_bound(
                metric.removesuffix("_difference").replace("_", " "),
                f"{_named(sizes)} rows",
                {"fairness": {"metric": metric, "max": 0.1}},
                _favoured_by_truth(sizes),
                sensitive=["group"],
            )


def _named(values: Sequence[float]) -> str:
    return ":".join(f"{value:g}" for value in values)


def _favoured(sizes: Sequence[int], shares: Sequence[float]) -> Drawn:
    group = np.repeat(np.arange(len(sizes)), sizes)
    column = words("group", [f"g{code}" for code in group])

    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        favoured = (random.random(len(group)) < np.asarray(shares)[group]).astype(np.float64)
        target = random.integers(0, 2, len(group)).astype(np.float64)
        return a_classification_of(policy, target, Answers(values=favoured), column)

    return drawn


def _favoured_by_truth(sizes: Sequence[int]) -> Drawn:
    group = np.repeat(np.arange(len(sizes)), sizes)
    column = words("group", [f"g{code}" for code in group])

    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        target = random.integers(0, 2, len(group)).astype(np.float64)
        share = np.where(
            target == 1, np.where(group == 0, 0.8, 0.7), np.where(group == 0, 0.2, 0.3)
        )
        favoured = (random.random(len(group)) < share).astype(np.float64)
        return a_classification_of(policy, target, Answers(values=favoured), column)

    return drawn


def _residuals() -> Iterator[Null]:
    for n in (12, 50, 400):
        for name, errors in (
            ("normal", _normal(0.1)),
            ("skewed", _skewed(0.1)),
            ("skewed the other way", _skewed(-0.1)),
        ):
            yield _of_residuals("bias", f"{name} {n}", "maxBias", _regression(n, errors))
        for rho in (0.1, -0.1):
            case = _regression(n, _after_each_other(rho))
            yield _of_residuals("autocorrelation", f"{rho:g}, {n}", "maxAutocorrelation", case)
    for n in (12, 25, 50, 100, 400):
        case = _regression(n, _spreading)
        yield _of_residuals("heteroscedasticity", f"normal {n}", "maxHeteroscedasticity", case)
    yield _of_residuals(
        "bias",
        "30 clusters of 5",
        "maxBias",
        _clustered_errors(30, 5),
        design={"clusters": "customer"},
    )


def _of_residuals(subject: str, shape: str, field: str, drawn: Drawn, **policy: Any) -> Null:
    return _on_bound(
        f"{subject} of residuals",
        shape,
        {"residuals": {field: 0.1}},
        drawn,
        subject=subject,
        **policy,
    )


def _normal(bias: float) -> Errors:
    return lambda random, n, _answer: random.standard_normal(n) + bias


def _skewed(bias: float) -> Errors:
    return lambda random, n, _answer: random.exponential(size=n) - 1 + bias


def _after_each_other(rho: float) -> Errors:
    return lambda random, n, _answer: autoregressive(random, n, rho)


def _spreading(random: np.random.Generator, n: int, answer: Floats) -> Floats:
    """Return errors of which the answer, uniform in -1 .. 1, explains a tenth of the squares.

    Their variance is 1 + b x: cov(e^2, x) = b / 3 and var(e^2) = 2 + b^2, so that R2 is
    b^2 / 3 / (2 + b^2), 0.1 for b^2 = 6 / 7.
    """
    return np.sqrt(1 + math.sqrt(6 / 7) * answer) * random.standard_normal(n)


def _regression(n: int, errors: Errors) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        answer = random.uniform(-1, 1, n)
        return replace(
            a_case(policy, numbers("x", np.arange(n))),
            task=Task.REGRESSION,
            target=answer + errors(random, n, answer),
            answers=Answers(values=answer),
        )

    return drawn


def _clustered_errors(clusters: int, each: int) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        customer = np.repeat(np.arange(clusters), each)
        n = len(customer)
        own = random.standard_normal(clusters)[customer] + random.standard_normal(n)
        answer = random.uniform(-1, 1, n)
        return replace(
            a_case(policy, numbers("x", np.arange(n)), numbers("customer", customer)),
            task=Task.REGRESSION,
            target=answer + own / math.sqrt(2) + 0.1,
            answers=Answers(values=answer),
        )

    return drawn


@dataclass(frozen=True, kw_only=True)
class AboveZero:
    """A model that answers whether x is above 0."""

    inputs: tuple[str, ...] = ("x",)
    known: tuple[int, ...] = (0, 1)
    runtime: str = "sklearn"
    native: Any = None

    def answer(self, rows: Dataset) -> Answers:
        return Answers(values=(rows.columns["x"].values > 0).astype(np.float64))

    def matrix(self, rows: Dataset) -> Any:
        return rows.columns["x"].values[:, None]


def _stability() -> Iterator[Null]:
    for n, noise in ((20, 0.5), (100, 0.2), (600, 0.05)):
        # x and x + noise e have other signs with this chance, for normal x and e
        flips = math.atan(noise) / math.pi
        yield _on_bound(
            "stability",
            f"{n} rows, {flips:.3f} flip",
            {"stability": {"noise": noise, "maxFlip": flips}},
            _above_zero(n),
        )


def _above_zero(n: int) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        case = a_case(policy, numbers("x", random.standard_normal(n)))
        # the noise is in deviations of the reference's column: many rows, so that it is 1
        many = np.tile([-1.0, 1.0], 1)
        reference = replace(case.reference, columns={"x": numbers("x", many)}, rows=len(many))
        return replace(
            case,
            reference=reference,
            task=Task.CLASSIFICATION,
            classes=CLASSES,
            model=AboveZero(),
        )

    return drawn
