"""The programs that the local cluster stands on, and how a machine gets the missing ones."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from hack.cluster.commands import find_program, run, say
from hack.cluster.errors import ClusterError

CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))

# program -> the Debian and Ubuntu package that brings it
NODE_PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "mount": "mount",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "openssl": "openssl",
}
BUILD_PROGRAMS = {"buildah": "buildah", "skopeo": "skopeo"}
BASE_PROGRAMS = {"mmdebstrap": "mmdebstrap"}
CNI_PACKAGE = "containernetworking-plugins"


def cni_folder() -> Path | None:
    """Return the folder with the CNI plugins that the node uses."""
    needed = ("ptp", "host-local", "portmap", "loopback")
    for folder in CNI_FOLDERS:
        if all((folder / plugin).exists() for plugin in needed):
            return folder
    return None


def ensure_node_programs() -> Path:
    """Make sure that the node's programs are there; return the folder of the CNI plugins."""
    packages = _missing(NODE_PROGRAMS)
    if cni_folder() is None:
        packages.add(CNI_PACKAGE)
    ensure_packages(packages)
    folder = cni_folder()
    if folder is None:
        raise ClusterError(
            f"the CNI plugins are in none of {', '.join(map(str, CNI_FOLDERS))}",
            remedy=f"install the package {CNI_PACKAGE}",
        )
    return folder


def ensure_programs(programs: dict[str, str]) -> None:
    """Make sure that these programs are there: program -> package."""
    ensure_packages(_missing(programs))


def _missing(programs: dict[str, str]) -> set[str]:
    return {package for program, package in programs.items() if find_program(program) is None}


def ensure_packages(packages: Collection[str]) -> None:
    """Install Debian packages where that is possible; say what to run where it is not."""
    if not packages:
        return
    names = sorted(packages)
    by_hand = f"apt-get install --no-install-recommends {' '.join(names)}"
    if os.geteuid() != 0 or find_program("apt-get") is None:
        raise ClusterError(
            f"the local cluster needs packages that are not installed: {', '.join(names)}",
            remedy=f"run `sudo {by_hand}` (or your distribution's equivalent), "
            "or start a Docker engine and use CLUSTER=kind",
        )
    say(f"installing {' '.join(names)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], what="refreshing the package lists", env=quiet)
    run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *names],
        what="installing system packages",
        env=quiet,
        remedy=f"run `{by_hand}` by hand and read what it says",
        timeout_seconds=600,
    )
