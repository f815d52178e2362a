"""Whether the Service sends clients to a pod: a label of the pod, which the Service selects by."""

from dataclasses import dataclass

from headgate.core import labels
from headgate.kube.cache import Cache
from headgate.kube.client import Kube
from headgate.streamgateway.build.owned import Manifest
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.records import GatewayPodRecord


@dataclass(frozen=True, kw_only=True)
class ServingLabels:
    """Takes pods of one namespace out of the Service, and puts them back."""

    kube: Kube
    pods: Cache[GatewayPodRecord]
    namespace: str

    async def leave(self, pod: EdgePod) -> None:
        """Take a pod out for good, whatever was said of it meanwhile."""
        await self._say(pod, labels.SERVING_LEAVING)

    async def open(self, pod: EdgePod) -> None:
        """Put a pod back that was full; see `close`."""
        await self._say_unless_changed(pod, labels.SERVING_OPEN)

    async def close(self, pod: EdgePod) -> None:
        """Take a pod out for now, as others have fewer clients.

        Nothing is done where it is known by now to be another pod, or to be out for good. Raise
        Conflict where it has changed since the cache heard of it.
        """
        await self._say_unless_changed(pod, labels.SERVING_FULL)

    async def _say_unless_changed(self, pod: EdgePod, serving: str) -> None:
        record = self.pods.get(self.namespace, pod.name)
        if record is None or record.edge.uid != pod.uid:
            return
        if (record.edge.serving, record.edge.full) == (pod.serving, pod.full):
            await self._say(pod, serving, record.resource_version)

    async def _say(self, pod: EdgePod, serving: str, version: str | None = None) -> None:
        manifest: Manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": pod.name,
                "namespace": self.namespace,
                "uid": pod.uid,
                "labels": {labels.SERVING: serving},
            },
        }
        if version is not None:
            manifest["metadata"]["resourceVersion"] = version
        self.pods.remember(await self.kube.apply(manifest))
