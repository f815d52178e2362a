"""Starts pods full of clients, and follows what they say from a thread for each."""

import subprocess
import threading
from dataclasses import dataclass, field

from hack.demo.kubectl import Kubectl
from hack.demo.stream.client_pod import SCRIPT, script_manifests
from hack.demo.stream.ledger import CrowdLedger

START_SECONDS = 60


@dataclass
class Crowd:
    """Clients of one gateway, until they are closed or their time is over."""

    kubectl: Kubectl
    namespace: str
    url: str
    user: str
    password: str
    ledger: CrowdLedger = field(default_factory=CrowdLedger)
    _following: dict[str, tuple[subprocess.Popen[str], threading.Thread]] = field(
        default_factory=dict
    )

    def start(
        self,
        name: str,
        *,
        clients: int = 0,
        rate: float = 0.0,
        seconds: int,
        kind: str = "contract",
    ) -> None:
        """Start a pod with so many clients of a kind, and a publisher of that rate."""
        arguments = ["--url", self.url, "--clients", str(clients), "--rate", str(rate)]
        arguments += ["--seconds", str(seconds), "--kind", kind]
        manifests = script_manifests(name, SCRIPT, arguments, self.user, self.password)
        self.kubectl.apply(*manifests, namespace=self.namespace)
        ready = ("--for=condition=Ready", f"--timeout={START_SECONDS}s")
        self.kubectl.run("wait", f"pod/{name}", "-n", self.namespace, *ready)
        logs = subprocess.Popen(
            self.kubectl.argv(["logs", "--follow", name, "-n", self.namespace]),
            stdout=subprocess.PIPE,
            text=True,
            env=self.kubectl.environment(),
        )
        reader = threading.Thread(target=self._follow, args=(name, logs), daemon=True)
        reader.start()
        self._following[name] = (logs, reader)

    def end(self, name: str) -> None:
        """Let the clients of a pod say their last word, and end it."""
        self.kubectl.run("delete", "pod", name, "-n", self.namespace, "--wait=true")
        logs, reader = self._following.pop(name)
        reader.join(timeout=15)
        _close(logs, reader)

    def close(self) -> None:
        """Stop listening, whatever the pods do."""
        for logs, reader in self._following.values():
            _close(logs, reader)
        self._following.clear()

    def _follow(self, name: str, logs: subprocess.Popen[str]) -> None:
        for line in logs.stdout or ():
            self.ledger.take(name, line)


def _close(logs: subprocess.Popen[str], reader: threading.Thread) -> None:
    if logs.poll() is None:
        logs.terminate()
    logs.wait(timeout=10)
    reader.join(timeout=10)
    if logs.stdout is not None:
        logs.stdout.close()
