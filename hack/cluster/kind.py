"""The cluster that kind makes in a Docker container: its own commands, and nothing of ours."""

from __future__ import annotations

import hashlib
import json

from hack.cluster.bringup import write_kubectl
from hack.cluster.commands import find_program, run, say, succeeds
from hack.cluster.errors import ClusterError
from hack.cluster.layout import CLONE, Layout
from hack.cluster.registry import locked

READY_SECONDS = 180


def kind_name(clone: str) -> str:
    """Return the cluster's name: the same for a clone always, different for every other."""
    return f"headgate-{hashlib.sha256(clone.encode()).hexdigest()[:8]}"


class KindCluster:
    """One clone's cluster."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.name = kind_name(str(CLONE))

    def up(self) -> None:
        """Create the cluster, unless it is there and answers."""
        self._require()
        with locked(self.layout.lock):
            if self._exists() and not self._answers():
                self._delete()  # its container was stopped or broken
            if not self._exists():
                self._create()
            self._publish()
        say(f"the cluster is up: {self.layout.kubeconfig}")

    def down(self) -> None:
        """Delete the cluster."""
        self._require()
        with locked(self.layout.lock):
            self._delete()
        say("the cluster is down")

    def status(self) -> bool:
        """Print the nodes; tell whether the cluster answers."""
        self._require()
        if not self._answers():
            say(f"fault: the kind cluster {self.name} does not answer: `make cluster-up`")
            return False
        say(run([self.layout.kubectl, "get", "nodes", "-o", "wide"], what="listing the nodes"))
        return True

    def load(self, image: str) -> str:
        """Copy an image from Docker to the node; return its name there."""
        run(
            ["kind", "load", "docker-image", image, "--name", self.name],
            what=f"loading {image} into kind",
            timeout_seconds=600,
        )
        return image

    def _kind(self, *command: str) -> list[str]:
        return ["kind", *command, "--name", self.name, "--kubeconfig", str(self.layout.kubeconfig)]

    def _require(self) -> None:
        if find_program("kind") is None:
            raise ClusterError(
                "kind is not installed, and Docker is here",
                remedy="install kind (https://kind.sigs.k8s.io), or use CLUSTER=local (as root "
                "on Linux) or CLUSTER=current",
            )

    def _exists(self) -> bool:
        listed = run(["kind", "get", "clusters"], what="listing kind's clusters")
        return self.name in listed.split()

    def _answers(self) -> bool:
        return self.layout.kubeconfig.is_file() and succeeds(
            [self.layout.kubectl, "--request-timeout=5s", "get", "nodes"]
        )

    def _create(self) -> None:
        self.layout.root.mkdir(parents=True, exist_ok=True)
        log = self.layout.root / "kind.log"
        say(f"creating the kind cluster {self.name}; log: {log}")
        run(
            [*self._kind("create", "cluster"), "--wait", f"{READY_SECONDS}s"],
            what="creating the kind cluster",
            log=log,
            remedy="read the log; `docker info` must work, and the node's image must be reachable",
            timeout_seconds=READY_SECONDS + 420,  # the node's image may have to be pulled
        )

    def _publish(self) -> None:
        run(self._kind("export", "kubeconfig"), what="writing the kubeconfig")
        write_kubectl(self.layout, 'exec kubectl "$@"')
        self.layout.settings.write_text(json.dumps({"mode": "kind", "name": self.name}))

    def _delete(self) -> None:
        run(self._kind("delete", "cluster"), what="deleting the kind cluster")
        for leftover in (self.layout.kubeconfig, self.layout.settings):
            leftover.unlink(missing_ok=True)
