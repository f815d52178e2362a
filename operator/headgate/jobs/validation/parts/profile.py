"""What decides how a column is compared, put together from what parts of its rows say."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.arrow_texts import are_categories, encode
from headgate.jobs.validation.data.dataset import Column, ColumnKind, Floats, Texts
from headgate.jobs.validation.data.labels import TRUTHS
from headgate.jobs.validation.parts.part import Part

MOST_VALUES: Final = 1024
"""So many different numbers of a column are kept one by one, and counted exactly."""
MOST_TEXTS: Final = 50_000
"""A column of more different texts is measured by their lengths."""
_FIRST: Final = 4096
"""Values that tell most columns of many different ones."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What n rows of a column hold. `merged` does not depend on how rows were parted."""

    kind: ColumnKind
    """TEXT for all texts: whether they are categories is seen when all rows are."""
    rows: int
    missing: int
    low: float
    """The least value (of texts, length) that is present; infinity where none is."""
    high: float
    integral: bool
    values: Floats | None
    """The different numbers, or lengths of texts, in order; None for more than 1024."""
    texts: frozenset[str] | None = frozenset()
    """The different texts; None for more than 50,000."""
    declared: bool = False
    """Whether the file itself calls it categorical."""

    def merged(self, other: "Profile") -> "Profile":
        """Return the profile of both one's rows."""
        return Profile(
            kind=self.kind,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            integral=self.integral and other.integral,
            values=_values_of_both(self.values, other.values),
            texts=_texts_of_both(self.texts, other.texts),
            declared=self.declared or other.declared,
        )

    def form(self, name: str) -> Column:
        """Return a short column that stands for the whole one: of its kind and categories.

        It is aligned with others as the whole one would be, by the same code.
        """
        if self.kind is ColumnKind.TEXT:
            return self._form_of_texts(name)
        if self.missing == self.rows:
            empty = -1.0 if self.kind is ColumnKind.BOOLEAN else np.nan
            return self._column(name, np.array([empty]), missing=True)
        if self.values is not None:
            return self._column(name, self.values)
        # so many different values are not all 0 and 1, and this one in between shows it
        between = self.low + (self.high - self.low) / 2
        return self._column(name, np.array([self.low, between, self.high]))

    def _column(self, name: str, values: Floats, *, missing: bool = False) -> Column:
        return Column(
            name=name,
            kind=self.kind,
            values=values,
            missing=np.full(len(values), missing),
            categories=TRUTHS if self.kind is ColumnKind.BOOLEAN else (),
            integral=self.integral,
        )

    def _form_of_texts(self, name: str) -> Column:
        texts = None if self.texts is None else tuple(sorted(self.texts))
        if texts is not None and (
            self.declared or are_categories(len(texts), self.rows - self.missing)
        ):
            codes = np.arange(len(texts), dtype=np.float64) if texts else np.array([-1.0])
            return Column(
                name=name,
                kind=ColumnKind.CATEGORICAL,
                values=codes,
                missing=codes < 0,
                categories=texts,
            )
        present = self.missing < self.rows
        count = len(texts) if texts else 1
        return Column(
            name=name,
            kind=ColumnKind.TEXT,
            values=np.full(count, self.low if present else np.nan),
            missing=np.full(count, not present),
            integral=True,
            texts=None
            if texts is None
            else Texts(
                codes=np.arange(count, dtype=np.int32) if texts else np.array([-1], dtype=np.int32),
                distinct=np.array(texts, dtype=object),
            ),
        )


def profile_of(part: Part, name: str) -> Profile:
    """Return the profile of a column in a part; DataError, naming the row, as in `column_of`."""
    import pyarrow as pa

    array = part.column(name)
    declared = pa.types.is_dictionary(array.type)
    column = column_of(name, array, part.file, declared=declared, first_row=part.first_row)
    if column.kind in {ColumnKind.CATEGORICAL, ColumnKind.TEXT}:
        return _of_texts(part, name, column, declared=declared)
    present = column.present()
    some = len(present) > 0
    return Profile(
        kind=column.kind,
        rows=len(column),
        missing=int(np.count_nonzero(column.missing)),
        low=float(present.min()) if some else np.inf,
        high=float(present.max()) if some else -np.inf,
        integral=column.integral,
        values=different_values(present),
    )


def different_values(values: Floats) -> Floats | None:
    """Return the different ones of (n,) values in order; None where there are more than 1024."""
    if len(np.unique(values[:_FIRST])) > MOST_VALUES:
        return None
    found: Floats = np.unique(values)
    return found if len(found) <= MOST_VALUES else None


def _of_texts(part: Part, name: str, column: Column, *, declared: bool) -> Profile:
    if column.kind is ColumnKind.CATEGORICAL:
        texts: frozenset[str] | None = frozenset(column.categories)
        lengths = np.array([len(text) for text in column.categories], dtype=np.float64)
    else:
        texts, lengths = _texts_of(part, name), column.present()
    some = len(lengths) > 0
    return Profile(
        kind=ColumnKind.TEXT,
        rows=len(column),
        missing=int(np.count_nonzero(column.missing)),
        low=float(lengths.min()) if some else np.inf,
        high=float(lengths.max()) if some else -np.inf,
        integral=True,
        values=different_values(lengths),
        texts=texts,
        declared=declared,
    )


def _texts_of(part: Part, name: str) -> frozenset[str] | None:
    encoded = encode(name, part.column(name), part.file, part.first_row)
    if len(encoded.dictionary) > MOST_TEXTS:
        return None
    used = np.flatnonzero(encoded.counts())
    return frozenset(encoded.dictionary.take(used).to_pylist())


def _values_of_both(first: Floats | None, second: Floats | None) -> Floats | None:
    if first is None or second is None:
        return None
    both: Floats = np.union1d(first, second)
    return both if len(both) <= MOST_VALUES else None


def _texts_of_both(
    first: frozenset[str] | None, second: frozenset[str] | None
) -> frozenset[str] | None:
    if first is None or second is None:
        return None
    both = first | second
    return both if len(both) <= MOST_TEXTS else None
