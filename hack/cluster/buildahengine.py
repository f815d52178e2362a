"""Builds with buildah, which needs no daemon, and hands images to the local cluster's node."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hack.cluster.baseimage import base_for_buildah
from hack.cluster.commands import run, say
from hack.cluster.containerd import Containerd
from hack.cluster.images import Target, build_argv, run_build
from hack.cluster.layout import CLONE, cache_folder
from hack.cluster.local import LocalCluster
from hack.cluster.ociarchive import index_of
from hack.cluster.packages import BUILD_PROGRAMS, ensure_programs
from hack.cluster.push import PUSH_REMEDY, PUSH_SECONDS, registry_name
from hack.cluster.registry import locked


@dataclass(frozen=True)
class StoredImage:
    """A result in the store."""

    store: Path
    digest: str  # of its manifest
    tag: str

    @property
    def manifest(self) -> bytes:
        """What lists the image's parts."""
        return self._path(self.digest).read_bytes()

    def blobs(self) -> dict[str, Path]:
        """Return the file of every part by its digest, the manifest last."""
        manifest: dict[str, Any] = json.loads(self.manifest)
        parts = [*manifest["layers"], manifest["config"]]
        digests = [*(part["digest"] for part in parts), self.digest]
        return {digest: self._path(digest) for digest in digests}

    def _path(self, digest: str) -> Path:
        return self.store / "blobs" / digest.replace(":", "/")


class BuildahEngine:
    """Keeps results as OCI layouts: uncompressed, each layer once, shared by all clones."""

    def __init__(self, deliver: Callable[[Target, StoredImage], str]) -> None:
        ensure_programs(BUILD_PROGRAMS)
        self._deliver = deliver
        self._clone = hashlib.sha256(str(CLONE).encode()).hexdigest()[:8]
        self._store = cache_folder() / "images"

    def base(self) -> str:
        """Return the base image to build on."""
        return base_for_buildah()

    def build(self, target: Target, base: str, flags: list[str], log: Path) -> str:
        """Build one target and return its manifest's digest."""
        name = f"localhost/headgate-{self._clone}/{target.name}"
        program = ["buildah", "bud", "--layers", "--isolation=chroot", "--network=host", *flags]
        run_build(build_argv(program, target, name, base), target, log)
        with locked(self._store / "lock"):
            # Compressed layers would be compressed anew each time; buildah knows no other way.
            argv = ["skopeo", "copy", "--insecure-policy", "--dest-oci-accept-uncompressed-layers"]
            run(
                [*argv, f"containers-storage:{name}", f"oci:{self._store}:{self._tag(target)}"],
                what=f"storing the image {target.name}",
                timeout_seconds=300,
            )
            self._drop_unused_blobs()
            return self._tags()[self._tag(target)]

    def has(self, target: Target, built: str) -> bool:
        """Tell whether the result is still in the store."""
        return self._tags().get(self._tag(target)) == built

    def load(self, target: Target, built: str) -> str:
        """Hand the image to the cluster."""
        return self._deliver(target, StoredImage(self._store, built, self._tag(target)))

    def _tag(self, target: Target) -> str:
        return f"{self._clone}-{target.name}"

    def _tags(self) -> dict[str, str]:
        """Return the digest of every result in the store by its tag."""
        try:
            index = json.loads((self._store / "index.json").read_text())
        except (OSError, ValueError):
            return {}
        named = "org.opencontainers.image.ref.name"
        return {entry["annotations"][named]: entry["digest"] for entry in index["manifests"]
                if named in entry.get("annotations", {})}  # fmt: skip

    def _drop_unused_blobs(self) -> None:
        """Forget layers that no result uses any more."""
        tags = self._tags().items()
        images = [StoredImage(self._store, digest, tag) for tag, digest in tags]
        used = {path for image in images for path in image.blobs().values()}
        for path in (self._store / "blobs" / "sha256").iterdir():
            if path not in used:
                path.unlink()


def load_into_node(cluster: LocalCluster, target: Target, image: StoredImage) -> str:
    """Send an image to the local cluster's node: only the layers that it lacks."""
    if cluster.faults():
        say(f"{target.image} is not loaded: no cluster is up (`make cluster-up images`)")
        return target.image
    node = Containerd(cluster.sandbox())
    if node.images().get(target.image) != image.digest:
        node.load(index_of(image.manifest, [target.image]), image.blobs())
    return target.image


def push_from_store(target: Target, image: StoredImage) -> str:
    """Push an image to the registry that PUSH names, if it names one; return the name for pods."""
    name = registry_name(target, image.digest)
    if name != target.image:
        argv = ["skopeo", "copy", "--insecure-policy", f"oci:{image.store}:{image.tag}"]
        run(
            [*argv, f"docker://{name}"],
            what=f"pushing {name}",
            remedy=PUSH_REMEDY,
            timeout_seconds=PUSH_SECONDS,
        )
    return name
