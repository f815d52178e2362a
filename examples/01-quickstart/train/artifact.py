"""Pack a model so that the same model gives the same bytes, and so the same sha256.

An archive holds times and owners, and a skops file the memory addresses of what it was saved from;
none of that is part of the model, and all of it would change the digest at every run.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass
from typing import Any

import skops.io

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can hold


@dataclass(frozen=True)
class Artifact:
    """A packed model and the digest that a ModelVersion names."""

    content: bytes
    sha256: str


def packed(files: dict[str, bytes]) -> Artifact:
    """Return a .tar.gz of the files."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(content))
    compressed = gzip.compress(archive.getvalue(), mtime=0)
    return Artifact(compressed, hashlib.sha256(compressed).hexdigest())


def skops_bytes(model: Any) -> bytes:
    """Return the model as a skops file without addresses and times."""
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as original:
        content = {name: original.read(name) for name in original.namelist()}
    schema = json.loads(content.pop("schema.json"))
    addresses: dict[str, int] = {}
    schema = _renumbered(schema, addresses)
    renamed = {_renamed(name, addresses): file for name, file in content.items()}
    renamed["schema.json"] = json.dumps(schema).encode()
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as archive:
        for name, file in sorted(renamed.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), file)
    return rewritten.getvalue()


def _renumbered(value: Any, addresses: dict[str, int]) -> Any:
    """Number objects in the order of the schema, where it has their addresses."""
    if isinstance(value, list):
        return [_renumbered(item, addresses) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        if key == "__id__":
            result[key] = addresses.setdefault(str(item), len(addresses) + 1)
        elif key == "file":
            result[key] = _renamed(item, addresses)
        else:
            result[key] = _renumbered(item, addresses)
    return result


def _renamed(name: str, addresses: dict[str, int]) -> str:
    address, _, suffix = name.partition(".")
    return f"{addresses.setdefault(address, len(addresses) + 1)}.{suffix}"
