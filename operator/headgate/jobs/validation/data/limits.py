"""How much data is read: refused by these figures, before memory goes."""

from dataclasses import dataclass

from headgate.jobs.validation.data.dataset import DataError

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

    def check_cells(self, file: str, rows: int, columns: int) -> None:
        """Raise DataError where so many rows of so many columns are too much."""
        if rows > self.max_rows:
            raise DataError(
                f"{file}: has {rows} rows, and at most {self.max_rows} are read: take a sample"
            )
        if rows * columns > self.max_cells:
            raise DataError(
                f"{file}: {rows} rows of {columns} columns are more than the"
                f" {self.max_cells} values that are read: leave columns out of the file, or"
                " take a sample of its rows"
            )
