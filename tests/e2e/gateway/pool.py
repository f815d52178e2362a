"""A gateway in a namespace of its own, and clients in a pod that keep a ledger."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hack.demo.stream.client_pod import SCRIPT, script_manifests
from tests.builders.resources import Manifest
from tests.e2e.space import Space

GATEWAY = "predictions"
USER, PASSWORD = "alice", "correct horse battery"
READER = Path(__file__).with_name("reading_pod.py")
STREAM = {"name": "predictions", "subjects": ["predictions.>"], "maxBytes": "64Mi"}
QUICK = {"window": "4s", "deadline": "40s"}


@dataclass(frozen=True)
class Ledger:
    """What the clients said last."""

    told: Manifest

    def __getattr__(self, name: str) -> Any:
        """Return a figure by its name."""
        return self.told[name]


class Pool:
    """What a test does with a gateway."""

    gateway = GATEWAY

    def __init__(self, space: Space) -> None:
        self.space = space

    def create_users(self, name: str = "users", **users: str) -> None:
        """Create the users' Secret."""
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": users or {USER: PASSWORD},
        }
        self.space.kubectl.apply(manifest, namespace=self.space.name)

    def create(self, **spec: Any) -> None:
        """Create the gateway: two edge pods, one stream, quick drains."""
        defaults = {
            "replicas": 2,
            "auth": {"secretRef": {"name": "users"}},
            "streams": [STREAM],
            "drain": QUICK,
        }
        manifest = {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "StreamGateway",
            "metadata": {"name": self.gateway},
            "spec": defaults | spec,
        }
        self.space.kubectl.apply(manifest, namespace=self.space.name)

    def serve(self, **spec: Any) -> None:
        """Create users and gateway, and wait until it is healthy."""
        self.create_users()
        self.create(**spec)
        self.wait_until_healthy(spec.get("replicas", 2))

    def edit(self, **spec: Any) -> None:
        """Change the spec, as a commit would."""
        self.space.kubectl.merge("streamgateway", self.space.name, self.gateway, {"spec": spec})

    def scale(self, replicas: int) -> None:
        """Scale by kubectl."""
        self.space.kubectl.run(
            "scale", "streamgateway", self.gateway, "-n", self.space.name, f"--replicas={replicas}"
        )

    def status(self) -> Manifest:
        """Return the status if it is about the current spec, else nothing."""
        found = self.space.get("StreamGateway", self.gateway)
        status: Manifest = (found or {}).get("status") or {}
        current = found and status.get("observedGeneration") == found["metadata"]["generation"]
        return status if current else {}

    def edges(self) -> list[Manifest]:
        """Return the edge pods that are not being deleted."""
        pods = self.space.all("Pod", {"headgate.dev/role": "edge"})
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def condition(self, name: str) -> Manifest:
        """Return a condition."""
        return self.space.condition("StreamGateway", self.gateway, name)

    def wait_for(
        self, what: str, holds: Callable[[Manifest], Any], seconds: float = 90.0
    ) -> Manifest:
        """Wait until the status is as wanted; return it."""

        def look() -> Manifest | None:
            status = self.status()
            return status if status and holds(status) else None

        return self.space.wait(what, look, seconds)

    def wait_until_healthy(self, replicas: int = 2, seconds: float = 120.0) -> Manifest:
        """Wait until so many pods serve and nothing is under way."""
        return self.wait_for(
            f"{replicas} healthy pods",
            lambda status: (
                status.get("phase") == "Healthy"
                and status.get("readyReplicas") == replicas
                and len(self.edges()) == replicas
            ),
            seconds,
        )

    def start_clients(self, clients: int = 40, seconds: int = 400) -> None:
        """Start subscribers and a publisher in a pod; return when all have heard something."""
        url = f"ws://{self.gateway}.{self.space.name}.svc:8080"
        arguments = ["--url", url, "--clients", str(clients), "--seconds", str(seconds)]
        manifests = script_manifests("clients", SCRIPT, arguments, USER, PASSWORD)
        self.space.kubectl.apply(*manifests, namespace=self.space.name)
        self.space.wait("all clients hear", lambda: self._all_hear(clients), 60)

    def ledger(self) -> Ledger | None:
        """Return what the clients said last."""
        text = self.space.kubectl.run("logs", "clients", "-n", self.space.name, "--tail=1")
        return Ledger(json.loads(text)) if text.strip().startswith("{") else None

    def stop_clients(self) -> Ledger:
        """Let the publisher stop and the subscribers catch up; return their last word."""
        self.space.kubectl.run("exec", "clients", "-n", self.space.name, "--",
                               "python", "-c", "import os; os.kill(1, 15)")  # fmt: skip
        return self.space.wait("the clients' last word", self._last_word, 60)

    def start_reader(self, subject: str) -> None:
        """Start a pod that prints what a subject holds and gets."""
        url = f"nats://{GATEWAY}.{self.space.name}.svc:4222"
        arguments = ["--url", url, "--stream", "predictions", "--subject", subject]
        pod = script_manifests("reader", READER, arguments, USER, PASSWORD)
        self.space.kubectl.apply(*pod, namespace=self.space.name)

    def read(self) -> list[Manifest]:
        """Return the messages that the reader has printed so far."""
        if ((self.space.get("Pod", "reader") or {}).get("status") or {}).get("phase") != "Running":
            return []
        text = self.space.kubectl.run("logs", "reader", "-n", self.space.name)
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def _all_hear(self, clients: int) -> bool:
        pod = self.space.get("Pod", "clients") or {}
        if (pod.get("status") or {}).get("phase") != "Running":
            return False
        ledger = self.ledger()
        return ledger is not None and ledger.hearing == clients and ledger.published > 5

    def _last_word(self) -> Ledger | None:
        ledger = self.ledger()
        return ledger if ledger is not None and ledger.done else None
