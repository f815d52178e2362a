"""Builds the one program that holds every Kubernetes component, and caches it outside the clone."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from hack.cluster.commands import find_program, run, say
from hack.cluster.errors import ClusterError
from hack.cluster.layout import NODE_SOURCES, cache_folder
from hack.cluster.registry import locked

# Without the versions the components call themselves v0.0.0 and refuse each other.
VERSIONED_PACKAGES = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
BUILD_MINUTES = 40


@dataclass(frozen=True)
class NodeBinaries:
    """The compiled programs."""

    node: Path  # etcd, the Kubernetes components, CoreDNS and kubectl, picked by first argument
    pause: Path  # what holds a pod's namespaces open


def node_binaries() -> NodeBinaries:
    """Return the programs, built from their sources if the cache does not have them."""
    folder = cache_folder() / "node" / sources_digest(NODE_SOURCES)
    found = NodeBinaries(node=folder / "headgate-node", pause=folder / "pause")
    if not _complete(found):
        with locked(folder.parent / "lock"):  # two clones may ask at the same moment
            if not _complete(found):
                _build(folder)
    return found


def sources_digest(sources: Path) -> str:
    """Return a digest of everything that decides what the build makes."""
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*")):
        if path.suffix in {".go", ".mod", ".sum"}:
            digest.update(f"{path.relative_to(sources)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def kubernetes_version(go_mod: str) -> str:
    """Return the version of Kubernetes that go.mod names, such as v1.34.4."""
    match = re.search(r"^\s*k8s\.io/kubernetes (v\d+\.\d+\.\d+)$", go_mod, re.MULTILINE)
    if match is None:
        raise ClusterError(f"{NODE_SOURCES / 'go.mod'} names no version of k8s.io/kubernetes")
    return match[1]


def linker_flags(version: str) -> str:
    """Return the linker flags that strip the program and tell it its version."""
    major, minor, _ = version.removeprefix("v").split(".")
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    settings = [f"-X {p}.{k}={v}" for p in VERSIONED_PACKAGES for k, v in values.items()]
    return " ".join(["-s", "-w", *settings])


def _complete(binaries: NodeBinaries) -> bool:
    return binaries.node.is_file() and binaries.pause.is_file()


def _build(folder: Path) -> None:
    if find_program("go") is None:
        raise ClusterError(
            "Go is not installed: the cluster's components are compiled from their modules",
            remedy="install Go 1.24 or newer, or start a Docker engine and use CLUSTER=kind",
        )
    version = kubernetes_version((NODE_SOURCES / "go.mod").read_text())
    log = cache_folder() / "node" / f"{folder.name}.log"
    staging = folder.with_suffix(".building")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    say(f"compiling Kubernetes {version} (about 6 minutes on 2 cores, once); log: {log}")
    started = time.monotonic()
    argv = ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", linker_flags(version)]
    argv += ["-o", f"{staging}/", ".", "./pause"]
    run(
        argv,
        what="compiling the cluster's components",
        remedy="read the log; `go env GOPROXY` must name a module proxy that answers",
        log=log,
        env={"CGO_ENABLED": "0"},
        folder=NODE_SOURCES,
        timeout_seconds=BUILD_MINUTES * 60,
    )
    (staging / "node").rename(staging / "headgate-node")
    shutil.rmtree(folder, ignore_errors=True)
    staging.rename(folder)
    say(f"compiled in {time.monotonic() - started:.0f} s")
