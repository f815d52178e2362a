"""Many Models at once, and a stand-in for the nodes that this API server does not have.

Without a node no pod is ever ready. The stand-in writes what a kubelet and the controllers would:
ready pods and endpoints. So the operator holds as much, and does as much, as in a real cluster.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from headgate.kube.client import APPLY, MERGE_PATCH, KubeClient
from headgate.kube.resources import (
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    MODEL_VERSIONS,
    MODELS,
    PODS,
    Manifest,
    Resource,
)
from headgate.kube.session import KubeSession, Request
from tests.builders.resources import a_model, a_model_version

NAMESPACES = 20
AT_ONCE = 16
MANAGER = "bench"
NAMESPACE = Resource("", "v1", "namespaces", "Namespace", namespaced=False)


async def spread[T](work: Callable[[T], Awaitable[object]], over: Iterable[T]) -> None:
    """Do it for each, some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> None:
        async with room:
            await work(item)

    await asyncio.gather(*(one(item) for item in over))


@dataclass(frozen=True)
class Place:
    """Where one Model of the fleet is."""

    number: int

    @property
    def namespace(self) -> str:
        return f"team-{self.number % NAMESPACES:02}"

    @property
    def model(self) -> str:
        return f"model-{self.number:04}"

    def version(self, number: int) -> str:
        return f"{self.model}-v{number}"


class Fleet:
    """The Models, and how a user and a cluster treat them."""

    def __init__(self, session: KubeSession, size: int) -> None:
        self.session = session
        self.kube = KubeClient(session)
        self.places = [Place(number) for number in range(size)]

    async def create(self) -> None:
        """Create the namespaces, a version of each Model, and the Models."""
        for name in sorted({place.namespace for place in self.places}):
            await self._apply(NAMESPACE, None, name, {"metadata": {"name": name}})
        await self.create_versions(1, self.places)
        await spread(self._create_model, self.places)

    async def create_versions(self, number: int, places: Iterable[Place]) -> None:
        """Create another version of each of these Models."""

        async def create(place: Place) -> None:
            manifest = a_model_version(
                place.version(number), place.namespace, model=place.model, version=f"{number}.0.0"
            )
            await self._apply(MODEL_VERSIONS, place.namespace, place.version(number), manifest)

        await spread(create, places)

    async def name_version(self, place: Place, number: int) -> Manifest:
        """Name another version in a Model's spec, as a commit would."""
        return await self.edit(place, {"spec": {"version": place.version(number)}})

    async def edit(self, place: Place, change: Manifest) -> Manifest:
        """Change a Model by a merge patch."""
        return await self._patch(MODELS, place.namespace, place.model, change)

    async def stand_in_for_nodes(self) -> None:
        """Give each Deployment a ready pod and an endpoint."""
        found = await self.kube.list(DEPLOYMENTS)
        await spread(self._bring_up, [entry for entry in found if entry["spec"]["replicas"]])

    async def list(self, resource: Resource) -> list[Manifest]:
        return await self.kube.list(resource)

    async def _create_model(self, place: Place) -> None:
        manifest = a_model(place.model, place.namespace, version=place.version(1))
        await self._apply(MODELS, place.namespace, place.model, manifest)

    async def _bring_up(self, deployment: Manifest) -> None:
        meta, template = deployment["metadata"], deployment["spec"]["template"]
        space, name = meta["namespace"], f"{meta['name']}-6d4cf56db6-x2x7p"
        pod = {"metadata": {"name": name, **template["metadata"]}, "spec": template["spec"]}
        await self._apply(PODS, space, name, pod)
        await self._patch(PODS, space, name, {"status": _ready_pod(template["spec"])}, "status")
        await self._endpoints(deployment, name)
        counted = {"replicas": 1, "readyReplicas": 1, "observedGeneration": 1}
        await self._patch(DEPLOYMENTS, space, meta["name"], {"status": counted}, "status")

    async def _endpoints(self, deployment: Manifest, pod: str) -> None:
        space = deployment["metadata"]["namespace"]
        model = deployment["metadata"]["labels"]["headgate.dev/model"]
        name = f"{model}-7xk2p"
        target = {"kind": "Pod", "namespace": space, "name": pod}
        manifest = {
            "metadata": {
                "name": name,
                "labels": {
                    "headgate.dev/model": model,
                    "kubernetes.io/service-name": model,
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                },
            },
            "addressType": "IPv4",
            "endpoints": [
                {"addresses": ["192.0.2.1"], "conditions": {"ready": True}, "targetRef": target}
            ],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        }
        await self._apply(ENDPOINT_SLICES, space, name, manifest)

    async def _apply(
        self, resource: Resource, space: str | None, name: str, manifest: Manifest
    ) -> Manifest:
        typed = {"apiVersion": resource.api_version, "kind": resource.kind, **manifest}
        return await self._send(resource.path(space, name), typed, APPLY)

    async def _patch(
        self, resource: Resource, space: str, name: str, body: Manifest, part: str | None = None
    ) -> Manifest:
        return await self._send(resource.path(space, name, part), body, MERGE_PATCH)

    async def _send(self, path: str, body: Manifest, content_type: str) -> Manifest:
        params = {"fieldManager": MANAGER}
        if content_type == APPLY:
            params["force"] = "true"
        request = Request("patch", "any", "PATCH", path, params, body, content_type)
        answer: Manifest = await self.session.call(request)
        return answer


def _ready_pod(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the status of a ready pod; without an address, so that nobody asks it for figures."""
    now = "2026-01-01T00:00:00Z"
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}
    kinds = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True"} for kind in kinds],
        "initContainerStatuses": [
            _container(entry, {"terminated": ended}) for entry in spec.get("initContainers", [])
        ],
        "containerStatuses": [
            _container(entry, {"running": {"startedAt": now}}) for entry in spec["containers"]
        ],
    }


def _container(entry: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "image": entry["image"],
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "state": state,
    }
