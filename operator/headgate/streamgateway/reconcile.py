"""One pass over a StreamGateway: the only place where the order of effects is visible.

A decision is written to the status alone, before anything is done by it; the next pass, at once,
does it. Children come in the order in which they need each other: configuration, Services, core,
edge pods; then pods leave the Service, connections are asked to move, and pods go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp

from headgate.core.lane import Lane
from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, Forbidden, Invalid, NotFound
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import PODS, SECRETS, STATEFUL_SETS, STREAM_GATEWAYS, Key
from headgate.streamgateway.announce import announcements
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
from headgate.streamgateway.children import Children, NameTakenError, is_owned
from headgate.streamgateway.decide import NewEdge, Plan, decide, memory_of, revision_of
from headgate.streamgateway.decide.autoscale import record as record_load
from headgate.streamgateway.decide.scaling import sample_of, targets_of
from headgate.streamgateway.observe import core_of, core_pods_of, edges_of
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.records import GatewayRecord
from headgate.streamgateway.servers import Found, Servers, Told, Wanted, servers_for
from headgate.streamgateway.serving import ServingLabels
from headgate.streamgateway.status import status_of
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.telemetry import GatewayMetrics, gauges_of
from headgate.streamgateway.types import Auth, StreamGatewaySpec

UNREADABLE = StreamGatewaySpec(auth=Auth(allow_anonymous=True))


@dataclass(frozen=True, kw_only=True)
class GatewayReconciler:
    """Moves StreamGateways towards their specs."""

    kube: Kube
    caches: GatewayCaches
    recorder: Recorder
    meter: GatewayMetrics
    clock: Callable[[], datetime]
    image: str
    """The image with nats-server, where the spec names none."""
    children: Children
    servers: dict[str, Servers] = field(default_factory=dict)
    """By uid of the gateway."""
    http: Callable[[], aiohttp.ClientSession]

    async def reconcile(self, key: Key) -> datetime | Lane | None:
        """Move one gateway towards its spec; return when to look again."""
        record = self.caches.gateways.get(key.namespace, key.name)
        if record is None or record.leaving:
            await self._forget(record)
            self.meter.forget(key.namespace, key.name)
            return None
        gateway = Gateway(namespace=record.namespace, name=record.name, uid=record.uid)
        spec, problems = record.spec()
        servers = await self._servers_of(record, spec)
        wanted = Wanted(problems=problems)
        if spec is not None and servers is not None and not problems:
            runs = revision_of(record.status())
            wanted = await servers.wanted_of(self.kube, gateway, spec, runs)
        usable = spec is not None and not problems
        seen = await self._observe(record, spec or UNREADABLE, wanted, servers, usable=usable)
        now = self.clock()
        if spec is not None and servers is not None and spec.autoscaling is not None:
            targets = targets_of(spec, spec.autoscaling)
            servers.history = record_load(servers.history, sample_of(seen, now), targets)
        plan = decide(seen, now, servers.history if servers is not None else None)
        if plan.memory != memory_of(seen.status):
            await self._write_status(record, seen, plan)
            return Lane.URGENT
        if servers is not None and seen.usable:
            try:
                refused = await self._carry_out(gateway, seen, plan, wanted, servers)
            except NameTakenError as error:
                taken = Problem(
                    "metadata.name", f"{error}: delete it, or name the gateway otherwise"
                )
                seen = replace(seen, problems=(taken,), wanted=None)
                plan = decide(seen, self.clock(), servers.history)
            except Forbidden as error:
                seen = replace(seen, refused=f"the API server refuses: {error.message}")
                plan = decide(seen, self.clock(), servers.history)
                await self._write_status(record, seen, plan)
                raise
            else:
                if refused:
                    seen = replace(seen, refused=refused)
                    plan = decide(seen, self.clock(), servers.history)
        await self._write_status(record, seen, plan)
        return plan.wake_at

    def stand_by(self) -> None:
        """Forget what was applied and told while leading: another replica does that now."""
        self.children.clear()
        self.meter.clear()
        for servers in self.servers.values():
            servers.stand_by()

    async def _forget(self, record: GatewayRecord | None) -> None:
        """Let go of gateways that are gone."""
        known = {each.uid for each in self.caches.gateways.values()}
        if record is not None:
            known.discard(record.uid)
        for uid in [uid for uid in self.servers if uid not in known]:
            await self.servers.pop(uid).close()
        self.children.forget_all_but(known)

    async def _servers_of(
        self, record: GatewayRecord, spec: StreamGatewaySpec | None
    ) -> Servers | None:
        """Return who is asked; nobody where the spec was never readable: what they run is unknown.

        A change of the engine, which the API server refuses, begins anew.
        """
        servers = self.servers.get(record.uid)
        if spec is None or (servers is not None and servers.serves(spec)):
            return servers
        if servers is not None:
            await servers.close()
        self.servers[record.uid] = servers_for(spec, self.http(), self.image)
        return self.servers[record.uid]

    async def _observe(
        self,
        record: GatewayRecord,
        spec: StreamGatewaySpec,
        wanted: Wanted,
        servers: Servers | None,
        *,
        usable: bool,
    ) -> Observed:
        found = Found(
            gateway=Gateway(namespace=record.namespace, name=record.name, uid=record.uid),
            spec=spec,
            status=record.status(),
            edges=edges_of(record, self.caches),
            core=core_of(record, spec, self.caches),
            wanted=wanted,
        )
        told = await servers.ask(found) if servers is not None else Told(edges=found.edges)
        return Observed(
            namespace=record.namespace,
            name=record.name,
            uid=record.uid,
            generation=record.generation,
            spec=spec,
            status=found.status,
            problems=wanted.problems,
            usable=usable,
            wanted=wanted.revision.name if wanted.revision is not None else None,
            edges=told.edges,
            core=found.core,
            asked=told.asked,
            asked_at=told.asked_at,
            stream_problems=told.stream_problems,
        )

    async def _carry_out(
        self, gateway: Gateway, seen: Observed, plan: Plan, wanted: Wanted, servers: Servers
    ) -> str:
        """Do what is planned; return why a pod was refused: no reason to leave the others alone."""
        if wanted.revision is not None:
            await self.children.ensure(gateway, config_secret(gateway, wanted.revision))
        await self.children.ensure(gateway, client_service(gateway, seen.spec))
        for manifest in servers.children_of(gateway, plan.desired):
            await self.children.ensure(gateway, manifest)
        gone = ""
        if plan.core_revision is not None:
            gone = await self._core(gateway, seen, plan.core_revision)
        refused = await self._make(gateway, plan.create) or gone
        serving = ServingLabels(kube=self.kube, pods=self.caches.pods, namespace=gateway.namespace)
        for pod in plan.cordon:
            await serving.leave(pod)
        await servers.cordon(plan.cordon)
        for pod in plan.open:
            await serving.open(pod)
        for pod in plan.close:
            await serving.close(pod)
        await servers.move(seen, plan.moves, self.clock())
        for pod in plan.delete:
            await self.kube.delete(PODS, gateway.namespace, pod.name, uid=pod.uid)
        return refused

    async def _make(self, gateway: Gateway, new_edges: Sequence[NewEdge]) -> str:
        """Make pods until one is refused, as by a quota; return why it is, or nothing."""
        for new in new_edges:
            files = await self._files(gateway, new.revision)
            if files is None:
                return _is_gone(gateway, new.revision)
            manifest = edge_pod(gateway, new.name, new.revision, read_pod_spec(files, EDGE))
            try:
                self.caches.pods.remember(await self.kube.create(PODS, gateway.namespace, manifest))
            except (Forbidden, Invalid) as error:
                return f"the API server refuses pod {new.name}: {error.message}"
            except AlreadyExists:  # made by a pass whose answer was lost, and the cache is late
                pod = await self.kube.get(PODS, gateway.namespace, new.name)
                if not is_owned(pod, gateway):
                    return f"pod {new.name} is there and not this gateway's: delete it"
        return ""

    async def _core(self, gateway: Gateway, seen: Observed, revision: str) -> str:
        """Have the core's servers as they should be; return why they cannot, or nothing."""
        if seen.core.revision is None and core_pods_of(gateway, self.caches):
            # An earlier gateway's servers of these names are still leaving. A StatefulSet that
            # meets them makes the others, and forgets that it lacks one.
            return ""
        size = max(core_size(seen.spec), seen.core.servers)  # a server that goes takes copies
        is_known = self.children.knows(gateway, STATEFUL_SETS.kind, gateway.core_name)
        if is_known and (seen.core.revision, seen.core.servers) == (revision, size):
            return ""  # all that it is made of is in the revision
        self.children.doubt(gateway, STATEFUL_SETS.kind, gateway.core_name)
        files = await self._files(gateway, revision)
        if files is None:
            return _is_gone(gateway, revision)
        manifest = core_set(
            gateway,
            seen.spec,
            size=size,
            revision=revision,
            pod_spec=read_pod_spec(files, CORE),
        )
        answer = await self.children.ensure(gateway, manifest)
        if answer is not None:
            self.caches.core_sets.remember(answer)
        return ""

    async def _files(self, gateway: Gateway, revision: str) -> dict[str, str] | None:
        """Return a configuration; None where it is gone, and made again if it is the spec's."""
        name = gateway.config_name(revision)
        try:
            return files_of(await self.kube.get(SECRETS, gateway.namespace, name))
        except NotFound:
            self.children.doubt(gateway, SECRETS.kind, name)
            return None

    async def _write_status(
        self, record: GatewayRecord, seen: Observed, plan: Plan
    ) -> StreamGatewayStatus:
        previous, status = record.raw_status(), status_of(seen, plan, self.clock())
        self.meter.set(record.namespace, record.name, gauges_of(seen, status))
        wanted = status.dump()
        if wanted == previous:
            return status
        written = await self.kube.patch_status(
            STREAM_GATEWAYS,
            record.namespace,
            record.name,
            wanted,
            previous=previous,
            resource_version=record.resource_version,
        )
        self.caches.gateways.remember(written)
        self._tell(record, seen.status, status)
        return status

    def _tell(
        self, record: GatewayRecord, before: StreamGatewayStatus, now: StreamGatewayStatus
    ) -> None:
        ref = ObjectRef(
            STREAM_GATEWAYS.api_version,
            STREAM_GATEWAYS.kind,
            record.namespace,
            record.name,
            record.uid,
        )
        for told in announcements(before, now):
            kind = "Warning" if told.warning else "Normal"
            self.recorder.record(ref, kind, told.reason, told.message, told.action)


def _is_gone(gateway: Gateway, revision: str) -> str:
    name = gateway.config_name(revision)
    what = f"Secret {name}, which holds configuration {revision}, is gone"
    return f"{what}: restore it, or change the spec"
