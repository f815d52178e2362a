"""One namespace with one Model in it: what a test does there, and how it waits for what follows.

Reads go through pykube-ng, which shares nothing with the operator's own client.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pykube
from rich.console import Console

from hack.demo.installation import NAMESPACE as OPERATOR_NAMESPACE
from hack.demo.installation import image_of
from hack.demo.kubectl import Kubectl, KubectlError
from hack.demo.load import Load
from headgate.cli.tree import render_model
from tests.builders.resources import Manifest, a_canary_of, a_model, a_model_version
from tests.e2e.artifacts import GOOD, KEY, ONE_IN_FIVE, Artifact, requests

MODEL = "lookup"
POLL_SECONDS = 0.2
QUICK_STEPS = a_canary_of({"setWeight": 50}, {"pause": {"duration": "2s"}})
SMALL = {"requests": {"cpu": "20m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}}
KINDS = {
    "Model": ("headgate.dev/v1alpha1", "models"),
    "ModelVersion": ("headgate.dev/v1alpha1", "modelversions"),
    "ValidationPolicy": ("headgate.dev/v1alpha1", "validationpolicies"),
    "ValidationRun": ("headgate.dev/v1alpha1", "validationruns"),
    "StreamGateway": ("headgate.dev/v1alpha1", "streamgateways"),
    "Job": ("batch/v1", "jobs"),
    "Deployment": ("apps/v1", "deployments"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "Service": ("v1", "services"),
    "Pod": ("v1", "pods"),
    "EndpointSlice": ("discovery.k8s.io/v1", "endpointslices"),
    "Event": ("events.k8s.io/v1", "events"),
}


@dataclass
class Space:
    """A namespace of its own for one test."""

    name: str
    kubectl: Kubectl
    api: pykube.HTTPClient
    folder: Path
    loads: list[Load] = field(default_factory=list)

    # --- what a user does ---------------------------------------------------------------------

    def create_version(
        self, name: str, artifact: Artifact = GOOD, *, sha256: str = "", **spec: Any
    ) -> None:
        """Create a ModelVersion, and the ConfigMap that its artifact is read from."""
        holder = f"artifact-{artifact.sha256[:10]}"
        self.kubectl.apply(artifact.in_config_map(holder, self.name))
        defaults: Manifest = {
            "model": MODEL,
            "version": f"1.0.0-{hashlib.sha256(name.encode()).hexdigest()[:8]}",
            "artifact": {
                "uri": f"configmap://{holder}/{KEY}",
                "sha256": sha256 or artifact.sha256,
            },
            "runtime": {"builtin": {"format": "onnx"}},
            "resources": SMALL,
        }
        self.kubectl.apply(a_model_version(name, self.name, **(defaults | spec)))

    def create_container_version(self, name: str, image: str, **container: Any) -> None:
        """Create a ModelVersion that brings its own server."""
        runtime = {"container": {"image": image} | container}
        version = f"1.0.0-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self.kubectl.apply(
            a_model_version(
                name,
                self.name,
                model=MODEL,
                version=version,
                artifact=None,
                runtime=runtime,
                resources=SMALL,
            )
        )

    def create_model(self, version: str = "v1", name: str = MODEL, **spec: Any) -> None:
        """Create a Model."""
        defaults: Manifest = {"version": version, "strategy": QUICK_STEPS}
        self.kubectl.apply(a_model(name, self.name, **(defaults | spec)))

    def edit(self, model: str = MODEL, **spec: Any) -> None:
        """Change the Model's spec, as a commit would."""
        self.kubectl.merge("model", self.name, model, {"spec": spec})

    def serve(self, version: str = "v1", artifact: Artifact = GOOD, **spec: Any) -> None:
        """Create a version and a Model, and wait until it serves."""
        self.create_version(version, artifact)
        self.create_model(version, **spec)
        self.wait_until_healthy(version)

    def start_load(
        self, rate: float = 60.0, seconds: int = 240, keys: Iterable[int] = ONE_IN_FIVE
    ) -> Load:
        """Start steady requests from a pod."""
        samples = self.folder / "samples.json"
        samples.write_text(requests(keys))
        load = Load(self.kubectl, self.name, f"load-{len(self.loads)}")
        self.loads.append(load)
        load.start(MODEL, samples, rate=rate, seconds=seconds)
        return load

    # --- what is there ------------------------------------------------------------------------

    def get(self, kind: str, name: str) -> Manifest | None:
        """Return an object, or None."""
        found = self._objects(kind).get_or_none(name=name)
        return None if found is None else found.obj

    def all(self, kind: str, labels: Mapping[str, str] | None = None) -> list[Manifest]:
        """Return the objects of a kind, those with these labels."""
        query = self._objects(kind)
        return [found.obj for found in (query.filter(selector=dict(labels)) if labels else query)]

    def pods_of(self, version: str) -> list[Manifest]:
        """Return the pods of a version that are not on their way out."""
        pods = self._objects("Pod").filter(selector={"headgate.dev/version": version})
        return [pod.obj for pod in pods if "deletionTimestamp" not in pod.obj["metadata"]]

    def status(self, model: str = MODEL) -> Manifest:
        """Return the Model's status if it is about the current spec, else nothing."""
        found = self.get("Model", model)
        if found is None:
            return {}
        status: Manifest = found.get("status") or {}
        current = status.get("observedGeneration") == found["metadata"]["generation"]
        return status if current else {}

    def condition(self, kind: str, name: str, type_: str) -> Manifest:
        """Return a condition of an object, or nothing."""
        found = self.get(kind, name) or {}
        conditions = (found.get("status") or {}).get("conditions") or []
        return next((each for each in conditions if each["type"] == type_), {})

    def rejection(self, version: str, model: str = MODEL) -> Manifest | None:
        """Return the Model's rejection of a version, or None."""
        rejected = self.status(model).get("rejected") or []
        return next((entry for entry in rejected if entry["name"] == version), None)

    def reasons_of_events(self, name: str = MODEL) -> set[str]:
        """Return the reasons of the Events about an object."""
        events = self.all("Event")
        return {each["reason"] for each in events if each["regarding"].get("name") == name}

    # --- what is waited for -------------------------------------------------------------------

    def wait[T](self, what: str, look: Callable[[], T | None], seconds: float = 60.0) -> T:
        """Look until there is something to see, and return it; fail with all that is known."""
        until = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"{what}: not within {seconds:g} s\n{self.describe()}")
            time.sleep(POLL_SECONDS)

    def wait_until_healthy(self, version: str, model: str = MODEL, seconds: float = 90.0) -> None:
        """Wait until a version serves alone and nothing is under way."""

        def look() -> bool:
            status = self.status(model)
            return status.get("phase") == "Healthy" and status.get("stableVersion") == version

        self.wait(f"{version} healthy", look, seconds)

    def wait_until_rejected(
        self, version: str, model: str = MODEL, seconds: float = 60.0
    ) -> Manifest:
        """Wait until a version was rejected; return the entry in status.rejected."""
        return self.wait(f"{version} rejected", lambda: self.rejection(version, model), seconds)

    def wait_for_status(
        self, what: str, holds: Callable[[Manifest], Any], seconds: float = 60.0
    ) -> Manifest:
        """Wait until the status is as wanted; return it."""

        def look() -> Manifest | None:
            status = self.status()
            return status if status and holds(status) else None

        return self.wait(what, look, seconds)

    def wait_at_pause(self, version: str, seconds: float = 60.0) -> Manifest:
        """Wait until the rollout of a version waits for promotion."""
        return self.wait_for_status(
            f"{version} waits for promotion",
            lambda status: (
                status["phase"] == "Paused"
                and status.get("canaryVersion") == version
                and "waits for promotion" in status["message"]
            ),
            seconds,
        )

    def describe(self) -> str:
        """Return all that helps to understand a failure."""
        console = Console(width=120)
        with console.capture() as captured:
            for model in self.all("Model"):
                console.print(render_model(model))
        parts = [captured.get()]
        for command in (
            ("get", "mv,vrun,sgw,deploy,sts,svc,jobs,pods", "-n", self.name, "-o", "wide"),
            ("get", "endpointslices", "-n", self.name),
            ("logs", "-n", OPERATOR_NAMESPACE, "-l", "app.kubernetes.io/name=headgate-operator",
             "--tail=15", "--prefix"),
        ):  # fmt: skip
            try:
                parts.append(self.kubectl.run(*command))
            except KubectlError as error:
                parts.append(str(error))
        return "\n".join(parts)

    def _objects(self, kind: str) -> Any:
        version, endpoint = KINDS[kind]
        attributes = {"version": version, "endpoint": endpoint, "kind": kind}
        factory: Any = type(kind, (pykube.objects.NamespacedAPIObject,), attributes)
        return factory.objects(self.api, namespace=self.name)


def server_image() -> str:
    """Return the image of the builtin server: any Python server can be started from it."""
    return image_of("server")
