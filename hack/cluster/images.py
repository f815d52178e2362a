"""Builds the Dockerfile's targets and loads them into the clone's cluster.

Nothing is built when its inputs did not change, and nothing is loaded that the cluster has.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hack.cluster.buildenv import secrets_for_build
from hack.cluster.commands import run, say
from hack.cluster.errors import ClusterError
from hack.cluster.layout import CLONE, Layout

TAG = "dev"
BUILD_SECONDS = 1800
ALWAYS_USED = ("Dockerfile", ".dockerignore", "pyproject.toml", "uv.lock")
CODE = "operator/headgate"
FANOUT = "examples/04-custom-gateway/server"


@dataclass(frozen=True)
class Target:
    """One image."""

    name: str
    code: tuple[str, ...]  # what of the code goes in, so that the rest does not rebuild it
    without: tuple[str, ...] = ()

    @property
    def image(self) -> str:
        """The name that manifests use."""
        return f"docker.io/headgate/{self.name}:{TAG}"

    def files(self, clone: Path) -> list[Path]:
        """Return every file that decides what the image holds."""
        found = [clone / name for name in ALWAYS_USED]
        left_out = tuple(clone / name for name in self.without)
        for name in self.code:
            found += _files_below(clone / name)
        return sorted(
            path for path in found if not any(path.is_relative_to(folder) for folder in left_out)
        )


TARGETS = (
    Target("operator", (CODE,), (f"{CODE}/server", f"{CODE}/cli", f"{CODE}/jobs")),
    Target("server", (f"{CODE}/__init__.py", f"{CODE}/server", f"{CODE}/stream")),
    Target(
        "jobs",
        (
            f"{CODE}/__init__.py",
            f"{CODE}/core",
            f"{CODE}/jobs",
            f"{CODE}/modelversion",
            f"{CODE}/server",
            f"{CODE}/validation",
        ),
    ),
    Target("gateway", ()),
    Target("fanout", (FANOUT,)),
)


class Engine(Protocol):
    """What builds images on this machine, and knows how the cluster gets them."""

    def base(self) -> str:
        """Return the base image to build on."""

    def build(self, target: Target, base: str, flags: list[str], log: Path) -> str:
        """Build one target and return the digest or id of the result."""

    def has(self, target: Target, built: str) -> bool:
        """Tell whether an earlier result for the target is still there."""

    def load(self, target: Target, built: str) -> str:
        """Make sure that the cluster can have it; return the name that pods use."""


def build_images(layout: Layout, engine: Engine) -> None:
    """Build what changed, load what the cluster lacks; names.json then has the images' names."""
    base = engine.base()
    layout.images.mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    for target in TARGETS:
        started = time.monotonic()
        record = layout.images / f"{target.name}.json"
        inputs = inputs_digest(target.files(CLONE), base, clone=CLONE)
        known = _read(record)
        if known.get("inputs") == inputs and engine.has(target, known["built"]):
            built, verb = known["built"], "unchanged"
        else:
            log = layout.images / f"{target.name}.log"
            say(f"building {target.image} on {base}; log: {log}")
            with tempfile.TemporaryDirectory() as folder:
                built = engine.build(target, base, secrets_for_build(Path(folder)), log)
            record.write_text(json.dumps({"inputs": inputs, "built": built}))
            verb = "built"
        names[target.name] = engine.load(target, built)
        say(f"{names[target.name]} {verb}, {time.monotonic() - started:.1f} s")
    (layout.images / "names.json").write_text(json.dumps(names))


def inputs_digest(files: Iterable[Path], base: str, *, clone: Path) -> str:
    """Return a digest of the names, modes and contents of an image's inputs."""
    digest = hashlib.sha256(base.encode())
    for path in files:
        executable = os.access(path, os.X_OK)
        digest.update(f"\0{path.relative_to(clone)}\0{executable}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build_argv(program: list[str], target: Target, tag: str, base: str) -> list[str]:
    """Return the part of a build command that is the same for every engine."""
    argv = [*program, f"--target={target.name}", f"--tag={tag}"]
    return [*argv, f"--build-arg=BASE_IMAGE={base}"]


def run_build(argv: list[str], target: Target, log: Path) -> None:
    """Run a build command in the clone."""
    run(
        [*argv, str(CLONE)],
        what=f"building the image {target.name}",
        log=log,
        remedy="read the log; a package index that cannot be reached is configured as for pip, "
        "another base image is taken with `make images BASE_IMAGE=...`",
        folder=CLONE,
        timeout_seconds=BUILD_SECONDS,
    )


def _files_below(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ClusterError(f"{path} is not there: it belongs into an image")
    return [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _read(record: Path) -> dict[str, str]:
    try:
        content: dict[str, str] = json.loads(record.read_text())
    except (OSError, ValueError):
        return {}
    return content
