"""Builds with Docker, and hands images to kind or to a registry that the cluster pulls from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hack.cluster.baseimage import default_base
from hack.cluster.commands import run, say, succeeds
from hack.cluster.images import Target, build_argv, run_build
from hack.cluster.layout import CLONE

PUSH_SECONDS = 900


class DockerEngine:
    """Keeps results in Docker's own store."""

    def __init__(self, deliver: Callable[[Target], None]) -> None:
        self._deliver = deliver

    def base(self) -> str:
        """Return the base image to build on."""
        return os.environ.get("BASE_IMAGE") or default_base((CLONE / "Dockerfile").read_text())

    def build(self, target: Target, base: str, flags: list[str], log: Path) -> str:
        """Build one target and return its id."""
        program = ["docker", "build", "--progress=plain", "--network=host", *flags]
        os.environ["DOCKER_BUILDKIT"] = "1"  # the older builder knows no secrets
        run_build(build_argv(program, target, target.image, base), target, log)
        inspect = ["docker", "image", "inspect", "--format={{.Id}}", target.image]
        return run(inspect, what=f"looking at the image {target.name}").strip()

    def has(self, target: Target, built: str) -> bool:
        """Tell whether Docker still has the result."""
        return bool(target.name) and succeeds(["docker", "image", "inspect", built])

    def load(self, target: Target, built: str) -> None:
        """Hand the image on; whoever takes it knows what it has already."""
        run(["docker", "tag", built, target.image], what=f"naming the image {target.name}")
        self._deliver(target)


def push_to_registry(target: Target) -> None:
    """Push an image to the registry that PUSH names, or say what is to be done."""
    prefix = os.environ.get("PUSH", "").rstrip("/")
    if not prefix:
        say(
            f"{target.image} is built, not pushed: `make images PUSH=REGISTRY/PREFIX` pushes it, "
            "and the manifests have to name it there (kustomize edit set image)"
        )
        return
    name = f"{prefix}/{target.name}:dev"
    run(["docker", "tag", target.image, name], what=f"naming the image {name}")
    run(
        ["docker", "push", "--quiet", name],
        what=f"pushing {name}",
        remedy="`docker login`, and check that PUSH names a registry that you may write to",
        timeout_seconds=PUSH_SECONDS,
    )
    say(f"pushed {name}")
