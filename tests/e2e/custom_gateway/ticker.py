"""The example's gateway and its clients, applied as they are."""

import json
from typing import Any

from hack.demo.installation import image_of
from hack.demo.kubectl import ROOT
from tests.builders.resources import Manifest
from tests.e2e.gateway.pool import Pool

EXAMPLE = ROOT / "examples" / "04-custom-gateway"
NAMESPACE = "custom-gateway"
IN_FILES = "docker.io/headgate/fanout:dev"
CLIENTS = 40


class Ticker(Pool):
    """What a test does with it."""

    gateway = "ticker"

    def apply(self, folder: str) -> None:
        """Apply a folder of the example in the test's own namespace."""
        manifests = self.space.kubectl.run("kustomize", str(EXAMPLE / folder))
        here = manifests.replace(f"namespace: {NAMESPACE}", f"namespace: {self.space.name}")
        here = here.replace(f"name: {NAMESPACE}\n", f"name: {self.space.name}\n")
        self.space.kubectl.apply(here.replace(IN_FILES, image_of("fanout")))

    def edit_server(self, **server: Any) -> None:
        """Change engine.custom."""
        self.edit(engine={"custom": server})

    def evict(self, pod: str) -> None:
        """Evict a pod, as a node's drain does."""
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod, "namespace": self.space.name},
        }
        path = f"/api/v1/namespaces/{self.space.name}/pods/{pod}/eviction"
        self.space.kubectl.run("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))

    def heard(self) -> Manifest:
        """Return what the clients said last."""
        text = self.space.kubectl.run("logs", "listeners", "-n", self.space.name, "--tail=1")
        told: Manifest = json.loads(text) if text.strip().startswith("{") else {}
        return told

    def wait_until_all_hear(self) -> None:
        """Wait until each client has heard some more ticks."""
        before = self._least()
        self.space.wait("all clients hear", lambda: self._least() >= before + 5, 90)

    def last_word(self) -> Manifest:
        """Stop the clients; return what they have heard and missed."""
        self.wait_until_all_hear()
        self.space.kubectl.run("exec", "listeners", "-n", self.space.name, "--",
                               "python", "-c", "import os; os.kill(1, 15)")  # fmt: skip

        def look() -> Manifest | None:
            told = self.heard()
            return told if told.get("done") else None

        return self.space.wait("the clients' last word", look, 60)

    def _least(self) -> int:
        pod = self.space.get("Pod", "listeners") or {}
        if (pod.get("status") or {}).get("phase") != "Running":
            return 0
        told = self.heard()
        return int(told["heard"]) if told.get("connected") == CLIENTS else 0
