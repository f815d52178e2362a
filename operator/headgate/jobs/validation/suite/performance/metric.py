"""A metric by scikit-learn's name, made to fit a case's answers."""

import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Floats, Integers
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError

_BINARY = 2
_SHARES = frozenset({"_classification", "_ranking"})
_NEGATED = "neg_"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is computed, on which of the answers."""

    name: str
    function: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    sign: float = 1.0
    scored: bool = False
    """Whether it takes scores, and not the answers themselves."""
    loss: bool = False
    """Whether less is better."""
    share: bool = False
    """Whether 1 is the best that there is."""
    explains: bool = False
    """Whether 1 is the best, and there is no worst, as of R2 and others of what is explained."""
    counted: bool = False
    """Whether it depends on nothing but how often each answer meets each class."""
    columns: bool = False
    """Whether it takes many targets at once, a column each, and gives each one's value."""

    def told(self, answers: Answers) -> Floats | None:
        """Return what it takes of the answers: (n,), or (n, classes) scores; None where missing."""
        if not self.scored:
            return answers.values
        scores = answers.scores
        return scores[:, 1] if scores is not None and scores.shape[1] == _BINARY else scores

    def value(self, target: Floats, told: Floats) -> float:
        """Return the metric; NaN where it has no value.

        Raises ValueError, as scikit-learn does, where it is not for such targets or answers.
        """
        from sklearn.exceptions import UndefinedMetricWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", UndefinedMetricWarning)
            try:
                return self.sign * float(self.function(target, told, **self.options))
            except UndefinedMetricWarning:
                return math.nan

    def of_draws(self, target: Floats, told: Floats) -> Callable[[Integers], Floats]:
        """Return the values, NaN where there is none, of k draws of rows, (k, n).

        What depends on counts only is computed from the counts of a draw: the same value, and of
        50,000 rows in a tenth of the time. What takes columns is computed of all draws at once: of
        60 rows that is thirty times as fast.
        """
        if self.columns:
            return self._of_columns(target, told)
        value = self._of_counts(target, told) if self.counted else self._of_rows(target, told)
        return lambda draws: np.array([value(rows) for rows in draws])

    def _of_columns(self, target: Floats, told: Floats) -> Callable[[Integers], Floats]:
        function = partial(self.function, multioutput="raw_values", **self.options)
        one = self._of_rows(target, told)

        def of_draws(draws: Integers) -> Floats:
            if len(draws) == 1 or draws.shape[1] < _BINARY:
                return np.array([one(rows) for rows in draws])
            try:
                values: Floats = self.sign * function(target[draws].T, told[draws].T)
            except ValueError:  # of one of them
                return np.array([one(rows) for rows in draws])
            return values

        return of_draws

    def _of_rows(self, target: Floats, told: Floats) -> Callable[[Integers], float]:
        def of_rows(rows: Integers) -> float:
            try:
                return self.value(target[rows], told[rows])
            except ValueError:
                return math.nan

        return of_rows

    def _of_counts(self, target: Floats, told: Floats) -> Callable[[Integers], float]:
        pairs, cells = np.unique(np.column_stack([target, told]), axis=0, return_inverse=True)
        cells = cells.reshape(-1)

        def of_counts(rows: Integers) -> float:
            counts = np.bincount(cells[rows], minlength=len(pairs))
            seen = counts > 0  # a class that was not drawn is none of the draw's classes
            weighted = replace(self, options={**self.options, "sample_weight": counts[seen]})
            try:
                return weighted.value(pairs[seen, 0], pairs[seen, 1])
            except ValueError:
                return math.nan

        return of_counts


def find_metric(case: Case, name: str, path: str) -> Metric:
    """Return the metric of this name, ready for the case's classes.

    A loss goes by its plain name too: `mean_absolute_error` is less the better, where
    `neg_mean_absolute_error` is its negative. Raises PolicyMismatchError, naming `path`, for a name
    that scikit-learn does not have, and for a metric that is not for this task or needs scores.
    """
    from sklearn.metrics import get_scorer, get_scorer_names

    names = get_scorer_names()
    losses = {each.removeprefix(_NEGATED) for each in names if each.startswith(_NEGATED)}
    if name not in names and name not in losses:
        near = get_close_matches(name, [*names, *sorted(losses)], n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "sklearn.metrics lists them"
        raise PolicyMismatchError(f"{path}: {name!r} is no metric of scikit-learn; {hint}")
    loss = name not in names
    scorer = get_scorer(f"{_NEGATED}{name}" if loss else name)
    function, module = scorer._score_func, scorer._score_func.__module__.rpartition(".")[2]  # noqa: SLF001
    _check_task(case, name, module, path)
    scored = scorer._response_method != "predict"  # noqa: SLF001
    options = dict(scorer._kwargs)  # noqa: SLF001
    takes = inspect.signature(function).parameters
    if scored and "labels" in takes:
        options["labels"] = np.arange(len(case.classes))
    return Metric(
        name=name,
        function=function,
        options=options,
        sign=1.0 if loss else float(scorer._sign),  # noqa: SLF001
        scored=scored,
        loss=loss,
        columns="multioutput" in takes and "multioutput" not in options,
        counted=module == "_classification" and not scored and "sample_weight" in takes,
        explains=module == "_regression" and not loss and not name.startswith(_NEGATED),
        share=module in _SHARES and not loss and not name.startswith(_NEGATED),
    )


def _check_task(case: Case, name: str, module: str, path: str) -> None:
    regression = module == "_regression"
    if regression and case.task is Task.CLASSIFICATION:
        raise PolicyMismatchError(
            f"{path}: {name} is for regressions, and the target has {len(case.classes)} classes;"
            " accuracy or roc_auc are for those, or set spec.task: Regression"
        )
    if not regression and case.task is Task.REGRESSION:
        raise PolicyMismatchError(
            f"{path}: {name} is for classifications, and the target is a regression's; r2 or"
            " mean_absolute_error are for that, or set spec.task: Classification"
        )
    if name in {"roc_auc", "average_precision"} and len(case.classes) > _BINARY:
        other = "roc_auc_ovr" if name == "roc_auc" else "roc_auc_ovr or f1_macro"
        raise PolicyMismatchError(
            f"{path}: {name} is for two classes, and the target has {len(case.classes)}; {other}"
            " is for more"
        )


def require_told(metric: Metric, answers: Answers, whose: str, path: str) -> Floats:
    """Return what the metric takes of answers; PolicyMismatchError where they have no scores."""
    told = metric.told(answers)
    if told is None:
        raise PolicyMismatchError(
            f"{path}: {metric.name} needs scores, and {whose} answers come without: give"
            " spec.predictions.scores, or a model with predict_proba"
        )
    return told
