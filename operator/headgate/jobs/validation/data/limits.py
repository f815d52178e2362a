"""How much data is read: refused by these figures, before memory goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.jobs.validation.data.dataset import DataError, shown

_MEBIBYTE = 1024**2


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """What one file may take. Two files within the defaults fit a pod of 2 GB.

    A cell takes 9 bytes once it is read, and the text of a CSV is in memory while it is parsed.
    """

    max_bytes: int = 256 * _MEBIBYTE
    """Of a CSV file, unpacked; of a parquet file, unpacked, what numbers would not take."""
    max_rows: int = 10_000_000
    max_cells: int = 40_000_000
    """Rows times columns that are read."""
    max_streamed_rows: int = 1_000_000_000
    """Of parquet that is read part by part: what is drawn and counted of it grows no further, but
    so many rows take an hour and more to read twice."""

    def check_cells(self, file: str, rows: int, columns: int) -> None:
        """Raise DataError where so many rows of so many columns are too much."""
        if rows > self.max_rows:
            raise DataError(
                f"{file}: has {rows} rows, and at most {self.max_rows} are read as a whole: store"
                " it as parquet, which is read part by part, or take a sample"
            )
        if rows * columns > self.max_cells:
            raise DataError(
                f"{file}: {rows} rows of {columns} columns are more than the"
                f" {self.max_cells} values that are read as a whole: store it as parquet, which is"
                " read part by part, leave columns out of it, or take a sample of its rows"
            )

    def outgrown_by(self, rows: int, columns: int) -> bool:
        """Return whether so many rows of so many columns are too much to be in memory."""
        return rows > self.max_rows or rows * columns > self.max_cells

    def check_streamed(self, file: str, rows: int, kept: Sequence[str]) -> None:
        """Raise DataError where rows are too many to be streamed, or to be kept of some columns."""
        if rows > self.max_streamed_rows:
            raise DataError(
                f"{file}: has {rows} rows, and at most {self.max_streamed_rows} are read part by"
                " part: take a sample"
            )
        if rows * len(kept) > self.max_cells:
            raise DataError(
                f"{file}: {rows} rows of {len(kept)} columns that the policy needs row by row"
                f" ({', '.join(map(shown, kept))}) are more than the {self.max_cells} values that"
                " are kept: name fewer in spec.segments, spec.sensitive, spec.design and"
                " spec.predictions.scores, or take a sample of the rows"
            )

    def check_answers(self, file: str, rows: int, classes: int) -> None:
        """Raise DataError where a model's answers to all rows are too many to be kept."""
        if rows * (1 + classes) > self.max_cells:
            raise DataError(
                f"{file}: {rows} answers with the probabilities of {classes} classes are more than"
                f" the {self.max_cells} values that are kept: take a sample of the rows"
            )
