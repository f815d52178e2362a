"""A model of any of the server's formats, asked in batches as its server would be asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import ANYTHING, Answers, ModelError
from headgate.jobs.validation.data.dataset import Dataset
from headgate.jobs.validation.data.model_inputs import Inlet, tensors_of
from headgate.jobs.validation.data.model_outputs import Outlet
from headgate.jobs.validation.data.names import require_columns
from headgate.jobs.validation.data.task import Task
from headgate.server.formats.base import LoadedModel
from headgate.server.formats.columns import assembled

BATCH_CELLS: Final = 1_000_000
"""Rows times columns that the model gets at once; its own copies are bounded by this."""


class FileModel:
    """See `Model`; `task` and `classes` are the case's, or the model's own where it has none."""

    def __init__(
        self,
        *,
        runtime: str,
        native: Any,
        loaded: LoadedModel,
        inlets: Sequence[Inlet],
        outlet: Outlet,
    ) -> None:
        self._runtime = runtime
        self._native = native
        self._loaded = loaded
        self._inlets = tuple(inlets)
        self._outlet = outlet
        self.batch_cells = BATCH_CELLS
        self._inputs = tuple(name for inlet in inlets for name in inlet.columns)

    @property
    def runtime(self) -> str:
        """Return the format: sklearn, xgboost, lightgbm, onnx."""
        return self._runtime

    @property
    def native(self) -> Any:
        """The library's own object, for SHAP; None for onnx."""
        return self._native

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that it reads, in its order."""
        return self._inputs

    @property
    def task(self) -> Task:
        """What it predicts."""
        return self._outlet.task

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that its answers' values and scores refer to."""
        return self._outlet.classes

    @property
    def known(self) -> tuple[int, ...]:
        """The places in `classes` of those that the model itself knows, in its order."""
        return self._outlet.places_known

    def answer(self, rows: Dataset) -> Answers:
        """Predict n rows in batches; raises ModelError naming the first row that has no answer."""
        read = self._read_columns(rows)
        size = max(1, self.batch_cells // max(1, len(self._inputs)))
        starts = range(0, max(rows.rows, 1), size)
        parts = [self._batch(read, start, min(start + size, rows.rows)) for start in starts]
        scores = [part.scores for part in parts if part.scores is not None]
        return Answers(
            values=np.concatenate([part.values for part in parts]),
            scores=np.concatenate(scores) if scores else None,
        )

    def matrix(self, rows: Dataset) -> Any:
        """Return the (n, features) array in the form that `native` takes."""
        tensors = tensors_of(self._inlets, self._read_columns(rows), self._loaded.rules, 0)
        return assembled(tensors, tuple(inlet.spec.name for inlet in self._inlets))

    def _read_columns(self, rows: Dataset) -> Dataset:
        require_columns(tuple(rows.columns), self._inputs, rows.name)
        columns = {name: rows.columns[name] for name in self._inputs}
        return replace(rows, columns=columns)

    def _batch(self, read: Dataset, start: int, end: int) -> Answers:
        if start == end:
            return Answers(values=np.empty(0))
        try:
            results = self._results(read, start, end)
        except (ModelError, MemoryError):
            raise
        except ANYTHING as error:
            row = self._first_refused(read, start, end)
            where = "" if row is None else f" at row {read.first_row + row + 1} of {read.name}"
            first = (str(error).strip().splitlines() or [""])[0][:200]
            raise ModelError(
                f"{self._outlet.file}: the model raised {type(error).__name__}{where}: {first}"
            ) from error
        return self._outlet.answers(results, end - start, read.first_row + start)

    def _results(self, read: Dataset, start: int, end: int) -> Any:
        part = read.take(np.arange(start, end))
        tensors = tensors_of(self._inlets, part, self._loaded.rules, read.first_row + start)
        return self._loaded.predict(tensors, self._outlet.wanted)

    def _first_refused(self, read: Dataset, start: int, end: int) -> int | None:
        """Halve rows that the model raises at; None where it raises at neither half alone."""
        while end - start > 1:
            middle = (start + end) // 2
            if self._raises(read, start, middle):
                end = middle
            elif self._raises(read, middle, end):
                start = middle
            else:
                return None
        return start

    def _raises(self, read: Dataset, start: int, end: int) -> bool:
        try:
            self._results(read, start, end)
        except MemoryError:
            raise
        except ANYTHING:  # whatever a model raises is its answer here
            return True
        return False
