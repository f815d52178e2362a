"""Does what a plan asks for, in the order in which one thing needs the other.

Configuration, Services, core, edge pods; then pods leave the Service, connections are asked to
move, and pods go. A pod that cannot be made keeps nothing else from being done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, Forbidden, Invalid, NotFound
from headgate.kube.resources import PODS, SECRETS, STATEFUL_SETS
from headgate.streamgateway.build.children import client_service, core_set
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway
from headgate.streamgateway.build.pods import edge_pod
from headgate.streamgateway.build.revision import (
    config_secret,
    core_size,
    files_of,
    read_pod_spec,
)
from headgate.streamgateway.caches import GatewayCaches
from headgate.streamgateway.children import SOON, Children, is_owned
from headgate.streamgateway.decide import NewEdge, Plan
from headgate.streamgateway.observe import core_pods_of
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.servers import Servers, Wanted
from headgate.streamgateway.serving import ServingLabels


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What is done for one gateway in one pass."""

    kube: Kube
    caches: GatewayCaches
    children: Children
    gateway: Gateway
    servers: Servers
    now: datetime

    async def ensure_children(self, seen: Observed, plan: Plan, wanted: Wanted) -> str:
        """Apply all but the edge pods; return why the core cannot be as it should, or nothing.

        Raise NameTakenError where an object that is not the gateway's has the name of one.
        """
        gateway = self.gateway
        if wanted.revision is not None:
            await self.children.ensure(gateway, config_secret(gateway, wanted.revision))
        await self.children.ensure(gateway, client_service(gateway, seen.spec), every=SOON)
        for manifest in self.servers.children_of(gateway, plan.desired):
            await self.children.ensure(gateway, manifest)
        if plan.core_revision is None:
            return ""
        return await self._ensure_core(seen, plan.core_revision)

    async def make(self, new_edges: Sequence[NewEdge]) -> str:
        """Make pods until one is refused, as by a quota; return what could not be made, and why."""
        told = ""
        for new in new_edges:
            files = await self._files(new.revision)
            if files is None:
                return self._is_gone(new.revision)
            manifest = edge_pod(self.gateway, new.name, new.revision, read_pod_spec(files, EDGE))
            try:
                created = await self.kube.create(PODS, self.gateway.namespace, manifest)
            except (Forbidden, Invalid) as error:
                return f"the API server refuses pod {new.name}: {error.message}"
            except AlreadyExists:
                told = told or await self._whose(new.name)
            else:
                self.caches.pods.remember(created)
        return told

    async def move_on(self, seen: Observed, plan: Plan) -> None:
        """Take pods out of the Service or back, ask connections to move, and let pods go."""
        namespace = self.gateway.namespace
        serving = ServingLabels(kube=self.kube, pods=self.caches.pods, namespace=namespace)
        for pod in plan.cordon:
            await serving.leave(pod)
        await self.servers.cordon(plan.cordon)
        for pod in plan.open:
            await serving.open(pod)
        for pod in plan.close:
            await serving.close(pod)
        await self.servers.move(seen, plan.moves, self.now)
        for pod in plan.delete:
            await self.kube.delete(PODS, namespace, pod.name, uid=pod.uid)

    async def _ensure_core(self, seen: Observed, revision: str) -> str:
        gateway, kind = self.gateway, STATEFUL_SETS.kind
        if seen.core.revision is None and core_pods_of(gateway, self.caches):
            # An earlier gateway's servers of these names are still leaving. A StatefulSet that
            # meets them makes the others, and forgets that it lacks one.
            return ""
        size = max(core_size(seen.spec), seen.core.servers)  # a server that goes takes copies
        as_wanted = (seen.core.revision, seen.core.servers) == (revision, size)
        if as_wanted and self.children.is_fresh(gateway, kind, gateway.core_name):
            return ""  # all that it is made of is in the revision
        if not as_wanted:
            self.children.doubt(gateway, kind, gateway.core_name)
        files = await self._files(revision)
        if files is None:
            return self._is_gone(revision)
        pod_spec = read_pod_spec(files, CORE)
        manifest = core_set(gateway, seen.spec, size=size, revision=revision, pod_spec=pod_spec)
        answer = await self.children.ensure(gateway, manifest)
        if answer is not None:
            self.caches.core_sets.remember(answer)
        return ""

    async def _files(self, revision: str) -> dict[str, str] | None:
        """Return a configuration; None where it is gone, and made again if it is the spec's."""
        name = self.gateway.config_name(revision)
        try:
            return files_of(await self.kube.get(SECRETS, self.gateway.namespace, name))
        except NotFound:
            self.children.doubt(self.gateway, SECRETS.kind, name)
            return None

    async def _whose(self, name: str) -> str:
        """Return what is wrong with a pod that is there already: nothing, if its answer was lost.

        One that is leaving makes room by itself.
        """
        try:
            pod = await self.kube.get(PODS, self.gateway.namespace, name)
        except NotFound:
            return ""
        if is_owned(pod, self.gateway) or "deletionTimestamp" in pod["metadata"]:
            return ""
        return f"pod {name} is there and not this gateway's: delete it"

    def _is_gone(self, revision: str) -> str:
        name = self.gateway.config_name(revision)
        what = f"Secret {name}, which holds configuration {revision}, is gone"
        return f"{what}: restore it, or change the spec"
