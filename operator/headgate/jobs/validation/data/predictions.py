"""A model's answers that somebody else wrote into the data."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.dataset import Column, ColumnKind, DataError, Dataset, shown
from headgate.jobs.validation.data.labels import class_positions, coded
from headgate.jobs.validation.data.names import listed, require_columns
from headgate.jobs.validation.data.task import Task
from headgate.validation.policy_types import Predictions

_OTHER_NUMBERS: Final = (
    "; probabilities belong into spec.predictions.scores, and of a target that is numbers of few"
    " different values, spec.task: Regression says that it is no class"
)
_ROUNDING: Final = 0.02
"""How far a row's probabilities may be from a sum of 1, which is then made exact."""


def column_answers(
    dataset: Dataset, predictions: Predictions, classes: Sequence[str], task: Task
) -> Answers:
    """Return the answers to n rows out of `predictions.column` and its columns of scores.

    Raises DataError, naming column and row, where an answer is missing or no class of the target,
    and where scores are no probabilities of each of the classes.
    """
    if predictions.column is None:
        raise DataError("spec.predictions: names no column")
    wanted = (predictions.column, *predictions.scores)
    require_columns(tuple(dataset.columns), wanted, dataset.name)
    column = dataset.columns[predictions.column]
    _refuse_rows(column, column.missing, "has no answer", dataset.name)
    if task is Task.REGRESSION:
        return _numbers(column, predictions, dataset.name)
    values = _positions(column, classes, dataset.name)
    if not predictions.scores:
        return Answers(values=values)
    return Answers(values=values, scores=_scores(dataset, predictions.scores, classes))


def _numbers(column: Column, predictions: Predictions, file: str) -> Answers:
    if column.kind is not ColumnKind.NUMERIC:
        raise DataError(
            f"{file}: column {shown(column.name)} is {column.kind}, and the answers of a regression"
            " are numbers"
        )
    if predictions.scores:
        raise DataError("spec.predictions.scores: are for classifications, and this is none")
    return Answers(values=column.values)


def _positions(column: Column, classes: Sequence[str], file: str) -> NDArray[np.float64]:
    codes, texts = coded(column, file)
    positions = class_positions(classes)
    places = np.array([positions.get(text, -1) for text in texts], dtype=np.float64)[codes]
    unknown = places < 0
    if unknown.any():
        text = texts[codes[int(np.argmax(unknown))]]
        hint = _OTHER_NUMBERS if "." in text else ""
        what = f"is {shown(text)}, which is no class of the target ({listed(classes)}){hint}"
        _refuse_rows(column, unknown, what, file)
    return places


def _scores(dataset: Dataset, names: Sequence[str], classes: Sequence[str]) -> NDArray[np.float64]:
    if len(names) != len(classes):
        raise DataError(
            f"{dataset.name}: spec.predictions.scores names {len(names)} columns, and the target"
            f" has {len(classes)} classes ({listed(classes)}): name one for each, in this order"
        )
    for name in names:
        column = dataset.columns[name]
        if column.kind is not ColumnKind.NUMERIC:
            raise DataError(
                f"{dataset.name}: column {shown(name)} is {column.kind}, and scores are numbers"
            )
        _refuse_rows(column, column.missing, "has no score", dataset.name)
        outside = (column.values < 0) | (column.values > 1)
        if outside.any():
            value = column.values[int(np.argmax(outside))]
            what = f"is {value:g}, and a probability is from 0 to 1"
            _refuse_rows(column, outside, what, dataset.name)
    scores = np.column_stack([dataset.columns[name].values for name in names])
    sums = scores.sum(axis=1)
    wrong = np.abs(sums - 1) > _ROUNDING
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(
            f"{dataset.name}: columns {listed(names)}: row {row + 1} adds up to {sums[row]:g}, and"
            " the probabilities of all classes add up to 1"
        )
    return normalised(scores)


def normalised(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, classes) probabilities whose rows add up to 1 though they were rounded."""
    sums = scores.sum(axis=1, keepdims=True)
    rounded = np.abs(sums - 1) > 1e-12  # noqa: PLR2004  (more than float64's own rounding)
    return np.where(rounded, scores / sums, scores)


def _refuse_rows(column: Column, wrong: NDArray[np.bool_], what: str, file: str) -> None:
    if wrong.any():
        raise DataError(
            f"{file}: column {shown(column.name)}: row {int(np.argmax(wrong)) + 1} {what}"
        )
