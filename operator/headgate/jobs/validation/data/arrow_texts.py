"""Columns of text: categories where few texts recur, else the texts' lengths."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import (
    Column,
    ColumnKind,
    DataError,
    Texts,
    shown,
)

MOST_CATEGORIES: Final = 1000
ALWAYS_CATEGORIES: Final = 10
"""So few different texts are categories in a file of any size."""
MOST_TEXTS: Final = 250_000
"""More different texts than this are not kept, only their lengths."""


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """(n,) codes, -1 where missing, into (texts,) different texts as Arrow keeps them."""

    codes: NDArray[np.int32]
    dictionary: Any

    def counts(self) -> NDArray[np.int64]:
        """Return (texts,) how often each text occurs."""
        counted: NDArray[np.int64] = np.bincount(
            self.codes[self.codes >= 0], minlength=len(self.dictionary)
        )
        return counted


def text_column(name: str, array: Any, file: str, *, declared: bool, first_row: int = 0) -> Column:
    """Return a categorical column, or one of text lengths, out of a ChunkedArray of n texts.

    Categorical is what the file declares to be, or has at most 1000 different texts, and not more
    than half as many as rows with one unless there are 10 at most. DataError if not UTF-8.
    """
    encoded = encode(name, array, file, first_row)
    counts = encoded.counts()
    different = int(np.count_nonzero(counts))
    if declared or are_categories(different, int(counts.sum())):
        return _categorical(name, encoded, counts)
    return _lengths(name, encoded, different)


def are_categories(different: int, present: int) -> bool:
    """Return whether so many different texts in so many rows that have one are categories."""
    few = different <= ALWAYS_CATEGORIES or (
        different <= MOST_CATEGORIES and 2 * different <= present
    )
    return few and different > 0


def encode(name: str, array: Any, file: str, first_row: int = 0) -> Encoded:
    """Return a ChunkedArray of texts, or of Arrow's dictionaries, as codes; DataError if no UTF-8.

    Whatever else a dictionary holds (numbers, truths) becomes its text. `first_row` is that of the
    file, from 0, at which the array begins.
    """
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    _check_indices(name, array, file)
    chunks = array.unify_dictionaries().chunks
    if not chunks:
        return Encoded(codes=np.empty(0, dtype=np.int32), dictionary=pa.array([], pa.string()))
    codes = np.concatenate(
        [
            chunk.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
            for chunk in chunks
        ]
    )
    dictionary = chunks[0].dictionary
    try:
        dictionary.validate(full=True)  # a parquet file may hold anything in a column of texts
        texts = dictionary.cast(pa.large_string())
    except pa.ArrowInvalid:
        raise _not_utf8(name, codes, dictionary, file, first_row) from None
    if texts.null_count:  # a dictionary may have a null among its values
        codes = np.where(texts.is_null().to_numpy(zero_copy_only=False)[codes], -1, codes)
    return Encoded(codes=codes, dictionary=texts)


def _check_indices(name: str, array: Any, file: str) -> None:
    import pyarrow.compute as pc

    for chunk in array.chunks:  # a damaged parquet file may point beyond its dictionary
        extremes = pc.min_max(chunk.indices).as_py()
        if extremes["max"] is not None and not (
            extremes["min"] >= 0 and extremes["max"] < len(chunk.dictionary)
        ):
            raise DataError(
                f"{file}: column {shown(name)} refers to texts that are not there: the file is"
                " broken"
            )


def _not_utf8(
    name: str, codes: NDArray[np.int32], dictionary: Any, file: str, first_row: int
) -> DataError:
    import pyarrow as pa

    values = dictionary.cast(pa.large_binary()).to_pylist()
    broken = np.array([*(_is_broken(value) for value in values), False])
    row = first_row + int(np.argmax(broken[codes])) + 1
    return DataError(
        f"{file}: column {shown(name)}: row {row} is not UTF-8: save the file in that encoding"
    )


def _is_broken(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return True
    return False


def _categorical(name: str, encoded: Encoded, counts: NDArray[np.int64]) -> Column:
    texts = encoded.dictionary.to_pylist()
    used = [texts[code] for code in np.flatnonzero(counts)]
    categories = tuple(sorted(set(used)))
    places = {text: place for place, text in enumerate(categories)}
    recoded = np.array([places.get(text, -1) for text in texts] + [-1], dtype=np.float64)
    return Column(
        name=name,
        kind=ColumnKind.CATEGORICAL,
        values=recoded[encoded.codes],
        missing=encoded.codes < 0,
        categories=categories,
    )


def _lengths(name: str, encoded: Encoded, different: int) -> Column:
    import pyarrow.compute as pc

    lengths = pc.utf8_length(encoded.dictionary).fill_null(0).to_numpy(zero_copy_only=False)
    lengths = np.append(lengths.astype(np.float64), np.nan)  # the last one is where -1 points
    texts = None
    if different <= MOST_TEXTS:
        distinct = np.array(encoded.dictionary.to_pylist(), dtype=object)
        texts = Texts(codes=encoded.codes.astype(np.int32, copy=False), distinct=distinct)
    return Column(
        name=name,
        kind=ColumnKind.TEXT,
        values=lengths[encoded.codes],
        missing=encoded.codes < 0,
        integral=True,
        texts=texts,
    )
