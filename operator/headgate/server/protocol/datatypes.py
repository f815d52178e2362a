"""V2 datatypes and the numpy types that carry them; BYTES is carried as text, always UTF-8."""

from typing import Any, Final

import numpy as np

type Array = np.ndarray[Any, np.dtype[Any]]

BYTES: Final = "BYTES"
DATATYPES: Final[dict[str, np.dtype[Any]]] = {
    "BOOL": np.dtype("?"),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    BYTES: np.dtype(object),
}
_NAMES: Final = {dtype: name for name, dtype in DATATYPES.items()}


def datatype_of(array: Array) -> str | None:
    """Name the V2 datatype that carries this array, or None when there is none."""
    if array.dtype.kind in "US":
        return BYTES
    return _NAMES.get(array.dtype.newbyteorder("<"))
