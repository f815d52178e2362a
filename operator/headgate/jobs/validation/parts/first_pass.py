"""The first reading of all rows: what the columns hold, and the rows and columns that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headgate.jobs.validation.data.dataset import Integers
from headgate.jobs.validation.data.parquet_table import is_text
from headgate.jobs.validation.parts.part import Part
from headgate.jobs.validation.parts.profile import Profile, profile_of


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was found in a part."""

    profiles: Mapping[str, Profile]
    kept: Any
    """Arrow's RecordBatch: columns that are needed row by row."""
    sample: Any
    """Arrow's RecordBatch: all columns of the rows that were drawn."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """The work on each part of one file."""

    kept: tuple[str, ...]
    sampled: Integers
    """(rows drawn,) their numbers in the whole file, in order."""

    def __call__(self, part: Part) -> Looked:
        """Look at a part; DataError naming column and row for what no check can read."""
        names = part.rows.schema.names
        profiles = {name: profile_of(part, name) for name in names}
        last = part.first_row + part.rows.num_rows
        start, end = np.searchsorted(self.sampled, [part.first_row, last])
        drawn = part.rows.take(self.sampled[start:end] - part.first_row)
        return Looked(
            profiles=profiles,
            kept=_compact(part.rows.select(list(self.kept))),
            sample=_plain(drawn),
        )


def merged_profiles(
    first: Mapping[str, Profile], second: Mapping[str, Profile]
) -> Mapping[str, Profile]:
    """Return the profiles of both one's rows, column by column; an empty one is nothing yet."""
    if not first:
        return second
    return {name: profile.merged(second[name]) for name, profile in first.items()}


def _compact(rows: Any) -> Any:
    """Return the rows with each different text once."""
    return _changed(rows, lambda column: column.dictionary_encode(), is_text)


def _plain(rows: Any) -> Any:
    """Return the rows without dictionaries of texts that these rows do not have."""
    import pyarrow as pa

    def of_texts(kind: Any) -> bool:
        return bool(pa.types.is_dictionary(kind) and is_text(kind.value_type))

    return _changed(rows, lambda column: column.dictionary_decode(), of_texts)


def _changed(rows: Any, change: Any, of_type: Any) -> Any:
    import pyarrow as pa

    columns = [change(column) if of_type(column.type) else column for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)
