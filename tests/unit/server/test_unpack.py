import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from headgate.server.fetch.settings import Limits
from headgate.server.fetch.unpack import unpack
from headgate.server.termination import ExitReason, GivingUpError
from tests.builders.artifacts import a_tar_gz, a_zip

FILES = {"model.skops": b"model", "deep/er/headgate.json": b"{}"}


def unpacked(
    tmp_path: Path, content: bytes, name: str = "m.tar.gz", limits: Limits | None = None
) -> dict[str, bytes]:
    artifact, folder = tmp_path / "artifact", tmp_path / "folder"
    artifact.write_bytes(content)
    folder.mkdir()
    unpack(artifact, name, folder, limits or Limits())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def a_tar_with(name: str = "x", **fields: object) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        member = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(member, field, value)
        tar.addfile(member, io.BytesIO(b"0" * member.size))
    return content.getvalue()


def a_zip_with(name: str, mode: int = 0) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, b"target")
    return content.getvalue()


def a_zip_of_two_names(listed: str, stored: str) -> bytes:
    """Return a zip whose directory lists a member by another name than it is stored under."""
    content = bytearray(a_zip_with(listed))
    name_starts = 30  # after the local header's fixed fields
    content[name_starts : name_starts + len(stored)] = stored.encode()
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (a_tar_gz(FILES).content, "m.tar.gz"),
        (a_tar_gz(FILES).content, "m.TGZ"),
        (a_tar_gz(FILES).content, "no-ending"),
        (gzip.decompress(a_tar_gz(FILES).content), "m.tar"),
        (gzip.decompress(a_tar_gz(FILES).content), "no-ending"),
        (a_zip(FILES).content, "m.zip"),
        (a_zip(FILES).content, "no-ending"),
    ],
)
def test_archives_are_unpacked_by_name_or_content(
    tmp_path: Path, content: bytes, name: str
) -> None:
    assert unpacked(tmp_path, content, name) == FILES


@pytest.mark.parametrize(
    ("name", "stays"),
    [("model.skops", "model.skops"), ("model", "model"), (".skops", "artifact"), ("", "artifact")],
)
def test_a_single_file_stays_whole_under_its_name(tmp_path: Path, name: str, stays: str) -> None:
    assert unpacked(tmp_path, b"not an archive", name) == {stays: b"not an archive"}


def test_a_skops_file_is_not_mistaken_for_a_zip(tmp_path: Path) -> None:
    skops = a_zip({"schema.json": b"{}"}).content
    assert unpacked(tmp_path, skops, "model.skops") == {"model.skops": skops}


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (a_tar_with("../x"), "m.tar", "'../x': would be unpacked outside"),
        (a_tar_with("/etc/x"), "m.tar", "'/etc/x': would be unpacked outside"),
        (a_tar_with("a/../../x"), "m.tar", "would be unpacked outside"),
        (a_tar_with("a\\..\\x"), "m.tar", "would be unpacked outside"),
        (a_tar_with(type=tarfile.SYMTYPE, linkname="/etc/passwd"), "m.tar", "x: is a link"),
        (a_tar_with(type=tarfile.LNKTYPE, linkname="y"), "m.tar", "x: is a link"),
        (a_tar_with(type=tarfile.CHRTYPE), "m.tar", "x: is a special file"),
        (a_tar_with(type=tarfile.FIFOTYPE), "m.tar", "x: is a special file"),
        (a_zip_with("../x"), "m.zip", "would be unpacked outside"),
        (a_zip_with("/x"), "m.zip", "would be unpacked outside"),
        (a_zip_with("x", stat.S_IFLNK | 0o777), "m.zip", "x: is a link or special file"),
        (a_tar_with("a" * 300), "m.tar", "can't be unpacked as tar: OSError"),
        (a_tar_gz({"x": b"1"}).content[:40], "m.tgz", "can't be unpacked as tar.gz: EOFError"),
        (b"garbage", "m.tar.gz", "can't be unpacked as tar.gz"),
        (b"garbage", "m.tar", "can't be unpacked as tar"),
        (b"", "m.tar", "can't be unpacked as tar"),
        (a_zip({"x": b"1"}).content[:-10], "m.zip", "can't be unpacked as zip: BadZipFile"),
        (a_zip_of_two_names("x", "y"), "m.zip", "can't be unpacked"),
    ],
)
def test_a_hostile_or_broken_archive_is_refused(
    tmp_path: Path, content: bytes, name: str, message: str
) -> None:
    with pytest.raises(GivingUpError) as refusal:
        unpacked(tmp_path, content, name)
    assert refusal.value.reason is ExitReason.ARTIFACT_INVALID
    assert message in refusal.value.message
    assert not (tmp_path / "x").exists()


def two_of_a_name() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for _ in range(2):
            tar.addfile(tarfile.TarInfo("x"))
    return content.getvalue()


def a_gigabyte_header() -> bytes:
    """A pax header that announces a gigabyte, which gzip makes a megabyte of."""
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    header.size = 1024**3
    return gzip.compress(header.tobuf() + bytes(1024**2))


@pytest.mark.parametrize(
    ("make", "limits", "message"),
    [
        (two_of_a_name, Limits(), "x: is in the archive twice"),
        (a_gigabyte_header, Limits(), "the archive has a header of 1073741824 bytes"),
        (lambda: a_tar_gz({"x": bytes(10**6)}).content, Limits(unpacked_bytes=10**5),
         "the archive unpacks to more than 100000 bytes"),
        (lambda: a_zip({"x": bytes(10**6)}).content, Limits(unpacked_bytes=10**5),
         "the archive unpacks to more than 100000 bytes"),
        (lambda: a_tar_gz({str(n): b"" for n in range(11)}).content, Limits(members=10),
         "the archive has more than 10 members"),
        (lambda: a_zip({str(n): b"" for n in range(11)}).content, Limits(members=10),
         "the archive has more than 10 members"),
    ],
)  # fmt: skip
def test_an_archive_that_would_fill_the_pod_is_refused(
    tmp_path: Path, make: Callable[[], bytes], limits: Limits, message: str
) -> None:
    content = make()
    name = "m.zip" if content.startswith(b"PK") else "no-ending"
    with pytest.raises(GivingUpError, match=message):
        unpacked(tmp_path, content, name, limits)
