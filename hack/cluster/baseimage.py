"""What the images are built on: the Dockerfile's default, or one made from Debian's packages."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from hack.cluster.commands import run, say, succeeds
from hack.cluster.errors import ClusterError
from hack.cluster.layout import CLONE, cache_folder
from hack.cluster.packages import BASE_PROGRAMS, ensure_packages, ensure_programs
from hack.cluster.registry import locked

SUITE = "trixie"  # the first Debian with Python 3.13
PACKAGES = ("ca-certificates", "libstdc++6", "python3", "python3-venv")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PULL_SECONDS = 60


def default_base(dockerfile: str) -> str:
    """Return the base image that the Dockerfile names."""
    match = re.search(r"^ARG BASE_IMAGE=(\S+)$", dockerfile, re.MULTILINE)
    if match is None:
        raise ClusterError("the Dockerfile has no line `ARG BASE_IMAGE=...`")
    return match[1]


def base_for_buildah() -> str:
    """Return the base to build on: BASE_IMAGE, else the default, else one made here."""
    asked = os.environ.get("BASE_IMAGE")
    if asked:
        return asked
    default = default_base((CLONE / "Dockerfile").read_text())
    local = local_base_name()
    if _is_stored(local):
        return local
    if _is_stored(default):
        return default
    if succeeds(["buildah", "pull", "--quiet", default], timeout_seconds=PULL_SECONDS):
        return default
    say(f"{default} cannot be pulled: making a base image from Debian's packages")
    return make_local_base()


def local_base_name() -> str:
    """Return the name of the base that is made here; it changes with what goes into it."""
    recipe = "\n".join((SUITE, *PACKAGES))
    return f"localhost/headgate-base:{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def make_local_base() -> str:
    """Make the base image with mmdebstrap and return its name."""
    ensure_programs(BASE_PROGRAMS)
    if not KEYRING.is_file():
        ensure_packages({"debian-archive-keyring"})
    name = local_base_name()
    folder = cache_folder() / "base"
    with locked(folder / "lock"):
        archive = folder / f"{name.rsplit(':', 1)[1]}.tar"
        if not archive.is_file():
            _bootstrap(archive)
        if not _is_stored(name):
            _import(archive, name)
    return name


def _bootstrap(archive: Path) -> None:
    staging = archive.with_suffix(".new.tar")
    log = archive.with_suffix(".log")
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale")]
    argv: list[str | Path] = ["mmdebstrap", "--variant=essential", *excluded]
    run(
        [*argv, f"--include={','.join(PACKAGES)}", SUITE, staging],
        what="making a base image from Debian's packages",
        log=log,
        remedy="read the log, or name an image with Python 3.13: `make images BASE_IMAGE=...`",
        timeout_seconds=900,
    )
    staging.replace(archive)


def _import(archive: Path, name: str) -> None:
    what = f"importing the base image {name}"
    container = run(["buildah", "from", "scratch"], what=what).strip()
    try:
        run(["buildah", "add", "--quiet", container, archive, "/"], what=what)
        run(["buildah", "commit", "--quiet", container, name], what=what)
    finally:
        run(["buildah", "rm", container], what=what)


def _is_stored(name: str) -> bool:
    return succeeds(["buildah", "inspect", "--type", "image", name])
