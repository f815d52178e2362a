"""What a run's inputs are, by the SHA-256 of their bytes."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from headgate.jobs.validation.data.dataset import DataError

_CHUNK: Final = 1024 * 1024


class DigestError(DataError):
    """A file that is not the one in the plan."""


def digest_of_file(path: Path) -> str:
    """Return sha256:... of a file; DataError where it cannot be read.

    A file that did not change since it was last asked for is not read again.
    """
    try:
        found = path.stat()
        return _digest(path.absolute(), (found.st_dev, found.st_ino, found.st_size), _times(found))
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read: {error.strerror or error}") from None


def _times(found: os.stat_result) -> tuple[int, int]:
    """Return when content was last written, and anything changed, which no program can set back."""
    return found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=1024)
def _digest(path: Path, _identity: tuple[int, int, int], _changed: tuple[int, int]) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return f"sha256:{found.hexdigest()}"


def digest_of_input(path: Path) -> str:
    """Return sha256:... of a file or folder; DataError where it cannot be read.

    A folder's is of the names and digests of all files below it, in order.
    """
    if not path.is_dir():
        return digest_of_file(path)
    lines = [
        f"{each.relative_to(path).as_posix()} {digest_of_file(each)}\n"
        for each in sorted(path.rglob("*"))
        if each.is_file()
    ]
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def check_digest(path: Path, expected: str, archive: str | None = None) -> None:
    """Raise DigestError where a file or folder is not the one that the plan names.

    `archive` is the digest of what a folder was unpacked from, where that was checked before.
    """
    found = archive if archive is not None and path.is_dir() else digest_of_input(path)
    if found != expected:
        raise DigestError(f"{path.name}: has {found}, and the plan says {expected or 'nothing'}")
