"""One pass over a StreamGateway: the only place where the order of effects is visible.

A decision is written to the status alone, before anything is done by it; the next pass, at once,
does it. Children come in the order in which they need each other: configuration, Services, core,
edge pods; then pods leave the Service, connections are asked to move, and pods go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp
import structlog

from headgate.core import labels
from headgate.core.lane import Lane
from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import AlreadyExists, NotFound
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import PODS, SECRETS, STATEFUL_SETS, STREAM_GATEWAYS, Key, resource_of
from headgate.streamgateway.announce import announcements
from headgate.streamgateway.build.children import (
    client_service,
    core_service,
    core_set,
    protection,
)
from headgate.streamgateway.build.owned import CORE, EDGE, Gateway, Manifest
from headgate.streamgateway.build.pods import edge_pod
from headgate.streamgateway.build.revision import (
    config_secret,
    core_size,
    files_of,
    read_pod_spec,
    store_bytes,
)
from headgate.streamgateway.caches import GatewayCaches
from headgate.streamgateway.decide import Plan, decide, memory_of
from headgate.streamgateway.decide.autoscale import record as record_load
from headgate.streamgateway.decide.scaling import sample_of, targets_of
from headgate.streamgateway.engines.nats.errors import EngineError
from headgate.streamgateway.observe import Wanted, core_of, core_pods_of, edges_of, wanted_of
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.records import GatewayRecord
from headgate.streamgateway.servers import CoreAccess, Servers
from headgate.streamgateway.status import scheme_of, status_of
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.telemetry import GatewayMetrics, gauges_of
from headgate.streamgateway.types import Auth, StreamGatewaySpec

UNREADABLE = StreamGatewaySpec(auth=Auth(allow_anonymous=True))

log = structlog.get_logger(__name__)


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
    servers: dict[str, Servers] = field(default_factory=dict)
    """By uid of the gateway."""
    applied: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Digest of what this process last applied, by uid of the gateway, kind and name."""
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
        if record.uid not in self.servers:
            self.servers[record.uid] = Servers(self.http())
        servers = self.servers[record.uid]
        wanted = Wanted(problems=problems)
        if spec is not None and not problems:
            wanted = await wanted_of(self.kube, gateway, spec, self.image)
        seen = await self._observe(record, spec or UNREADABLE, wanted, servers)
        now = self.clock()
        if spec is not None and spec.autoscaling is not None:
            targets = targets_of(spec, spec.autoscaling)
            servers.history = record_load(servers.history, sample_of(seen, now), targets)
        plan = decide(seen, now, servers.history)
        if plan.memory != memory_of(seen.status):
            await self._write_status(record, seen, plan)
            return Lane.URGENT
        if not seen.problems:
            try:
                await self._carry_out(gateway, seen, plan, wanted, servers)
            except NameTakenError as error:
                taken = Problem(
                    "metadata.name", f"{error}: delete it, or name the gateway otherwise"
                )
                seen = replace(seen, problems=(taken,), wanted=None)
                plan = decide(seen, self.clock())
        await self._write_status(record, seen, plan)
        return plan.wake_at

    def stand_by(self) -> None:
        """Forget what was applied and told while leading: another replica does that now."""
        self.applied.clear()
        self.meter.clear()

    async def _forget(self, record: GatewayRecord | None) -> None:
        """Let go of gateways that are gone."""
        known = {each.uid for each in self.caches.gateways.values()}
        if record is not None:
            known.discard(record.uid)
        for uid in [uid for uid in self.servers if uid not in known]:
            await self.servers.pop(uid).close()
        for each in [each for each in self.applied if each[0] not in known]:
            del self.applied[each]

    async def _observe(
        self, record: GatewayRecord, spec: StreamGatewaySpec, wanted: Wanted, servers: Servers
    ) -> Observed:
        core, status = core_of(record, spec, self.caches), record.status()
        edges = await servers.figures.read(edges_of(record, self.caches))
        stream_problems: tuple[Problem, ...] = ()
        asked: Mapping[str, int] = {}
        if wanted.secrets is not None and core.ready:
            gateway = Gateway(namespace=record.namespace, name=record.name, uid=record.uid)
            access = CoreAccess(gateway=gateway, secrets=wanted.secrets)
            asked = await servers.mover.asked(access)
            candidate = status.candidate
            if candidate is not None and not candidate.proven:
                edges = await servers.examiner.examine(
                    access, edges, candidate.revision, scheme_of(spec)
                )
            if wanted.revision is not None:
                stream_problems = await self._streams(spec, access, servers)
        return Observed(
            namespace=record.namespace,
            name=record.name,
            uid=record.uid,
            generation=record.generation,
            spec=spec,
            status=status,
            problems=wanted.problems,
            wanted=wanted.revision.name if wanted.revision is not None else None,
            edges=edges,
            core=core,
            asked=asked,
            asked_at=servers.mover.asked_at,
            stream_problems=stream_problems,
        )

    @staticmethod
    async def _streams(
        spec: StreamGatewaySpec, access: CoreAccess, servers: Servers
    ) -> tuple[Problem, ...]:
        """Bring the streams to what the spec says; return what is refused or cannot be done now."""
        if not spec.streams:
            return ()
        try:
            return await servers.ensure_streams(
                access,
                spec.streams,
                core_size=core_size(spec),
                store_bytes=store_bytes(spec),
            )
        except EngineError as error:
            return (Problem("spec.streams", str(error)),)

    async def _carry_out(
        self, gateway: Gateway, seen: Observed, plan: Plan, wanted: Wanted, servers: Servers
    ) -> None:
        if wanted.revision is not None:
            await self._ensure(gateway, config_secret(gateway, wanted.revision))
        await self._ensure(gateway, client_service(gateway, seen.spec))
        await self._ensure(gateway, core_service(gateway))
        for manifest in protection(gateway):
            await self._ensure(gateway, manifest)
        if plan.core_revision is not None:
            await self._core(gateway, seen, plan.core_revision)
        for new in plan.create:
            files = await self._files(gateway, new.revision)
            manifest = edge_pod(gateway, new.name, new.revision, read_pod_spec(files, EDGE))
            await self._create(manifest)
        for pod in plan.cordon:
            await self._label(gateway, pod.name, pod.uid)
        if plan.moves and wanted.secrets is not None:
            try:
                access = CoreAccess(gateway=gateway, secrets=wanted.secrets)
                await servers.mover.move(access, plan.moves, self.clock())
            except EngineError as error:
                log.warning("connections could not be asked to move", error=str(error))
        for pod in plan.delete:
            await self.kube.delete(PODS, gateway.namespace, pod.name, uid=pod.uid)

    async def _core(self, gateway: Gateway, seen: Observed, revision: str) -> None:
        if seen.core.revision is None and core_pods_of(gateway, self.caches):
            # An earlier gateway's servers of these names are still leaving. A StatefulSet that
            # meets them makes the others, and forgets that it lacks one.
            return
        size = max(core_size(seen.spec), seen.core.servers)  # a server that goes takes copies
        known = (gateway.uid, STATEFUL_SETS.kind, gateway.core_name) in self.applied
        if known and (seen.core.revision, seen.core.servers) == (revision, size):
            return  # all that it is made of is in the revision
        files = await self._files(gateway, revision)
        manifest = core_set(
            gateway,
            seen.spec,
            size=size,
            revision=revision,
            pod_spec=read_pod_spec(files, CORE),
        )
        answer = await self._ensure(gateway, manifest)
        if answer is not None:
            self.caches.core_sets.remember(answer)

    async def _files(self, gateway: Gateway, revision: str) -> dict[str, str]:
        secret = await self.kube.get(SECRETS, gateway.namespace, gateway.config_name(revision))
        return files_of(secret)

    async def _create(self, manifest: Manifest) -> None:
        meta = manifest["metadata"]
        try:
            answer = await self.kube.create(PODS, meta["namespace"], manifest)
        except AlreadyExists:  # made by a pass whose answer was lost; the cache is late
            return
        self.caches.pods.remember(answer)

    async def _label(self, gateway: Gateway, pod: str, uid: str) -> None:
        """Take a pod out of the Service: the field is ours alone from here on."""
        manifest = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": pod,
                "namespace": gateway.namespace,
                "uid": uid,
                "labels": {labels.SERVING: "false"},
            },
        }
        self.caches.pods.remember(await self.kube.apply(manifest))

    async def _ensure(self, gateway: Gateway, manifest: Manifest) -> Manifest | None:
        """Apply a child that differs from what we last applied; one that is not ours, never."""
        meta, kind = manifest["metadata"], manifest["kind"]
        place = (gateway.uid, kind, meta["name"])
        digest = meta["annotations"][labels.APPLIED]
        if self.applied.get(place) == digest:
            return None
        found = await self._found(manifest)
        if found is not None:
            owners = found["metadata"].get("ownerReferences") or []
            if not any(owner.get("uid") == gateway.uid for owner in owners):
                raise NameTakenError(f"{kind} {meta['name']} is there and not this gateway's")
            told = (found["metadata"].get("annotations") or {}).get(labels.APPLIED)
            if told == digest and manifest.get("immutable"):
                self.applied[place] = digest
                return found
        answer = await self.kube.apply(manifest)
        self.applied[place] = digest
        return answer

    async def _found(self, manifest: Manifest) -> Manifest | None:
        meta = manifest["metadata"]
        try:
            return await self.kube.get(resource_of(manifest), meta["namespace"], meta["name"])
        except NotFound:
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


class NameTakenError(Exception):
    """A child's name is taken by an object that is not the gateway's."""
