"""The cluster that KUBECONFIG names already: never created, changed or ended by this tooling."""

from __future__ import annotations

import json

from hack.cluster.bringup import write_kubectl
from hack.cluster.commands import find_program, run, say
from hack.cluster.errors import ClusterError
from hack.cluster.layout import Layout

REMEDY = "`kubectl get nodes` has to work: set KUBECONFIG and the current context"


class CurrentCluster:
    """A cluster of the user's own."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def up(self) -> None:
        """Check that it answers, and copy its current context to .cluster/kubeconfig."""
        if find_program("kubectl") is None:
            raise ClusterError("kubectl is not installed", remedy="install kubectl")
        run(["kubectl", "--request-timeout=10s", "get", "nodes"], what="reaching the cluster",
            remedy=REMEDY)  # fmt: skip
        context = ["kubectl", "config", "view", "--minify", "--flatten", "--raw"]
        content = run(context, what="reading the kubeconfig", remedy=REMEDY)
        self.layout.root.mkdir(parents=True, exist_ok=True)
        self.layout.kubeconfig.unlink(missing_ok=True)
        self.layout.kubeconfig.touch(mode=0o600)
        self.layout.kubeconfig.write_text(content)
        write_kubectl(self.layout, 'exec kubectl "$@"')
        self.layout.settings.write_text(json.dumps({"mode": "current"}))
        say(f"using the cluster of the current context: {self.layout.kubeconfig}")

    def down(self) -> None:
        """Forget the cluster; it goes on."""
        for leftover in (self.layout.kubeconfig, self.layout.settings):
            leftover.unlink(missing_ok=True)
        say("the cluster is yours: it was left alone")

    def status(self) -> bool:
        """Print the nodes; tell whether the cluster answers."""
        say(run(["kubectl", "--request-timeout=10s", "get", "nodes", "-o", "wide"],
                what="reaching the cluster", remedy=REMEDY))  # fmt: skip
        return True
