"""Image archives in the OCI layout, written without a container engine."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
NAME_ANNOTATION = "io.containerd.image.name"

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def digest_of(content: bytes) -> str:
    """Return a blob's digest as manifests name it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def descriptor(media_type: str, content: bytes, **more: Any) -> dict[str, Any]:
    """Return how a manifest or an index refers to a blob."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content), **more}


def single_program_image(program: Path, entrypoint: str) -> dict[str, bytes]:
    """Return the blobs of an image that holds one static program; the manifest is the last."""
    layer = _layer({entrypoint.lstrip("/"): program.read_bytes()})
    config = json.dumps({
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Entrypoint": [entrypoint], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]},
    }).encode()  # fmt: skip
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": descriptor(CONFIG_TYPE, config),
        "layers": [descriptor(LAYER_TYPE, layer)],
    }).encode()  # fmt: skip
    return {digest_of(blob): blob for blob in (layer, config, manifest)}


def index_of(manifest: bytes, names: Iterable[str]) -> bytes:
    """Return the index that gives a manifest its full names."""
    entries = [
        descriptor(MANIFEST_TYPE, manifest, annotations={NAME_ANNOTATION: name}) for name in names
    ]
    return json.dumps({
        "schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries,
    }).encode()  # fmt: skip


def write_archive(stream: IO[bytes], index: bytes, blobs: Mapping[str, bytes | Path]) -> None:
    """Write an archive that `ctr images import` reads; blobs that it has may be left out."""
    with tarfile.open(fileobj=stream, mode="w|") as archive:
        _add(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        _add(archive, "index.json", index)
        for digest, blob in blobs.items():
            name = f"blobs/{digest.replace(':', '/')}"
            if isinstance(blob, Path):
                archive.add(blob, arcname=name)
            else:
                _add(archive, name, blob)


def _layer(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            _add(archive, name, content, mode=0o755)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = mode
    archive.addfile(member, io.BytesIO(content))
