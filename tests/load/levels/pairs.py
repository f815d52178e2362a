"""Nulls of pairs of values, and of folds of a cross-validation, for tests by name."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.tests.sample import Floats
from tests.load.levels.null import Null, with_options
from tests.load.levels.shapes import Draw, Pair, dice, exponential, heavy, normal

N = 200
type Rows = NDArray[Any]
type Fit = Callable[[Floats, Rows, Rows, Rows], float]
"""From features, target, the rows that are learnt from and those held out to an error."""


def nulls() -> Iterator[Null]:
    """Yield them test by test."""
    for name, values, n in (
        ("normal", normal, 4),
        ("normal", normal, 30),
        ("heavy", heavy, 25),
        ("skewed", exponential, 300),
    ):
        yield with_options("paired-t", f"{name} {n}", _Differences(values, n))
    for name, values, n in (
        ("normal", normal, 8),
        ("normal", normal, 60),
        ("heavy", heavy, 40),
        ("tied", _steps, 8),
        ("tied", _steps, 15),
        ("tied", _steps, 80),
        ("mostly zeros", _rare_steps, 40),
    ):
        yield with_options("wilcoxon", f"{name} {n}", _Differences(values, n))
    for test in ("5x2cv", "5x2cv-f"):
        yield with_options(test, "independent differences", _independent_folds)
        yield with_options(test, "two classifiers on 200 rows", _classified)
        yield with_options(test, "two regressors on 200 rows", _regressed)


class _Differences:
    """Pairs whose differences are of mean 0."""

    def __init__(self, values: Draw, n: int) -> None:
        self.values, self.n = values, n

    def __call__(self, random: np.random.Generator) -> Pair:
        row = (
            random.standard_normal(self.n)
            if self.values in (normal, heavy)
            else dice(random, self.n)
        )
        off = self.values(random, self.n)
        return row + off - (1.0 if self.values is exponential else 0.0), row


def _steps(random: np.random.Generator, n: int) -> Floats:
    return random.integers(-3, 4, n).astype(np.float64)


def _rare_steps(random: np.random.Generator, n: int) -> Floats:
    return _steps(random, n) * (random.random(n) < 0.3)


def _independent_folds(random: np.random.Generator) -> Pair:
    return random.standard_normal((5, 2)), np.zeros((5, 2))


def _classified(random: np.random.Generator) -> Pair:
    """Return errors of two nearest-centroid classifiers, each by features of its own.

    Both learn from as many features of one kind: neither is better, by symmetry.
    """
    labels = random.integers(0, 2, N)
    features = random.standard_normal((2, N, 3)) + 0.6 * labels[None, :, None]
    return _cross_validated(random, features, labels, _classify)


def _regressed(random: np.random.Generator) -> Pair:
    """Return mean squared errors of two least-squares fits, likewise."""
    features = random.standard_normal((2, N, 3))
    target = features.sum(axis=(0, 2)) + random.standard_normal(N)
    return _cross_validated(random, features, target, _regress)


def _cross_validated(random: np.random.Generator, features: Floats, target: Rows, fit: Fit) -> Pair:
    errors = np.empty((2, 5, 2))
    for repetition in range(5):
        order = random.permutation(N)
        halves = order[: N // 2], order[N // 2 :]
        for fold in (0, 1):
            learnt, held = halves[fold], halves[1 - fold]
            for model in (0, 1):
                errors[model, repetition, fold] = fit(features[model], target, learnt, held)
    return errors[0], errors[1]


def _classify(features: Floats, labels: Rows, learnt: Rows, held: Rows) -> float:
    centres = [features[learnt][labels[learnt] == label].mean(axis=0) for label in (0, 1)]
    apart = centres[1] - centres[0]
    told = features[held] @ apart > (centres[0] + centres[1]) @ apart / 2
    return float(np.mean(told != labels[held]))


def _regress(features: Floats, target: Rows, learnt: Rows, held: Rows) -> float:
    fitted = np.linalg.lstsq(features[learnt], target[learnt], rcond=None)[0]
    return float(np.mean((target[held] - features[held] @ fitted) ** 2))
