"""A whole file read part by part by an engine, once to look at it and once to count it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from headgate.jobs.validation.data.answers import Answers
from headgate.jobs.validation.data.arrow_columns import column_of
from headgate.jobs.validation.data.dataset import Dataset, Floats, Integers
from headgate.jobs.validation.data.parquet_batches import MOST_CELLS, batches
from headgate.jobs.validation.data.parquet_table import ParquetTable
from headgate.jobs.validation.data.row_hashes import Hashes
from headgate.jobs.validation.data.sample import thinned
from headgate.jobs.validation.parts.counted import CountedFile
from headgate.jobs.validation.parts.engine import Engine
from headgate.jobs.validation.parts.first_pass import Look, merged_profiles
from headgate.jobs.validation.parts.part import Memberships, Part
from headgate.jobs.validation.parts.profile import Profile
from headgate.jobs.validation.parts.second_pass import Count
from headgate.jobs.validation.parts.tally import ColumnTally, merged_columns
from headgate.jobs.validation.parts.target_pairs import TargetPairs, merged_pairs

MOST_DRAWN: Final = 100_000
MOST_DRAWN_CELLS: Final = 10_000_000
"""Rows that are drawn, of a file of so many columns, times the columns."""
type Progress = Callable[[int, int, str], None]
"""Called with the rows read, all rows, and what is done."""


@dataclass(frozen=True, kw_only=True)
class FileParts:
    """One of the two files, and how its parts are worked on."""

    table: ParquetTable
    side: int
    engine: Engine
    progress: Progress
    most_cells: int = MOST_CELLS
    """Rows times columns of a part."""

    def parts(
        self, columns: Sequence[str], memberships: Memberships | None, target: Floats | None
    ) -> Iterator[Part]:
        """Yield the file's parts, each with what is known of its rows."""
        for batch in batches(self.table, columns, most_cells=self.most_cells):
            rows = slice(batch.first_row, batch.first_row + batch.rows.num_rows)
            yield Part(
                side=self.side,
                file=self.table.name,
                first_row=batch.first_row,
                rows=batch.rows,
                memberships=None if memberships is None else memberships[:, rows],
                target=None if target is None else target[rows],
            )

    def read[T](self, work: Callable[[Part], T], parts: Iterator[Part], what: str) -> Iterator[T]:
        """Yield what the work makes of each part, and say how far it is, in steps of a percent."""
        ends: list[int] = []
        shown = -1

        def noted() -> Iterator[Part]:
            for part in parts:
                ends.append(part.first_row + part.rows.num_rows)
                yield part

        for place, result in enumerate(self.engine.each(work, noted())):
            percent = 100 * ends[place] // max(1, self.table.rows)
            if percent > shown:
                shown = percent
                self.progress(ends[place], self.table.rows, what)
            yield result


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """What the first reading gives."""

    profiles: Mapping[str, Profile]
    kept: Dataset
    """Columns that are needed row by row, as they are in memory."""
    drawn: Integers
    """(rows drawn,) their numbers in the file, in order."""
    sample: Any
    """Arrow's RecordBatch: all columns of the rows that were drawn."""


@dataclass(frozen=True, kw_only=True)
class CountedUp:
    """What the second reading gives."""

    file: CountedFile
    answers: Mapping[str, Answers]
    """To all rows, by the name of the model."""


def look_at(file: FileParts, kept: Sequence[str], seed: int) -> LookedAt:
    """Read all columns of a file once; raises DataError for whatever no check can read."""
    table = file.table
    size = min(MOST_DRAWN, max(1, MOST_DRAWN_CELLS // len(table.column_names)))
    drawn = thinned(table.rows, size, seed)
    profiles: Mapping[str, Profile] = {}
    keeps, samples = [], []
    parts = file.parts(table.column_names, None, None)
    work = Look(kept=tuple(kept), sampled=drawn)
    for found in file.read(work, parts, f"looks at {table.name}"):
        profiles = merged_profiles(profiles, found.profiles)
        keeps.append(found.kept)
        samples.append(found.sample)
    return LookedAt(
        profiles=profiles,
        kept=_kept(table, kept, keeps),
        drawn=drawn,
        sample=_one_batch(samples),
    )


def count_up(
    file: FileParts,
    work: Count,
    memberships: Memberships | None,
    target: Floats | None,
) -> CountedUp:
    """Read what the work needs of a file once more; ModelError where a model has no answer."""
    tallies: Mapping[str, ColumnTally] = {}
    pairs: Mapping[str, TargetPairs] = {}
    hashes: list[Hashes] = []
    answers: dict[str, list[Answers]] = {name: [] for name in work.models}
    # nothing to count and nobody to ask: nothing is read
    parts = file.parts(work.read_columns, memberships, target) if work.read_columns else iter(())
    for found in file.read(work, parts, f"counts {file.table.name}"):
        tallies = merged_columns(tallies, found.columns)
        pairs = merged_pairs(pairs, found.pairs)
        if found.hashes is not None:
            hashes.append(found.hashes)
        for name, part in found.answers.items():
            answers[name].append(part)
    return CountedUp(
        file=CountedFile(
            rows=group_sizes(file.table.rows, work.groups, memberships),
            columns=tallies,
            hashes=np.concatenate(hashes) if hashes else None,
            pairs=pairs,
        ),
        answers={name: _joined(each) for name, each in answers.items()},
    )


def group_sizes(rows: int, groups: int, memberships: Memberships | None) -> Integers:
    """Return (groups,) how many rows each group has: all, then each segment."""
    sizes = np.zeros(groups, dtype=np.int64)
    for group in memberships if memberships is not None else ():
        sizes += np.bincount(group, minlength=groups)
    sizes[0] = rows
    return sizes


def _kept(table: ParquetTable, names: Sequence[str], batches_kept: Sequence[Any]) -> Dataset:
    import pyarrow as pa

    columns = {}
    for name in names:
        array = pa.chunked_array([each.column(name) for each in batches_kept])
        declared = pa.types.is_dictionary(table.type_of(name))
        columns[name] = column_of(name, array, table.name, declared=declared)
    return Dataset(name=table.name, columns=columns, rows=table.rows)


def _one_batch(samples: Sequence[Any]) -> Any:
    import pyarrow as pa

    table = pa.Table.from_batches(samples).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


def _joined(parts: Sequence[Answers]) -> Answers:
    scores = [part.scores for part in parts if part.scores is not None]
    return Answers(
        values=np.concatenate([part.values for part in parts]),
        scores=np.concatenate(scores) if scores else None,
    )
