"""Builds with buildah, which needs no daemon, and hands images to the local cluster's node."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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
from hack.cluster.registry import locked


class BuildahEngine:
    """Keeps results as OCI layouts: uncompressed, each layer once, shared by all clones."""

    def __init__(self, cluster: LocalCluster) -> None:
        ensure_programs(BUILD_PROGRAMS)
        self._cluster = cluster
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
        return self._tags().get(self._tag(target)) == built and self._blob(built).is_file()

    def load(self, target: Target, built: str) -> None:
        """Send the image to the node: only the layers that it lacks."""
        if self._cluster.faults():
            say(f"{target.image} is not loaded: no cluster is up (`make cluster-up images`)")
            return
        node = Containerd(self._cluster.sandbox())
        manifest = self._blob(built).read_bytes()
        if node.images().get(target.image) != built:
            node.load(index_of(manifest, [target.image]), self._blobs_of(built))

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

    def _blob(self, digest: str) -> Path:
        return self._store / "blobs" / digest.replace(":", "/")

    def _blobs_of(self, manifest_digest: str) -> Mapping[str, Path]:
        manifest: dict[str, Any] = json.loads(self._blob(manifest_digest).read_bytes())
        parts = [*manifest["layers"], manifest["config"]]
        digests = [*(part["digest"] for part in parts), manifest_digest]
        return {digest: self._blob(digest) for digest in digests}

    def _drop_unused_blobs(self) -> None:
        """Forget layers that no result uses any more."""
        used = {
            path for digest in self._tags().values() for path in self._blobs_of(digest).values()
        }
        for path in (self._store / "blobs" / "sha256").iterdir():
            if path not in used:
                path.unlink()
