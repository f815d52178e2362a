"""Some rows of a file, with what is known of each of them by others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headgate.jobs.validation.data.dataset import Floats

REFERENCE, CANDIDATE = 0, 1
"""Which of the two files."""
type Memberships = NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Part:
    """n rows that follow each other; it travels to where it is worked on."""

    side: int
    """REFERENCE or CANDIDATE."""
    file: str
    """For messages."""
    first_row: int
    """In the whole file, from 0."""
    rows: Any
    """Arrow's RecordBatch."""
    memberships: Memberships | None = None
    """(segment columns, n) the number of each row's segment; None where there are no segments."""
    target: Floats | None = None
    """(n,) the target as the case has it; None where nothing is held against it."""

    def column(self, name: str) -> Any:
        """Return a column as Arrow's ChunkedArray."""
        import pyarrow as pa

        return pa.chunked_array([self.rows.column(name)])
