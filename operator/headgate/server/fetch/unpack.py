"""Unpack an artifact into an empty folder, trusting nothing that stands in it.

The digest says that it is the artifact that was meant, not that whoever made it meant well: no
member may leave the folder, none may be a link or a device, and bytes are counted as they come
out, not as the archive announces them.
"""

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, cast

from headgate.server.fetch.settings import Limits
from headgate.server.termination import ExitReason, GivingUpError

_CHUNK_BYTES: Final = 256 * 1024
_LONGEST_HEADER: Final = 1024 * 1024
_TAR_MAGIC_AT: Final = 257
_BROKEN: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)


def unpack(artifact: Path, name: str, folder: Path, limits: Limits) -> None:
    """Unpack an archive, or move a single file in under its name; raises GivingUpError."""
    kind = _kind(artifact, name)
    try:
        if kind == "file":
            artifact.rename(folder / _file_name(name))
        elif kind == "zip":
            _Unpacking(folder, limits).zip(artifact)
        else:
            _Unpacking(folder, limits).tar(artifact, compressed=kind == "tar.gz")
    except _BROKEN as error:
        detail = f"{type(error).__name__}: {str(error)[:300]}"
        raise _invalid(f"{name}: can't be unpacked as {kind}: {detail}") from error


def _kind(artifact: Path, name: str) -> str:
    """Tell by the name; only a name without any ending is looked into.

    A .skops file is a zip too, and must stay whole.
    """
    lower = name.lower()
    for suffix, kind in (
        (".tar.gz", "tar.gz"),
        (".tgz", "tar.gz"),
        (".tar", "tar"),
        (".zip", "zip"),
    ):
        if lower.endswith(suffix):
            return kind
    if "." in name:
        return "file"
    with artifact.open("rb") as file:
        start = file.read(_TAR_MAGIC_AT + 5)
    if start.startswith(b"\x1f\x8b"):
        return "tar.gz"
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    return "tar" if start[_TAR_MAGIC_AT:] == b"ustar" else "file"


def _file_name(name: str) -> str:
    path = PurePosixPath(name)
    return path.name if path.name and not path.name.startswith(".") else "artifact"


class _Unpacking:
    """One archive on its way out, with what it may still take."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._members = 0
        self._bytes = 0

    def tar(self, artifact: Path, *, compressed: bool) -> None:
        opened: Any = gzip.open(artifact) if compressed else artifact.open("rb")  # noqa: SIM115
        guarded = cast("IO[bytes]", _ShortReads(opened))
        with opened, tarfile.open(fileobj=guarded, mode="r:") as archive:
            for member in archive:
                target = self._target(member.name)
                if member.isdir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                if not member.isreg() or member.issparse():
                    kind = "link" if member.issym() or member.islnk() else "special file"
                    raise _invalid(
                        f"{member.name}: is a {kind}; only files and folders are unpacked"
                    )
                content = archive.extractfile(member)
                if content is None:
                    raise _invalid(f"{member.name}: has no content")
                self._write(target, content)

    def zip(self, artifact: Path) -> None:
        with zipfile.ZipFile(artifact) as archive:
            for member in archive.infolist():
                target = self._target(member.filename)
                if member.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                mode = member.external_attr >> 16
                if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
                    raise _invalid(
                        f"{member.filename}: is a link or special file; "
                        "only files and folders are unpacked"
                    )
                with archive.open(member) as content:
                    self._write(target, content)

    def _target(self, name: str) -> Path:
        self._members += 1
        if self._members > self._limits.members:
            raise _invalid(f"the archive has more than {self._limits.members} members")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            raise _invalid(f"{name!r}: would be unpacked outside of its folder")
        return self._folder / path

    def _write(self, target: Path, content: IO[bytes]) -> None:
        if target.exists():
            raise _invalid(f"{target.relative_to(self._folder)}: is in the archive twice")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in _chunks(content):
                self._bytes += len(chunk)
                if self._bytes > self._limits.unpacked_bytes:
                    raise _invalid(
                        f"the archive unpacks to more than {self._limits.unpacked_bytes} bytes"
                    )
                file.write(chunk)


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK_BYTES):
        yield chunk


class _ShortReads:
    """A stream that gives no more than a header's worth at once.

    tarfile reads a header's extension as a whole, whatever size it announces; a small gzip can
    announce gigabytes.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_HEADER:
            raise _invalid(f"the archive has a header of {size} bytes")
        data: bytes = self._stream.read(size)
        return data

    def seek(self, offset: int) -> None:
        self._stream.seek(offset)

    def tell(self) -> int:
        position: int = self._stream.tell()
        return position


def _invalid(message: str) -> GivingUpError:
    return GivingUpError(ExitReason.ARTIFACT_INVALID, message)
