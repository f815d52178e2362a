"""One pass over a StreamGateway: what is seen, what is decided of it, and what is done and told.

A decision is written to the status alone, before anything is done by it; the next pass, at once,
does it: effects.py, in the order in which one thing needs the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
import structlog

from headgate.core.lane import Lane
from headgate.kube.client import Kube
from headgate.kube.errors import ApiError, Forbidden, Invalid, refusal_in_words
from headgate.kube.events import ObjectRef, Recorder
from headgate.kube.resources import STREAM_GATEWAYS, Key
from headgate.streamgateway.announce import announcements
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.caches import GatewayCaches
from headgate.streamgateway.children import Children, NameTakenError
from headgate.streamgateway.decide import Plan, decide, memory_of
from headgate.streamgateway.decide.autoscale import record as record_load
from headgate.streamgateway.decide.scaling import sample_of, targets_of
from headgate.streamgateway.effects import Effects
from headgate.streamgateway.hindrance import Hindrance, hindered
from headgate.streamgateway.observe import core_of, edges_of
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.records import GatewayRecord
from headgate.streamgateway.servers import Found, Servers, Told, Wanted, servers_for
from headgate.streamgateway.serving import ServingLabels
from headgate.streamgateway.status import status_of
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.telemetry import GatewayMetrics, gauges_of
from headgate.streamgateway.types import Auth, StreamGatewaySpec

log = structlog.get_logger(__name__)

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
    hindrances: dict[str, Hindrance] = field(default_factory=dict)
    """What was in the way in the last pass, by uid of the gateway."""
    http: Callable[[], aiohttp.ClientSession]

    async def reconcile(self, key: Key) -> datetime | Lane | None:
        """Move one gateway towards its spec; return when to look again."""
        record = self.caches.gateways.get(key.namespace, key.name)
        if record is None or record.leaving:
            await self._forget(record)
            self.meter.forget(key.namespace, key.name)
            return None
        spec, problems = record.spec()
        servers = await self._servers_of(record, spec)
        wanted, refusal = Wanted(problems=problems), None
        if spec is not None and servers is not None and not problems:
            try:
                wanted = await servers.wanted_of(
                    self.kube, gateway_of(record), spec, self._running(record)
                )
            except (Forbidden, Invalid) as error:
                refusal = error
        usable = spec is not None and not problems
        bare = await self._observe(record, spec or UNREADABLE, wanted, servers, usable=usable)
        now = self.clock()
        if spec is not None and servers is not None and spec.autoscaling is not None:
            targets = targets_of(spec, spec.autoscaling)
            servers.history = record_load(servers.history, sample_of(bare, now), targets)
        if refusal is not None:
            await self._tell_refusal(record, bare, refusal, now)
            raise refusal
        return await self._go_on(record, bare, wanted, servers, now)

    async def _go_on(
        self,
        record: GatewayRecord,
        bare: Observed,
        wanted: Wanted,
        servers: Servers | None,
        now: datetime,
    ) -> datetime | Lane | None:
        history = servers.history if servers is not None else None
        before = self.hindrances.get(record.uid, Hindrance())
        seen = hindered(bare, before)
        plan = decide(seen, now, history)
        if plan.memory != memory_of(seen.status):
            await self._write_status(record, seen, plan)
            return Lane.URGENT
        try:
            met = await self._carry_out(record, seen, plan, wanted, servers, now)
        except (Forbidden, Invalid) as error:
            await self._tell_refusal(record, bare, error, now)
            raise
        if not met.is_as(before):
            seen = hindered(bare, met)
            plan = decide(seen, now, history)
        await self._write_status(record, seen, plan)
        return plan.wake_at

    async def _carry_out(
        self,
        record: GatewayRecord,
        seen: Observed,
        plan: Plan,
        wanted: Wanted,
        servers: Servers | None,
        now: datetime,
    ) -> Hindrance:
        """Do what is planned; return what is in the way of the rest, which is remembered.

        Where the spec was never readable, or a name is taken, pods come back into the Service at
        most: that is all that is planned then.
        """
        before = self.hindrances.get(record.uid, Hindrance())
        if servers is None:
            serving = ServingLabels(
                kube=self.kube, pods=self.caches.pods, namespace=record.namespace
            )
            for pod in plan.open:
                await serving.open(pod)
            return before
        effects = self._effects(record, servers, now)
        met = Hindrance()
        if seen.usable:
            met = await _make(effects, seen, plan, wanted, before)
        self._note(record, met)
        if not met.taken or before.taken:
            await effects.move_on(seen, plan)
        return met

    async def _tell_refusal(
        self, record: GatewayRecord, bare: Observed, error: ApiError, now: datetime
    ) -> None:
        """Write what the API server refuses, whatever else was to be done: the pass ends here."""
        met = Hindrance(refused=refusal_in_words(error), at=now)
        self._note(record, met)
        servers = self.servers.get(record.uid)
        seen = hindered(bare, met)
        plan = decide(seen, now, servers.history if servers is not None else None)
        await self._write_status(record, seen, plan)

    def _note(self, record: GatewayRecord, met: Hindrance) -> None:
        """Remember what is in the way, and log it when it is news."""
        before = self.hindrances.pop(record.uid, Hindrance())
        if not met.is_as(Hindrance()):
            self.hindrances[record.uid] = met
        if not met.is_as(before):
            told = met.taken or met.refused or "nothing is in the way any more"
            log.warning("gateway hindered", gateway=f"{record.namespace}/{record.name}", why=told)

    def _running(self, record: GatewayRecord) -> str | None:
        """Return the configuration that servers have, if any run: nothing of an earlier gateway."""
        status = record.status()
        if status.stable_revision is not None or status.candidate is None:
            return status.stable_revision
        return status.candidate.revision if edges_of(record, self.caches) else None

    def _effects(self, record: GatewayRecord, servers: Servers, now: datetime) -> Effects:
        return Effects(
            kube=self.kube,
            caches=self.caches,
            children=self.children,
            gateway=gateway_of(record),
            servers=servers,
            now=now,
        )

    def stand_by(self) -> None:
        """Forget what was applied and told while leading: another replica does that now."""
        self.children.clear()
        self.hindrances.clear()
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
        for uid in self.hindrances.keys() - known:
            del self.hindrances[uid]

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
            gateway=gateway_of(record),
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


async def _make(
    effects: Effects, seen: Observed, plan: Plan, wanted: Wanted, before: Hindrance
) -> Hindrance:
    """Make what is to be made; return what is in the way of the rest."""
    try:
        gone = await effects.ensure_children(seen, plan, wanted)
    except NameTakenError as error:
        return Hindrance(taken=str(error), at=effects.now)
    refused, at = before.refused, before.at
    if not plan.create:
        refused = ""
    elif not before.is_fresh(effects.now):
        refused, at = await effects.make(plan.create), effects.now
    return Hindrance(refused=refused or gone, at=at)


def gateway_of(record: GatewayRecord) -> Gateway:
    """Return by what names a gateway's children go."""
    return Gateway(namespace=record.namespace, name=record.name, uid=record.uid)
