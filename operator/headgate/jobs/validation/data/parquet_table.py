"""A table in one parquet file, or in a folder of such files, seen without reading its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from headgate.core.conditions import printable
from headgate.jobs.validation.data.dataset import DataError, shown
from headgate.jobs.validation.data.names import listed

PARQUET: Final = b"PAR1"
_ENDING: Final = ".parquet"


@dataclass(frozen=True, kw_only=True)
class ParquetPart:
    """One file of a table."""

    path: Path
    name: str
    """For messages."""
    rows: int
    metadata: Any


@dataclass(frozen=True, kw_only=True)
class ParquetTable:
    """The rows of all files, one after the other in the order of the files' names."""

    name: str
    """For messages."""
    files: tuple[ParquetPart, ...]
    schema: Any
    """Arrow's, of the first file; the others have the same columns of the same types."""

    @property
    def rows(self) -> int:
        """Count the rows, as the files say."""
        return sum(part.rows for part in self.files)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns, in the order of the first file."""
        return tuple(self.schema.names)

    @property
    def unpacked_bytes(self) -> int:
        """Return what all columns take once they are unpacked, as the files say."""
        # a column's own figures are not asked for: damaged ones end the process in Arrow
        return sum(
            int(part.metadata.row_group(group).total_byte_size)
            for part in self.files
            for group in range(part.metadata.num_row_groups)
        )

    def type_of(self, column: str) -> Any:
        """Return a column's Arrow type."""
        return self.schema.field(column).type


def is_parquet(path: Path) -> bool:
    """Return whether it is a folder, or a file that begins as parquet does; raises OSError."""
    if path.is_dir():
        return True
    with path.open("rb") as stream:
        return stream.read(len(PARQUET)) == PARQUET


def open_table(path: Path, name: str) -> ParquetTable:
    """Return the table in a file, or in all files of a folder; `name` is what messages call it.

    Raises DataError for files that are broken, for a folder that holds anything else, and for one
    whose files do not have the same columns; OSError for what cannot be read.
    """
    files = [(path, name)] if path.is_file() else list(_in_folder(path, name))
    opened = [_opened(each, called) for each, called in files]
    _check_alike([(part.name, schema) for part, schema in opened])
    return ParquetTable(name=name, files=tuple(part for part, _ in opened), schema=opened[0][1])


def broken_parquet(file: str, error: Exception, where: str = "") -> DataError:
    """Return what to say of a file that Arrow cannot read."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(
        f"{file}: {where}is not readable as parquet: broken or cut off ({printable(first[:200])})"
    )


def is_text(of_type: Any) -> bool:
    """Return whether an Arrow type is text."""
    import pyarrow as pa

    kinds = pa.types
    return bool(kinds.is_string(of_type) or kinds.is_large_string(of_type))


def _in_folder(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    # what Spark, Hive and others leave beside their parts begins with a dot or an underscore
    entries = [each for each in sorted(folder.iterdir()) if each.name[0] not in "._"]
    others = [each.name for each in entries if not (each.is_file() and each.suffix == _ENDING)]
    if others:
        raise DataError(
            f"{name}: a folder of data holds parquet files only, and this one {listed(others)}:"
            " columns that stand in the names of folders are not read; store them in the files"
        )
    if not entries:
        raise DataError(f"{name}: the folder holds no file that ends in {_ENDING}")
    return ((each, f"{name}/{each.name}") for each in entries)


def _opened(path: Path, name: str) -> tuple[ParquetPart, Any]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as opened:
            metadata, schema = opened.metadata, opened.schema_arrow
    except (pa.ArrowException, OSError) as error:
        raise broken_parquet(name, error) from None
    rows = int(metadata.num_rows)
    return ParquetPart(path=path, name=name, rows=rows, metadata=metadata), schema


def _check_alike(schemas: Sequence[tuple[str, Any]]) -> None:
    first, wanted = schemas[0]
    types = {field.name: field.type for field in wanted}
    for name, schema in schemas[1:]:
        found = {field.name: field.type for field in schema}
        lacking = [column for column in types if column not in found]
        new = [column for column in found if column not in types]
        if lacking or new:
            what = f"has no column {listed(lacking)}" if lacking else f"has {listed(new)} too"
            raise DataError(f"{name}: {what}, unlike {first}: parts of one table are alike")
        for column, of_type in types.items():
            if found[column] != of_type:
                raise DataError(
                    f"{name}: column {shown(column)} is of type {found[column]}, and of type"
                    f" {of_type} in {first}: parts of one table are alike"
                )
