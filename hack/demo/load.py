"""Starts the load in a pod and follows what it reports, from a thread of its own."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from hack.demo.installation import image_of
from hack.demo.kubectl import ROOT, Kubectl, KubectlError, Raw
from hack.demo.record import Record

GENERATOR = ROOT / "tests" / "load" / "generator.py"
START_SECONDS = 60


class Load:
    """Steady requests to one Model, until stopped or out of time."""

    def __init__(self, kubectl: Kubectl, namespace: str, name: str = "load") -> None:
        """Start nothing yet. `name` is that of the pod: each load needs one of its own."""
        self.record = Record()
        self._name = name
        self._kubectl = kubectl
        self._namespace = namespace
        self._reader: threading.Thread | None = None
        self._logs: subprocess.Popen[str] | None = None

    def start(
        self, model: str, samples: Path, *, rate: float, seconds: int, more: Sequence[str] = ()
    ) -> None:
        """Begin; return when the first second has been reported. `more` goes to the generator."""
        config = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._name},
            "data": {"generator.py": GENERATOR.read_text(), "samples.json": samples.read_text()},
        }
        pod = _pod(self._name, model, ["--rate", str(rate), "--seconds", str(seconds), *more])
        self._kubectl.apply(config, pod, namespace=self._namespace)
        ready = ("--for=condition=Ready", f"--timeout={START_SECONDS}s")
        self._kubectl.run("wait", f"pod/{self._name}", "-n", self._namespace, *ready)
        self._logs = subprocess.Popen(
            self._kubectl.argv(["logs", "--follow", self._name, "-n", self._namespace]),
            stdout=subprocess.PIPE,
            text=True,
            env=self._kubectl.environment(),
        )
        self._reader = threading.Thread(target=self._follow, args=(self._logs,), daemon=True)
        self._reader.start()
        until = time.monotonic() + START_SECONDS
        while not self.record.requests:
            if time.monotonic() > until or not self._reader.is_alive():
                raise KubectlError(f"the load did not start: {self._said()}")
            time.sleep(0.1)

    def stop(self) -> Record:
        """End the load gracefully and return all that it saw."""
        self._kubectl.run("delete", "pod", self._name, "-n", self._namespace, "--wait=true")
        if self._reader is not None:
            self._reader.join(timeout=15)
        self.close()
        return self.record

    def close(self) -> None:
        """Stop listening, whatever the pod does."""
        if self._logs is None:
            return
        if self._logs.poll() is None:
            self._logs.terminate()
        self._logs.wait(timeout=10)
        if self._reader is not None:
            self._reader.join(timeout=10)
        if self._logs.stdout is not None:
            self._logs.stdout.close()

    def _follow(self, logs: subprocess.Popen[str]) -> None:
        for line in logs.stdout or ():
            self.record.take(line)

    def _said(self) -> str:
        with contextlib.suppress(KubectlError):
            return self._kubectl.run("logs", self._name, "-n", self._namespace, "--tail=5")
        return "it left no log"


def _pod(name: str, model: str, arguments: Sequence[str]) -> Raw:
    command = ["python", "/load/generator.py", "--host", model, "--model", model]
    command += ["--bodies", "/load/samples.json", *arguments]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 15,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "load",
                    "image": image_of("server"),
                    "imagePullPolicy": "IfNotPresent",
                    "command": command,
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"]},
                    },
                    "resources": {
                        "requests": {"cpu": "50m", "memory": "32Mi"},
                        "limits": {"memory": "128Mi"},
                    },
                    "volumeMounts": [{"name": "load", "mountPath": "/load", "readOnly": True}],
                }
            ],
            "volumes": [{"name": "load", "configMap": {"name": name}}],
        },
    }
