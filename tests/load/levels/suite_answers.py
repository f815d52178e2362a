"""Nulls of the checks of answers: the truth lies on the policy's bound, and nothing is beyond."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import ndtr

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Column, Floats
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.suite import performance
from headgate.jobs.validation.suite.case import Case
from headgate.validation.policy_types import ValidationPolicySpec
from tests.load.levels.null import Null
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers

type Drawn = Callable[[ValidationPolicySpec, np.random.Generator], Case]
type Errors = Callable[[np.random.Generator, int], Floats]
CLASSES = ("no", "yes")


def nulls() -> Iterator[Null]:
    """Yield them by what is measured and how."""
    yield from _accuracy()
    yield from _areas()
    yield from _others()


def on_bound(
    test: str,
    shape: str,
    check: Mapping[str, Any],
    drawn: Drawn,
    *,
    design: Mapping[str, str] | None = None,
) -> Null:
    """Return the null of a performance check on cases that `drawn` (policy, random) gives."""
    policy = a_policy({"performance": check}, design=design or {})
    spec = policy.checks[0].performance
    assert spec is not None

    def draw(random: np.random.Generator) -> float | None:
        case = drawn(policy, random)
        (found,) = performance.measure(case, spec, seed=int(random.integers(2**31)))
        return found.pvalue

    return Null(test=f"suite: {test}", shape=shape, draw=draw)


def a_classification_of(
    policy: ValidationPolicySpec,
    target: Floats,
    answers: Answers,
    *columns: Column,
    stable: Answers | None = None,
) -> Case:
    """Return a case of two classes with these answers."""
    return replace(
        a_case(policy, numbers("x", np.arange(len(target))), *columns),
        task=Task.CLASSIFICATION,
        classes=CLASSES,
        target=target,
        answers=answers,
        stable_answers=stable,
    )


def _accuracy() -> Iterator[Null]:
    for n, share in ((12, 0.8), (60, 0.7), (60, 0.95), (500, 0.9)):
        yield on_bound(
            "accuracy against min",
            f"{n} rows, {share:g}",
            {"metric": "accuracy", "min": share},
            _hits(n, share),
        )
    for clusters, each in ((12, 5), (40, 10)):
        yield on_bound(
            "accuracy against min",
            f"{clusters} clusters of {each}, 0.8",
            {"metric": "accuracy", "min": 0.8},
            _clustered_hits(clusters, each, 0.8),
            design={"clusters": "customer"},
        )
    for n, only_first, only_second in (
        (30, 0.1, 0.1),
        (60, 0.05, 0.15),
        (400, 0.01, 0.03),
        (400, 0.1, 0.1),
    ):
        yield on_bound(
            "accuracy beside stable",
            f"{n} rows, {only_first + only_second:g} differ",
            {"metric": "accuracy", "nonInferiorTo": "stable", "margin": only_second - only_first},
            _paired_hits(n, only_first, only_second),
        )
    yield on_bound(
        "accuracy beside stable",
        "40 clusters of 5",
        {"metric": "accuracy", "nonInferiorTo": "stable"},
        _clustered_pairs(40, 5),
        design={"clusters": "customer"},
    )


def _hits(n: int, share: float) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        target = random.integers(0, 2, n).astype(np.float64)
        wrong = random.random(n) >= share
        return a_classification_of(
            policy, target, Answers(values=np.where(wrong, 1 - target, target))
        )

    return drawn


def _clustered_hits(clusters: int, each: int, share: float) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        customer = np.repeat(np.arange(clusters), each)
        own = random.beta(3 * share, 3 * (1 - share), clusters)[customer]
        target = random.integers(0, 2, len(customer)).astype(np.float64)
        wrong = random.random(len(customer)) >= own
        answers = Answers(values=np.where(wrong, 1 - target, target))
        return a_classification_of(policy, target, answers, numbers("customer", customer))

    return drawn


def _paired_hits(n: int, only_first: float, only_second: float) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        target = random.integers(0, 2, n).astype(np.float64)
        which = random.random(n)
        first_wrong = which < only_second + 0.05
        second_wrong = (which >= only_second) & (which < only_second + 0.05 + only_first)
        told = (
            Answers(values=np.where(wrong, 1 - target, target))
            for wrong in (first_wrong, second_wrong)
        )
        answers, stable = told
        return a_classification_of(policy, target, answers, stable=stable)

    return drawn


def _clustered_pairs(clusters: int, each: int) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        customer = np.repeat(np.arange(clusters), each)
        target = random.integers(0, 2, len(customer)).astype(np.float64)
        told = []
        for _ in range(2):
            own = random.beta(2.4, 0.6, clusters)[customer]
            wrong = random.random(len(customer)) >= own
            told.append(Answers(values=np.where(wrong, 1 - target, target)))
        return a_classification_of(
            policy, target, told[0], numbers("customer", customer), stable=told[1]
        )

    return drawn


def _areas() -> Iterator[Null]:
    for ones, zeros in ((5, 60), (12, 12), (20, 300), (150, 200)):
        for apart in (1.0, 2.0):
            area = float(ndtr(apart / math.sqrt(2)))
            yield on_bound(
                "roc_auc against min",
                f"{ones} of yes, {zeros} of no, {area:.2f}",
                {"metric": "roc_auc", "min": area},
                _binormal(ones, zeros, apart),
            )
    for ones, zeros in ((5, 60), (12, 12), (20, 300), (150, 200)):
        for first, second in ((1.0, 1.0), (1.0, 1.4)):
            margin = float(ndtr(second / math.sqrt(2)) - ndtr(first / math.sqrt(2)))
            yield on_bound(
                "roc_auc beside stable",
                f"{ones} of yes, {zeros} of no, {margin:.2g} worse",
                {"metric": "roc_auc", "nonInferiorTo": "stable", "margin": margin},
                _binormal(ones, zeros, first, second),
            )
    yield on_bound(
        "roc_auc beside stable",
        "30 clusters of 5",
        {"metric": "roc_auc", "nonInferiorTo": "stable"},
        _clustered_scores(30, 5),
        design={"clusters": "customer"},
    )


def _scored(score: Floats) -> Answers:
    told = ndtr(score)
    return Answers(values=(told > 0.5).astype(np.float64), scores=np.column_stack([1 - told, told]))


def _binormal(ones: int, zeros: int, first: float, second: float | None = None) -> Drawn:
    target = np.repeat([1.0, 0.0], [ones, zeros])

    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        common = random.standard_normal(len(target))
        told = [
            _scored(
                apart * target
                + math.sqrt(0.6) * common
                + math.sqrt(0.4) * random.standard_normal(len(target))
            )
            for apart in (first, second)
            if apart is not None
        ]
        return a_classification_of(
            policy, target, told[0], stable=told[1] if second is not None else None
        )

    return drawn


def _clustered_scores(clusters: int, each: int) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        customer = np.repeat(np.arange(clusters), each)
        target = random.integers(0, 2, len(customer)).astype(np.float64)
        told = [
            _scored(
                target
                + random.standard_normal(clusters)[customer]
                + random.standard_normal(len(customer))
            )
            for _ in range(2)
        ]
        return a_classification_of(
            policy, target, told[0], numbers("customer", customer), stable=told[1]
        )

    return drawn


def _others() -> Iterator[Null]:
    """Yield metrics whose errors have no formula, and whose truth is known."""
    line, hit, false, share = "metric by bootstrap against a bound", 0.7, 0.2, 0.4
    truth = 2 * share * hit / (share * hit + (1 - share) * false + share)
    yield on_bound(
        line, "f1, 60 rows", {"metric": "f1", "min": truth}, _told(60, share, hit, false)
    )
    normal, skewed = {"max": math.sqrt(2 / math.pi)}, {"max": 2 / math.e}
    for n in (20, 60, 300):
        for name, bound, errors in (("normal", normal, _normal), ("skewed", skewed, _skewed)):
            yield on_bound(
                line,
                f"mean_absolute_error, {n} rows, {name}",
                {"metric": "mean_absolute_error", **bound},
                _numbers(n, errors),
            )
        yield on_bound(line, f"r2, {n} rows", {"metric": "r2", "min": 0.8}, _numbers(n, _normal))
    line = "metric by bootstrap beside stable"
    for n in (20, 60, 300):
        yield on_bound(
            line,
            f"mean_absolute_error, {n} rows, normal",
            {
                "metric": "mean_absolute_error",
                "nonInferiorTo": "stable",
                "margin": 0.2 * math.sqrt(2 / math.pi),
            },
            _numbers(n, _wider, _normal),
        )
        yield on_bound(
            line,
            f"mean_squared_error, {n} rows, skewed",
            {"metric": "mean_squared_error", "nonInferiorTo": "stable"},
            _numbers(n, _skewed, _skewed),
        )


def _normal(random: np.random.Generator, n: int) -> Floats:
    return random.standard_normal(n)


def _wider(random: np.random.Generator, n: int) -> Floats:
    return 1.2 * random.standard_normal(n)


def _skewed(random: np.random.Generator, n: int) -> Floats:
    return random.exponential(size=n) - 1


def _told(n: int, share: float, hit: float, false: float) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        target = (random.random(n) < share).astype(np.float64)
        told = (random.random(n) < np.where(target == 1, hit, false)).astype(np.float64)
        return a_classification_of(policy, target, Answers(values=told))

    return drawn


def _numbers(n: int, errors: Errors, others: Errors | None = None) -> Drawn:
    def drawn(policy: ValidationPolicySpec, random: np.random.Generator) -> Case:
        answer = 2 * random.standard_normal(n)
        target = answer + errors(random, n)
        stable = None if others is None else Answers(values=target - others(random, n))
        return replace(
            a_case(policy, numbers("x", np.arange(n))),
            task=Task.REGRESSION,
            target=target,
            answers=Answers(values=answer),
            stable_answers=stable,
        )

    return drawn
