"""Where a version's model lies."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ModelSource:
    """Where a version's model lies, and how it may be loaded."""

    path: Path
    """A file, a folder or an archive."""
    format_name: str | None = None
    """One of the server's formats; None: told by the file's ending."""
    allow_pickle: bool = False
