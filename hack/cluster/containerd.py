"""Talks to the node's containerd: what images it has, loading one, forgetting old containers."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hack.cluster.commands import run, succeeds
from hack.cluster.errors import ClusterError
from hack.cluster.ociarchive import index_of, single_program_image, write_archive
from hack.cluster.sandbox import Sandbox
from hack.cluster.worker import CONTAINERD_SOCKET, PAUSE_IMAGE

NAMESPACE = "k8s.io"  # where the kubelet's images and containers are


class Containerd:
    """The containerd of one node."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._ctr = [*sandbox.enter(), "ctr", "--address", CONTAINERD_SOCKET, "-n", NAMESPACE]

    def answers(self) -> bool:
        """Tell whether it serves."""
        return succeeds([*self._ctr, "version"])

    def containers(self) -> list[str]:
        """Return the ids of the containers that it knows, running or not."""
        return self._query("containers", "list", "--quiet").split()

    def forget(self, containers: list[str]) -> None:
        """Drop containers that an earlier cluster left behind."""
        self._query("containers", "delete", *containers)

    def images(self) -> dict[str, str]:
        """Return the digest of each image by its full name."""
        rows = [line.split() for line in self._query("images", "list").splitlines()[1:]]
        return {row[0]: row[2] for row in rows if len(row) > 2}

    def blobs(self) -> set[str]:
        """Return the digests of the layers, configurations and manifests that it holds."""
        return set(self._query("content", "list", "--quiet").split())

    def load(self, index: bytes, blobs: Mapping[str, bytes | Path]) -> None:
        """Import an image; blobs that the node has already are not sent again."""
        present = self.blobs()
        missing = {digest: blob for digest, blob in blobs.items() if digest not in present}
        archive_out, archive_in = os.pipe()
        with tempfile.TemporaryFile() as errors:
            importer = subprocess.Popen(
                [*self._ctr, "images", "import", "--all-platforms", "-"],
                stdin=archive_out,
                stdout=errors,
                stderr=errors,
            )
            os.close(archive_out)
            # When the pipe breaks, its exit code and what it said tell more than we could.
            with suppress(BrokenPipeError), os.fdopen(archive_in, "wb") as stream:
                write_archive(stream, index, missing)
            if importer.wait():
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip()
                raise ClusterError(
                    f"containerd did not take the image: {said}",
                    remedy="`make cluster-down cluster-up` and try again",
                )

    def load_pause(self, program: Path) -> None:
        """Make sure that the image that holds a pod's namespaces is there."""
        blobs = single_program_image(program, "/pause")
        manifest_digest, manifest = list(blobs.items())[-1]
        if self.images().get(PAUSE_IMAGE) != manifest_digest:
            self.load(index_of(manifest, [PAUSE_IMAGE]), blobs)

    def _query(self, *arguments: str) -> str:
        return run([*self._ctr, *arguments], what="asking the node's containerd")
