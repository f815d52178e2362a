"""Which kind of cluster a command is about."""

from __future__ import annotations

import json
import os
from enum import Enum
from functools import partial
from typing import Protocol

from hack.cluster.buildahengine import BuildahEngine, load_into_node, push_from_store
from hack.cluster.commands import succeeds
from hack.cluster.current import CurrentCluster
from hack.cluster.dockerengine import DockerEngine, push_from_docker
from hack.cluster.errors import ClusterError
from hack.cluster.images import Engine
from hack.cluster.kind import KindCluster
from hack.cluster.layout import clone_layout
from hack.cluster.local import LocalCluster


class Mode(Enum):
    """Where the cluster comes from."""

    LOCAL = "local"  # started here, by this tooling
    KIND = "kind"  # in a Docker container, by kind
    CURRENT = "current"  # whatever KUBECONFIG names


class Cluster(Protocol):
    """What every kind of cluster can do."""

    def up(self) -> None:
        """Make sure that it is there and that .cluster/kubeconfig leads to it."""

    def down(self) -> None:
        """End it, if it is ours to end."""

    def status(self) -> bool:
        """Print what runs; tell whether all is well."""


def chosen_mode(asked: str | None) -> Mode:
    """Return the mode that was asked for, else that of the last `up`, else what fits here."""
    wanted = asked or os.environ.get("CLUSTER") or _mode_of_last_up()
    if wanted:
        try:
            return Mode(wanted)
        except ValueError as error:
            known = ", ".join(mode.value for mode in Mode)
            raise ClusterError(f"CLUSTER={wanted} is none of {known}") from error
    return Mode.KIND if _docker_answers() else Mode.LOCAL


def cluster_of(mode: Mode) -> Cluster:
    """Return this clone's cluster of a kind."""
    layout = clone_layout()
    if mode is Mode.KIND:
        return KindCluster(layout)
    if mode is Mode.CURRENT:
        return CurrentCluster(layout)
    return LocalCluster(layout)


def engine_of(mode: Mode) -> Engine:
    """Return what builds images for a kind of cluster."""
    layout = clone_layout()
    if mode is Mode.KIND:
        cluster = KindCluster(layout)
        return DockerEngine(lambda target, _: cluster.load(target.image))
    if mode is Mode.LOCAL:
        return BuildahEngine(partial(load_into_node, LocalCluster(layout)))
    if _docker_answers():
        return DockerEngine(push_from_docker)
    return BuildahEngine(push_from_store)


def _docker_answers() -> bool:
    return succeeds(["docker", "info"])


def _mode_of_last_up() -> str:
    try:
        return str(json.loads(clone_layout().settings.read_text())["mode"])
    except (OSError, ValueError, KeyError):
        return ""
