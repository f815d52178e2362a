"""The operator's process: `python -m headgate.controller`.

kopf gives login, lifecycle and signals; it watches nothing (docs/adr/0001-own-thin-client.md).
Everything that runs is put together here, and nowhere else.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import kopf
import structlog
import uvloop

from headgate import telemetry
from headgate.core import labels
from headgate.gauges.ledger import Ledger
from headgate.gauges.scrape import HttpScraper
from headgate.kube.client import KubeClient
from headgate.kube.credentials import Credentials, find_credentials
from headgate.kube.events import EventRecorder
from headgate.kube.resources import (
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    JOBS,
    MODEL_VERSIONS,
    MODELS,
    PODS,
    SERVICES,
    STATEFUL_SETS,
    STREAM_GATEWAYS,
    VALIDATION_POLICIES,
    VALIDATION_RUNS,
    Key,
)
from headgate.kube.session import KubeSession
from headgate.loop.lease import CALL_SECONDS, Lease
from headgate.loop.operation import Followed, Kind, Operation, Timing
from headgate.loop.probes import ProbeServer
from headgate.loop.resync import PERIOD_SECONDS
from headgate.model import affected
from headgate.model.caches import Caches, empty_caches
from headgate.model.reconcile import ModelReconciler
from headgate.model.records import ModelRecord
from headgate.model.runtimes.settings import ServingImages
from headgate.modelversion.reconcile import ModelVersionReconciler
from headgate.modelversion.records import VersionRecord
from headgate.streamgateway import affected as gateway_affected
from headgate.streamgateway.caches import GatewayCaches, empty_gateway_caches
from headgate.streamgateway.children import Children
from headgate.streamgateway.reconcile import GatewayReconciler
from headgate.streamgateway.records import GatewayRecord
from headgate.validation import affected as validation_affected
from headgate.validation.caches import ValidationCaches, empty_validation_caches
from headgate.validation.jobs_image import read_versions
from headgate.validation.policy_reconcile import PolicyReconciler
from headgate.validation.reconcile import RunReconciler
from headgate.validation.records import PolicyRecord

LEASE_NAME = "headgate-operator"
# The endpoint slice controller keeps the label of a Service's own managed-by out of its slices.
ENDPOINTS_SELECTOR = labels.MODEL

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides, from the environment."""

    server_image: str
    jobs_image: str
    gateway_image: str
    identity: str
    lease_namespace: str
    metrics_port: int = 9090
    workers: int = 8
    resync_seconds: float = PERIOD_SECONDS
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, credentials: Credentials) -> "Settings":
        """Read the environment; outside of a Pod, make up an identity that nobody else has."""
        env = os.environ
        made_up = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        own_namespace = env.get("POD_NAMESPACE") or credentials.namespace
        return cls(
            server_image=env.get("HEADGATE_SERVER_IMAGE") or "docker.io/headgate/server:dev",
            jobs_image=env.get("HEADGATE_JOBS_IMAGE") or "docker.io/headgate/jobs:dev",
            gateway_image=env.get("HEADGATE_GATEWAY_IMAGE") or "docker.io/headgate/gateway:dev",
            identity=env.get("POD_NAME") or made_up,
            lease_namespace=env.get("HEADGATE_LEASE_NAMESPACE") or own_namespace,
            metrics_port=int(env.get("HEADGATE_METRICS_PORT") or 9090),
            workers=int(env.get("HEADGATE_WORKERS") or 8),
            resync_seconds=float(env.get("HEADGATE_RESYNC_SECONDS") or PERIOD_SECONDS),
            log_level=env.get("HEADGATE_LOG_LEVEL") or "INFO",
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What the kinds are built from."""

    kube: KubeClient
    recorder: EventRecorder
    scraper: HttpScraper
    metrics: telemetry.Metrics
    settings: Settings

    @staticmethod
    def now() -> datetime:
        """Return the time that reconcilers decide by."""
        return datetime.now(UTC)


type Assemble = Callable[[Parts], tuple[Sequence[Followed[Any]], Sequence[Kind]]]
"""Returns what to follow and what to reconcile."""


class Controller:
    """The parts of one process, in the order in which they start and stop."""

    def __init__(self, credentials: Credentials, settings: Settings, assemble: Assemble) -> None:
        """Open nothing yet: that takes a running event loop."""
        self._settings = settings
        self._assemble = assemble
        self.metrics = telemetry.Metrics()
        self.session = KubeSession(credentials, on_response=self.metrics.requested)
        self._scraper = HttpScraper()
        self._operation: Operation | None = None
        self._probes: ProbeServer | None = None
        self._logins = 0

    @property
    def identity(self) -> str:
        """What this replica calls itself."""
        return self._settings.identity

    async def start(self) -> None:
        """Begin to follow, and to lead when the lease is ours."""
        settings = self._settings
        lease = Lease(
            KubeClient(self.session, attempts=1, total_seconds=CALL_SECONDS),
            settings.lease_namespace,
            LEASE_NAME,
            settings.identity,
        )
        kube = KubeClient(self.session, may_write_seconds=lease.seconds_left)
        recorder = EventRecorder(kube, settings.identity, on_drop=self.metrics.events_dropped.inc)
        parts = Parts(kube, recorder, self._scraper, self.metrics, settings)
        followed, kinds = self._assemble(parts)
        timing = Timing(settings.workers, settings.resync_seconds)
        operation = Operation(
            self.session,
            kube,
            lease,
            recorder,
            self.metrics,
            followed,
            kinds,
            timing,
        )
        self._operation = operation
        self.metrics.watch(
            lambda: operation.queue.depth,
            lambda: operation.queue.scheduled,
            lambda: lease.leading,
        )
        self._probes = ProbeServer(
            settings.metrics_port, operation.dead, operation.unready, self.metrics.registry
        )
        await self._probes.start()
        operation.start()
        log.info("standing by", identity=settings.identity, server=self.session.server)

    async def stop(self) -> None:
        """Stop in the opposite order; the lease goes when nothing writes any more."""
        if self._operation is not None:
            await self._operation.stop()
        if self._probes is not None:
            await self._probes.stop()
        await self._scraper.close()
        await self.session.close()

    async def login(self) -> kopf.AiohttpSession:
        """Share our session with kopf."""
        if self._logins:  # kopf asks again at once when it is refused, for ever
            await asyncio.sleep(min(30.0, 2.0 ** min(self._logins, 5)))
        self._logins += 1
        return kopf.AiohttpSession(server=self.session.server, aiohttp_session=self.session.http)


def make_registry(controller: Controller) -> kopf.OperatorRegistry:
    """Return kopf's handlers: lifecycle and login, none for any resource."""
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry)
    async def start(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.scanning.disabled = True  # nothing to discover: our kinds are known
        settings.posting.enabled = False
        settings.peering.standalone = True
        settings.networking.error_backoffs = Patience()
        settings.process.ultimate_exiting_timeout = 10.0
        await controller.start()

    @kopf.on.cleanup(registry=registry)
    async def stop(**_: Any) -> None:
        await controller.stop()

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.AiohttpSession:
        return await controller.login()

    return registry


class Patience:
    """Waits in seconds without end: kopf gives up the whole operator when its list is through."""

    def __iter__(self) -> Iterator[float]:
        """Return the waits of one request."""
        yield from (0.5, 1.0, 2.0)
        while True:
            yield 5.0


def assemble_kinds(parts: Parts) -> tuple[Sequence[Followed[Any]], Sequence[Kind]]:
    """Return what to follow and what to reconcile: the one list of Headgate's kinds."""
    caches, validation = empty_caches(), empty_validation_caches()
    gateways = replace(empty_gateway_caches(), gateways=caches.gateways)
    return (
        (*_followed(caches, validation), *_followed_for_gateways(gateways, caches)),
        (*_reconciled(parts, caches, validation), _gateways(parts, gateways)),
    )


def _followed(caches: Caches, validation: ValidationCaches) -> tuple[Followed[Any], ...]:
    def of_model(old: ModelRecord | None, new: ModelRecord | None) -> Iterable[Key]:
        return affected.by_model(old, new, caches)

    def of_version(old: VersionRecord | None, new: VersionRecord | None) -> Iterable[Key]:
        yield from affected.by_version(old, new, caches)
        yield from validation_affected.by_version(old, new, validation)

    def of_policy(old: PolicyRecord | None, new: PolicyRecord | None) -> Iterable[Key]:
        return validation_affected.by_policy(old, new, validation, caches)

    def of_attempt(old: Any, new: Any) -> Iterable[Key]:
        return validation_affected.by_child(old, new, validation)

    def of_child(old: Any, new: Any) -> Iterable[Key]:
        return affected.by_child(old, new, caches)

    return (
        Followed(MODELS, caches.models, of_model, lane_of=affected.lane_of_model),
        Followed(MODEL_VERSIONS, caches.versions, of_version),
        Followed(DEPLOYMENTS, caches.deployments, of_child, labels.SELECTOR),
        Followed(SERVICES, caches.services, of_child, labels.SELECTOR),
        Followed(PODS, caches.pods, of_child, labels.SELECTOR),
        Followed(ENDPOINT_SLICES, caches.endpoint_slices, of_child, ENDPOINTS_SELECTOR),
        Followed(VALIDATION_POLICIES, validation.policies, of_policy),
        Followed(VALIDATION_RUNS, validation.runs, validation_affected.by_run),
        Followed(JOBS, validation.jobs, of_attempt, labels.RUN),
        Followed(PODS, validation.pods, of_attempt, labels.RUN),
    )


def _followed_for_gateways(gateways: GatewayCaches, caches: Caches) -> tuple[Followed[Any], ...]:
    def of_gateway(old: GatewayRecord | None, new: GatewayRecord | None) -> Iterable[Key]:
        yield from gateway_affected.by_gateway(old, new)
        yield from affected.by_gateway(old, new, caches)

    of_child = gateway_affected.by_child
    return (
        Followed(STREAM_GATEWAYS, gateways.gateways, of_gateway),
        Followed(PODS, gateways.pods, of_child, labels.GATEWAY),
        Followed(STATEFUL_SETS, gateways.core_sets, of_child, labels.GATEWAY),
    )


def _gateways(parts: Parts, caches: GatewayCaches) -> Kind:
    gateways = GatewayReconciler(
        kube=parts.kube,
        caches=caches,
        recorder=parts.recorder,
        meter=parts.metrics.gateways,
        clock=parts.now,
        image=parts.settings.gateway_image,
        http=parts.scraper.session,
        children=Children(kube=parts.kube, clock=parts.now),
    )
    return Kind(
        STREAM_GATEWAYS.kind,
        caches.gateways,
        gateways.reconcile,
        on_stand_by=gateways.stand_by,
    )


def _reconciled(parts: Parts, caches: Caches, validation: ValidationCaches) -> tuple[Kind, ...]:
    models = ModelReconciler(
        kube=parts.kube,
        caches=caches,
        ledger=Ledger(parts.scraper),
        recorder=parts.recorder,
        meter=parts.metrics.models,
        images=ServingImages(server=parts.settings.server_image),
        clock=parts.now,
    )
    versions = ModelVersionReconciler(
        kube=parts.kube,
        caches=caches,
        validation=validation,
        recorder=parts.recorder,
        clock=parts.now,
    )
    policies = PolicyReconciler(
        kube=parts.kube, caches=validation, recorder=parts.recorder, clock=parts.now
    )
    runs = RunReconciler(
        kube=parts.kube,
        caches=caches,
        validation=validation,
        recorder=parts.recorder,
        clock=parts.now,
        image=parts.settings.jobs_image,
        versions=read_versions(),
    )
    return (
        Kind(MODELS.kind, caches.models, models.reconcile, on_stand_by=models.stand_by),
        Kind(MODEL_VERSIONS.kind, caches.versions, versions.reconcile, mirrors=True),
        Kind(VALIDATION_POLICIES.kind, validation.policies, policies.reconcile),
        Kind(VALIDATION_RUNS.kind, validation.runs, runs.reconcile),
    )


def main() -> None:
    """Run until a signal ends it."""
    credentials = find_credentials()
    settings = Settings.from_environment(credentials)
    telemetry.set_up_logs(settings.log_level)
    uvloop.run(run(Controller(credentials, settings, assemble_kinds)))


async def run(controller: Controller) -> None:
    """Hand the process over to kopf."""
    identity: Any = controller.identity  # kopf's own type for it is not public
    await kopf.operator(
        registry=make_registry(controller),
        # kopf would ask for a user name, and a container's user has none
        identity=identity,
        standalone=True,
        clusterwide=True,
    )


if __name__ == "__main__":
    main()
