"""A stand-in for the node and the controllers that this API server does not have.

It reads what the operator wrote and writes what they would: pods, their status, the Deployments'
counts, the Service's endpoints. One step at a time, each from a look taken before the operator's
pass: so it lags behind, as they do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.core import labels
from headgate.gauges.scrape import Source
from headgate.kube.client import KubeClient
from headgate.kube.resources import (
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    MODEL_VERSIONS,
    MODELS,
    PODS,
    SERVICES,
    Manifest,
    Resource,
)
from headgate.model.gates.evidence import Sample

REQUESTS_PER_SECOND = 40
FOLLOWED = (MODELS, MODEL_VERSIONS, DEPLOYMENTS, SERVICES, PODS, ENDPOINT_SLICES)
READY = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}]


@dataclass
class Clock:
    """Time as this test tells it: pauses cost nothing."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Look:
    """All objects of a namespace that matter, as they were at one moment."""

    items: Mapping[Resource, Sequence[Manifest]]
    versions: Mapping[Resource, int]

    def __getitem__(self, resource: Resource) -> Sequence[Manifest]:
        return self.items[resource]


async def look(kube: KubeClient, namespace: str) -> Look:
    """Read everything (quorum reads)."""
    items, versions = {}, {}
    for resource in FOLLOWED:
        found: list[Manifest] = []
        async for page in kube.list_pages(resource, namespace):
            found.extend(_typed(resource, item) for item in page.items)
            versions[resource] = int(page.resource_version)
        items[resource] = found
    return Look(items, versions)


@dataclass
class Counters:
    """The serving pods' own counters, as a Scraper: what is routed answers requests."""

    clock: Clock
    failing: frozenset[str] = frozenset()
    counted: dict[str, tuple[float, int, int]] = field(default_factory=dict)

    def answer(self, routed: Iterable[tuple[str, str]], seconds: float) -> None:
        """Let pods (name, version) answer requests for so long."""
        for pod, version in routed:
            started, requests, errors = self.counted.get(pod, (self.clock.seconds(), 0, 0))
            new = int(REQUESTS_PER_SECOND * seconds)
            bad = new // 5 if version in self.failing else 0
            self.counted[pod] = (started, requests + new, errors + bad)

    async def scrape(self, sources: Iterable[Source]) -> tuple[Sample, ...]:
        return tuple(
            Sample(
                pod=source.pod,
                version=source.version,
                started=self.counted[source.pod][0],
                requests=self.counted[source.pod][1],
                errors=self.counted[source.pod][2],
            )
            for source in sources
            if source.pod in self.counted
        )


@dataclass
class StandIn:
    """Kubelet, Deployment and EndpointSlice controllers of one namespace."""

    kube: KubeClient
    namespace: str
    counters: Counters
    pods_made: int = 0

    async def step(self, seen: Look) -> bool:
        """Do what is due; return whether anything was."""
        done = [await self._scale(deployment, seen) for deployment in seen[DEPLOYMENTS]]
        done += [await self._start(pod) for pod in seen[PODS]]
        done += [await self._publish(service, seen) for service in seen[SERVICES]]
        return any(done)

    async def _scale(self, deployment: Manifest, seen: Look) -> bool:
        wanted = deployment["spec"]["replicas"]
        pods = [pod for pod in seen[PODS] if _version(pod) == _version(deployment)]
        for _ in range(wanted - len(pods)):
            self.pods_made += 1
            await self.kube.create(PODS, self.namespace, self._a_pod(deployment))
        for pod in pods[wanted:]:
            meta = pod["metadata"]
            await self.kube.delete(PODS, self.namespace, meta["name"], uid=meta["uid"])
        ready = sum(map(_is_ready, pods))
        if (deployment.get("status") or {}).get("readyReplicas", 0) != ready:
            await self._status(DEPLOYMENTS, deployment, {"replicas": ready, "readyReplicas": ready})
        return bool(len(pods) != wanted)

    def _a_pod(self, deployment: Manifest) -> Manifest:
        template = deployment["spec"]["template"]
        name = f"{deployment['metadata']['name']}-{self.pods_made}"
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": template["metadata"]["labels"]},
            "spec": template["spec"],
        }

    async def _start(self, pod: Manifest) -> bool:
        if _is_ready(pod):
            return False
        started = {"phase": "Running", "podIP": "192.0.2.1", "conditions": READY}
        await self._status(PODS, pod, started)
        name = pod["metadata"]["name"]
        self.counters.counted.setdefault(name, (self.counters.clock.seconds(), 0, 0))
        return True

    async def _publish(self, service: Manifest, seen: Look) -> bool:
        selector = service["spec"]["selector"]
        found = [
            pod["metadata"]["name"]
            for pod in seen[PODS]
            if _is_ready(pod) and selector.items() <= pod["metadata"]["labels"].items()
        ]
        if found == [pod for pod, _ in routed(seen)] and seen[ENDPOINT_SLICES]:
            return False
        await self.kube.apply(self._a_slice(service, found))
        return True

    def _a_slice(self, service: Manifest, pods: Sequence[str]) -> Manifest:
        meta = service["metadata"]
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{meta['name']}-abcde",
                "namespace": self.namespace,
                "labels": {
                    labels.MODEL: meta["labels"][labels.MODEL],
                    "kubernetes.io/service-name": meta["name"],
                },
            },
            "addressType": "IPv4",
            "endpoints": [
                {
                    "addresses": [f"192.0.2.{number}"],
                    "conditions": {"ready": True},
                    "targetRef": {"kind": "Pod", "namespace": self.namespace, "name": pod},
                }
                for number, pod in enumerate(pods, start=1)
            ],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        }

    async def _status(self, resource: Resource, obj: Manifest, status: dict[str, Any]) -> None:
        meta = obj["metadata"]
        await self.kube.patch_status(
            resource,
            self.namespace,
            meta["name"],
            status,
            previous={},
            resource_version=meta["resourceVersion"],
        )


def routed(seen: Look) -> list[tuple[str, str]]:
    """Return the pods among the endpoints, with their versions."""
    version_of = {pod["metadata"]["name"]: _version(pod) for pod in seen[PODS]}
    names = [
        endpoint["targetRef"]["name"]
        for found in seen[ENDPOINT_SLICES]
        for endpoint in found.get("endpoints") or []
    ]
    return [(name, version_of.get(name, "")) for name in names]


def _version(obj: Manifest) -> str:
    return str(obj["metadata"]["labels"][labels.VERSION])


def _is_ready(pod: Manifest) -> bool:
    conditions = pod["status"].get("conditions") or []
    return any(entry["type"] == "Ready" and entry["status"] == "True" for entry in conditions)


def _typed(resource: Resource, item: Manifest) -> Manifest:
    """Return a list's item as a watch would bring it, with its kind."""
    return {"apiVersion": resource.api_version, "kind": resource.kind, **item}
