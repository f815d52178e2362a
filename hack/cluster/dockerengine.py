"""Builds with Docker, and hands images to kind or to a registry that the cluster pulls from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hack.cluster.baseimage import default_base
from hack.cluster.commands import run, succeeds
from hack.cluster.images import Target, build_argv, run_build
from hack.cluster.layout import CLONE
from hack.cluster.push import PUSH_REMEDY, PUSH_SECONDS, registry_name


class DockerEngine:
    """Keeps results in Docker's own store."""

    def __init__(self, deliver: Callable[[Target, str], str]) -> None:
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

    def load(self, target: Target, built: str) -> str:
        """Hand the image on; whoever takes it knows what it has already."""
        run(["docker", "tag", built, target.image], what=f"naming the image {target.name}")
        return self._deliver(target, built)


def push_from_docker(target: Target, built: str) -> str:
    """Push an image to the registry that PUSH names, if it names one; return the name for pods."""
    name = registry_name(target, built)
    if name == target.image:
        return name
    run(["docker", "tag", target.image, name], what=f"naming the image {name}")
    run(
        ["docker", "push", "--quiet", name],
        what=f"pushing {name}",
        remedy=PUSH_REMEDY,
        timeout_seconds=PUSH_SECONDS,
    )
    return name
