"""Columns of a CSV that are nearly all of one type: what is not, is a fault and not a text."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.arrow_texts import Encoded, encode
from headgate.jobs.validation.data.dataset import DataError, shown

NEARLY_ALL: Final = 0.95
_PATTERNS: Final = {
    "numbers": r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$",
    "dates": r"^\s*\d{4}-\d{2}-\d{2}([T ]\S.*)?$",
}


def retyped(name: str, array: Any, file: str) -> Any:
    """Return a ChunkedArray as it is, or as numbers where all its texts are such.

    Raises DataError where more than 95% of a column's texts, but not all, are numbers or dates:
    the row and text of the first that is not. A column below that is one of texts.
    """
    import pyarrow as pa

    if not (pa.types.is_string(array.type) or pa.types.is_binary(array.type)):
        return array
    encoded = encode(name, array, file)
    counts = encoded.counts()
    present = int(counts.sum())
    for what, pattern in _PATTERNS.items():
        fits = _fitting(encoded, pattern)
        fitting = int(counts[fits].sum())
        if NEARLY_ALL * present < fitting < present:
            raise _stray(name, encoded, fits, f"{fitting} of {present} values are {what}", file)
        if 0 < fitting == present and what == "numbers":
            numbers = pa.array([float(text) for text in encoded.dictionary.to_pylist()])
            codes = pa.array(encoded.codes, mask=encoded.codes < 0)
            return pa.chunked_array([numbers.take(codes)])
    return pa.chunked_array(
        [
            pa.DictionaryArray.from_arrays(
                pa.array(encoded.codes, mask=encoded.codes < 0), encoded.dictionary
            )
        ]
    )


def _fitting(encoded: Encoded, pattern: str) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    fits = pc.match_substring_regex(encoded.dictionary, pattern).fill_null(False)
    matched: NDArray[np.bool_] = fits.to_numpy(zero_copy_only=False)
    return matched


def _stray(name: str, encoded: Encoded, fits: NDArray[np.bool_], rest: str, file: str) -> DataError:
    strays = np.append(~fits, False)  # the last one is where -1, a missing value, points
    row = int(np.argmax(strays[encoded.codes]))
    text = encoded.dictionary[int(encoded.codes[row])].as_py()
    return DataError(
        f"{file}: column {shown(name)}: row {row + 1} is {shown(text)}, and {rest}: correct"
        " it, leave it empty where it means a missing value, or store the column as text in parquet"
    )
