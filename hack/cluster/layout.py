"""Where the tooling keeps its files: the clone's own state, and the caches that clones share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
NODE_SOURCES = Path(__file__).resolve().parent / "node"


def cache_folder() -> Path:
    """Return the folder for what is slow to make and the same for every clone."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "headgate"


@dataclass(frozen=True)
class Layout:
    """The files of one clone's cluster, all below `.cluster/`."""

    root: Path

    @classmethod
    def of(cls, clone: Path) -> Layout:
        """Return the layout of a clone."""
        return cls(clone / ".cluster")

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig that users and tests read."""
        return self.root / "kubeconfig"

    @property
    def kubectl(self) -> Path:
        """A kubectl of the cluster's own version, already pointed at the cluster."""
        return self.root / "bin" / "kubectl"

    @property
    def lock(self) -> Path:
        """Held while a command changes the cluster."""
        return self.root / "lock"

    @property
    def settings(self) -> Path:
        """What the last `up` decided: mode, slot, addresses."""
        return self.root / "cluster.json"

    @property
    def certificates(self) -> Path:
        """The cluster's keys and certificates."""
        return self.root / "pki"

    @property
    def node(self) -> Path:
        """The state of the supervised processes."""
        return self.root / "node"

    @property
    def logs(self) -> Path:
        """One log per component, and the pods' logs below `pods/`."""
        return self.root / "log"

    @property
    def containerd(self) -> Path:
        """What containerd holds, content and snapshots: kept from one cluster to the next."""
        return self.root / "containerd"

    @property
    def images(self) -> Path:
        """What was built last, and from what."""
        return self.root / "images"


def clone_layout() -> Layout:
    """Return the layout of the clone that this file belongs to."""
    return Layout.of(CLONE)
