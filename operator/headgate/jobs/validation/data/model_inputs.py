"""From columns of a file to the tensors that a model of the server's formats takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.answers import ModelError
from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, shown
from headgate.jobs.validation.data.labels import texts_of
from headgate.jobs.validation.data.names import listed
from headgate.server.protocol.datatypes import BYTES, DATATYPES, Array
from headgate.server.protocol.signature import ANY_SIZE, InputRules, TensorSpec

_NUMBERS: Final = frozenset({ColumnKind.NUMERIC, ColumnKind.BOOLEAN})


@dataclass(frozen=True)
class Inlet:
    """One input of a model, and the columns that fill it from left to right."""

    spec: TensorSpec
    columns: tuple[str, ...]


def inlets_of(
    specs: Sequence[TensorSpec], trained: Sequence[str], features: Sequence[str], file: str
) -> tuple[Inlet, ...]:
    """Return which columns go where, in the order in which the model takes them.

    Inputs of one column go by their own name. A matrix takes the columns that the model was
    `trained` on, where it knows their names, else all `features` in the file's order. Raises
    ModelError where their number does not fit.
    """
    widths = [_width(spec) for spec in specs]
    whole = len(specs) == 1 and (widths != [1] or specs[0].name not in features)
    if not whole and set(widths) == {1}:
        by_name = {spec.name: Inlet(spec, (spec.name,)) for spec in specs}
        known = set(trained) == set(by_name)
        return tuple(by_name[name] for name in (trained if known else by_name))
    names = tuple(trained or features)
    if whole and widths == [ANY_SIZE]:
        return (Inlet(specs[0], names),)
    if ANY_SIZE in widths or sum(widths) != len(names):
        raise ModelError(
            f"{file}: the model takes {sum(widths)} columns whose names it does not know, and"
            f" the data has {len(names)} that are not the target, a prediction or part of the"
            f" design ({listed(names)}): train it on a DataFrame, so that it knows their names, or"
            " leave the others out of the data"
        )
    places = iter(names)
    return tuple(
        Inlet(spec, tuple(next(places) for _ in range(width)))
        for spec, width in zip(specs, widths, strict=True)
    )


def tensors_of(
    inlets: Sequence[Inlet], rows: Dataset, rules: InputRules, first_row: int
) -> Mapping[str, Array]:
    """Return the model's inputs for n rows, by name, in its own datatypes and shapes.

    A missing value is NaN, and an empty text. Raises ModelError naming the column, and the row
    counted from `first_row`, for what does not fit the datatype or is refused by the rules.
    """
    return dict(_tensors(inlets, rows, rules, first_row))


def _tensors(
    inlets: Sequence[Inlet], rows: Dataset, rules: InputRules, first_row: int
) -> Iterator[tuple[str, Array]]:
    for inlet in inlets:
        reader = _Cells(inlet.spec.datatype, rows.name, rules.accepts_nan, first_row)
        cells = [reader.of(rows.columns[name]) for name in inlet.columns]
        flat = len(inlet.spec.shape) == 1
        yield inlet.spec.name, cells[0] if flat else np.column_stack(cells)


def _width(spec: TensorSpec) -> int:
    return 1 if len(spec.shape) == 1 else spec.shape[1]


@dataclass(frozen=True)
class _Cells:
    """Columns as one datatype of the protocol."""

    datatype: str
    file: str
    accepts_nan: bool
    first_row: int

    def of(self, column: Column) -> NDArray[Any]:
        """Return (n,) values."""
        if self.datatype == BYTES:
            return self._texts(column)
        if column.kind not in _NUMBERS:
            raise ModelError(
                f"{self.file}: column {shown(column.name)} is {column.kind}, and the model takes"
                " numbers there: declare it as an input of BYTES in headgate.json, with a model"
                " that encodes it, or store it as a number"
            )
        dtype = DATATYPES[self.datatype]
        if dtype.kind == "f":
            return self._floats(column, dtype)
        self._refuse(column, column.missing, f"has no value, and the model takes {self.datatype}")
        smallest, largest = (0, 1) if dtype.kind == "b" else _range(dtype)
        values = column.values
        unfit = (values != np.floor(values)) | (values < smallest) | (values > largest)
        self._refuse(column, unfit, f"does not fit {self.datatype}, which the model takes")
        return values.astype(dtype)

    def _texts(self, column: Column) -> NDArray[np.object_]:
        if column.kind is ColumnKind.NUMERIC and not column.integral:
            raise ModelError(
                f"{self.file}: column {shown(column.name)} is numeric, and the model takes text"
                " there"
            )
        return texts_of(column, self.file)

    def _floats(self, column: Column, dtype: np.dtype[Any]) -> NDArray[Any]:
        if not self.accepts_nan:
            self._refuse(column, column.missing, "has no value, and the model's card refuses NaN")
        with np.errstate(over="ignore"):
            values: NDArray[Any] = np.where(column.missing, np.nan, column.values).astype(dtype)
        self._refuse(column, np.isinf(values), f"is too large for {self.datatype}")
        return values

    def _refuse(self, column: Column, wrong: NDArray[np.bool_], what: str) -> None:
        if wrong.any():
            row = self.first_row + int(np.argmax(wrong)) + 1
            raise ModelError(f"{self.file}: column {shown(column.name)}: row {row} {what}")


def _range(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)
