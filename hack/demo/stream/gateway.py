"""The StreamGateway of the story, as kubectl shows and changes it."""

import json
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hack.demo.kubectl import Kubectl, Raw
from headgate.streamgateway.status_types import StreamGatewayStatus

NAME = "predictions"
KIND = "streamgateway"
POLL_SECONDS = 0.1
WATCHED = r'jsonpath={.status}{"\n"}'


class WaitedInVainError(Exception):
    """What was waited for did not come: the text has the last status."""


@dataclass
class Gateway:
    """One gateway; its status is watched from a thread."""

    kubectl: Kubectl
    namespace: str
    status: StreamGatewayStatus = field(default_factory=StreamGatewayStatus)
    generation: int = 0
    on_status: Callable[[StreamGatewayStatus], None] = lambda _status: None
    _watch: subprocess.Popen[str] | None = None
    _closed: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where clients in the cluster connect."""
        return f"ws://{NAME}.{self.namespace}.svc:8080"

    def create(self, spec: Raw, users: dict[str, str]) -> None:
        """Create the users' Secret and the gateway, and watch it."""
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{NAME}-users"}}
        gateway = {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "StreamGateway",
            "metadata": {"name": NAME},
            "spec": spec | {"auth": {"secretRef": {"name": f"{NAME}-users"}}},
        }
        self.kubectl.apply(secret | {"stringData": users}, gateway, namespace=self.namespace)
        threading.Thread(target=self._follow, daemon=True).start()

    def edit(self, **spec: object) -> None:
        """Change the spec, as a commit would."""
        self.kubectl.merge(KIND, self.namespace, NAME, {"spec": spec})
        self.generation = int(
            self.kubectl.json("get", KIND, NAME, "-n", self.namespace)["metadata"]["generation"]
        )

    def wait(
        self, what: str, seconds: float, holds: Callable[[StreamGatewayStatus], bool]
    ) -> StreamGatewayStatus:
        """Return the first status of the current spec that is as wanted."""
        until = time.monotonic() + seconds
        while True:
            status = self.status
            if status.observed_generation >= self.generation and holds(status):
                return status
            if time.monotonic() > until:
                text = status.model_dump_json(by_alias=True, exclude_none=True)
                raise WaitedInVainError(f"{what}: not within {seconds:g} s; status: {text}")
            time.sleep(POLL_SECONDS)

    def edges(self) -> list[Raw]:
        """Return the edge pods that are not being deleted."""
        labels = f"headgate.dev/streamgateway={NAME},headgate.dev/role=edge"
        pods = self.kubectl.json("get", "pods", "-n", self.namespace, "-l", labels)["items"]
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        if self._watch is not None:
            self._watch.terminate()
            self._watch.wait(timeout=10)

    def _follow(self) -> None:
        """Watch, again and again: the API server ends a watch after some time."""
        command = ["get", KIND, NAME, "-n", self.namespace, "--watch", "-o", WATCHED]
        while not self._closed.is_set():
            with subprocess.Popen(
                self.kubectl.argv(command),
                stdout=subprocess.PIPE,
                text=True,
                env=self.kubectl.environment(),
            ) as watch:
                self._watch = watch
                self._read(watch)
            self._closed.wait(POLL_SECONDS)

    def _read(self, watch: subprocess.Popen[str]) -> None:
        for line in watch.stdout or ():
            if line.strip():
                self.status = StreamGatewayStatus.parse_status(json.loads(line))
                self.on_status(self.status)
