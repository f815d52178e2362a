"""From what a model gives back to answers: classes by their place, probabilities in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.answers import Answers, ModelError
from headgate.jobs.validation.data.dataset import LARGEST_NUMBER, Floats, shown
from headgate.jobs.validation.data.labels import class_positions, label_text
from headgate.jobs.validation.data.names import listed
from headgate.jobs.validation.data.predictions import normalised
from headgate.jobs.validation.data.task import Task

_BINARY: Final = 2
_ROUNDING: Final = 1e-6
"""How far float32 may take a probability out of 0 to 1."""


class Form(StrEnum):
    """What the numbers of an output are."""

    NUMBER = "a number"
    PROBABILITY = "a probability"
    """Of the second class where there is one a row, else of each class."""
    MARGIN = "log odds"
    LABEL = "a label"
    """A class by its text or its place."""


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """How to read a model's outputs."""

    file: str
    task: Task
    classes: tuple[str, ...]
    labels: str | None = None
    """The output that holds classes."""
    scores: str | None = None
    """The output that holds probabilities, or a regression's numbers."""
    form: Form = Form.NUMBER
    """Of `scores`."""
    known: tuple[str, ...] | None = None
    """The model's own classes, in the order of its probabilities; None: it has the target's."""
    by_place: bool = False
    """Whether labels are places in `classes`, whatever those are called."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The outputs to ask for."""
        return tuple(name for name in (self.labels, self.scores) if name is not None)

    @property
    def places_known(self) -> tuple[int, ...]:
        """The places in `classes` of the model's own classes, in its order."""
        positions = class_positions(self.classes)
        return tuple(positions[name] for name in self.known or self.classes)

    def answers(self, results: Mapping[str, Any], count: int, first_row: int) -> Answers:
        """Read `count` rows; ModelError with the row counted from `first_row` if they are none."""
        for name in self.wanted:
            self._check(np.asarray(results[name]), count, first_row)
        if self.task is Task.REGRESSION:
            return Answers(values=self._flat(results[str(self.scores)], count, first_row))
        scores = None
        if self.scores is not None:
            scores = self._probabilities(np.asarray(results[self.scores]), first_row)
        if self.labels is not None:
            places = self._places(np.asarray(results[self.labels]), count, first_row)
            return Answers(values=places, scores=scores)
        if scores is None:
            raise ModelError(f"{self.file}: the model has no output that is a class")
        return Answers(values=scores.argmax(axis=1).astype(np.float64), scores=scores)

    def _check(self, result: NDArray[Any], count: int, first_row: int) -> None:
        if result.ndim == 0 or len(result) != count:
            rows = 1 if result.ndim == 0 else len(result)
            raise ModelError(f"{self.file}: the model answered with {rows} rows to {count}")
        if result.dtype.kind == "f":
            broken = ~np.isfinite(result).reshape(count, -1).all(axis=1)
            if broken.any():
                place = int(np.argmax(broken))
                value = "infinity" if np.isinf(result[place]).any() else "NaN"
                raise ModelError(
                    f"{self.file}: the model answered with {value} to row {first_row + place + 1}"
                )

    def _flat(self, result: Any, count: int, first_row: int) -> Floats:
        numbers = np.asarray(result)
        if numbers.size != count or numbers.dtype.kind not in "fiub":
            raise ModelError(
                f"{self.file}: the model answers with {_described(numbers)} a row, and a regression"
                " needs one number"
            )
        values: Floats = numbers.reshape(count).astype(np.float64)
        over = np.abs(values) > LARGEST_NUMBER
        if over.any():
            place = int(np.argmax(over))
            raise ModelError(
                f"{self.file}: the model answered with {values[place]:g} to row"
                f" {first_row + place + 1}: sums of numbers beyond {LARGEST_NUMBER:g} overflow"
            )
        return values

    def _places(self, labels: NDArray[Any], count: int, first_row: int) -> Floats:
        if labels.size != count:
            raise ModelError(
                f"{self.file}: the model answers with {_described(labels)} a row, not one class"
            )
        positions = class_positions(self.classes)
        if self.by_place:
            positions = {str(place): place for place in range(len(self.classes))}
        values = labels.reshape(count).tolist()
        found = {value: positions.get(label_text(value), -1) for value in set(values)}
        places = np.array([found[value] for value in values], dtype=np.float64)
        if (places < 0).any():
            row = int(np.argmax(places < 0))
            raise ModelError(
                f"{self.file}: the model answered {shown(label_text(values[row]))} to row"
                f" {first_row + row + 1}, which is no class of the target ({listed(self.classes)})"
            )
        return places

    def _probabilities(self, result: NDArray[Any], first_row: int) -> Floats:
        raw = result.astype(np.float64).reshape(len(result), -1)
        if self.form is Form.MARGIN:
            from scipy.special import expit

            raw = expit(raw)
        outside = ((raw < -_ROUNDING) | (raw > 1 + _ROUNDING)).any(axis=1)
        if outside.any():
            row = int(np.argmax(outside))
            raise ModelError(
                f"{self.file}: the model answered {raw[row].max():g} to row {first_row + row + 1},"
                " which is no probability"
            )
        raw = raw.clip(0, 1)
        known = self.known or self.classes
        if raw.shape[1] == 1 and len(known) == _BINARY:
            raw = np.column_stack([1 - raw[:, 0], raw[:, 0]])
        if raw.shape[1] != len(known):
            raise ModelError(
                f"{self.file}: the model answers with {raw.shape[1]} probabilities a row, and the"
                f" target has {len(self.classes)} classes ({listed(self.classes)})"
            )
        empty = raw.sum(axis=1) == 0
        if empty.any():
            row = first_row + int(np.argmax(empty)) + 1
            raise ModelError(f"{self.file}: the model gave row {row} no class any probability")
        scores = np.zeros((len(raw), len(self.classes)))
        scores[:, list(self.places_known)] = normalised(raw)
        return scores


def _described(result: NDArray[Any]) -> str:
    return f"{result.shape[1:]} values" if result.ndim > 1 else f"{result.dtype} values"
