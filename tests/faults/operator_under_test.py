"""The real reconciler on a real API server, one pass at a time, with caches fed by hand.

Restarting it forgets all that a process forgets: caches, ledger, what it was about to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headgate.core.lane import Lane
from headgate.gauges.ledger import Ledger
from headgate.kube.cache import Cache
from headgate.kube.errors import ApiError
from headgate.kube.events import ObjectRef
from headgate.kube.resources import (
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    MODEL_VERSIONS,
    MODELS,
    PODS,
    SERVICES,
    Key,
    Resource,
)
from headgate.model.caches import Caches, empty_caches
from headgate.model.reconcile import ModelReconciler
from headgate.model.runtimes.settings import ServingImages
from tests.builders.faults import CrashError, FaultyKube, LaggingCache
from tests.faults.stand_in import Clock, Counters, Look

IMAGES = ServingImages(server="docker.io/headgate/server:dev")


@dataclass(frozen=True)
class Lag:
    """How far caches are behind, in changes, and whether they see our own writes at once."""

    changes: int = 0
    remembers: bool = True


@dataclass
class Notes:
    """What was told as Events and metrics."""

    told: list[str] = field(default_factory=list)

    def record(
        self, _ref: ObjectRef, _event_type: str, reason: str, _message: str, _action: str
    ) -> None:
        self.told.append(reason)

    def set(
        self,
        namespace: str,
        name: str,
        phase: str,
        weights: Mapping[str, float],
        shares: Mapping[str, float],
    ) -> None:
        """Metrics are nobody's business here."""

    def forget(self, namespace: str, name: str) -> None:
        """Metrics are nobody's business here."""

    def clear(self) -> None:
        """Metrics are nobody's business here."""


@dataclass
class OperatorUnderTest:
    """One life after another of the operator, for one Model."""

    kube: FaultyKube
    key: Key
    clock: Clock
    counters: Counters
    lag: Lag = field(default_factory=Lag)
    notes: Notes = field(default_factory=Notes)
    lives: int = 0
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin a new life."""
        self.lives += 1
        self.caches = self._caches()
        self._fed: dict[tuple[Resource, str], str] = {}
        self._reconciler = ModelReconciler(
            kube=self.kube,
            caches=self.caches,
            ledger=Ledger(self.counters, self.clock.seconds),
            recorder=self.notes,
            meter=self.notes,
            images=IMAGES,
            clock=self.clock,
        )

    def sees(self, seen: Look) -> None:
        """Feed the caches what changed since the last look, as watches would."""
        for resource, cache in self._by_resource().items():
            names = set()
            for item in seen[resource]:
                meta = item["metadata"]
                names.add(meta["name"])
                if self._fed.get((resource, meta["name"])) != meta["resourceVersion"]:
                    self._fed[resource, meta["name"]] = meta["resourceVersion"]
                    cache.take(item)
            for fed in [name for kind, name in self._fed if kind == resource]:
                if fed not in names:
                    del self._fed[resource, fed]
                    cache.drop((self.key.namespace, fed), seen.versions[resource])
            cache.seen_up_to(seen.versions[resource])

    def catch_up(self) -> bool:
        """Let the caches hear what is late; return whether anything was."""
        late = [
            cache
            for cache in self._by_resource().values()
            if isinstance(cache, LaggingCache) and cache._late
        ]
        for cache in late:
            cache.catch_up()
        return bool(late)

    async def one_pass(self) -> datetime | None:
        """Reconcile once; a crash begins a new life, a failed call is left to the next pass."""
        try:
            look = await self._reconciler.reconcile(self.key)
            return self.clock() if isinstance(look, Lane) else look
        except CrashError:
            self.start()
        except ApiError as error:
            self.failures.append(str(error))
        return self.clock()

    def _caches(self) -> Caches:
        plain = empty_caches()
        if self.lag == Lag():
            return plain

        def late(cache: Cache[Any]) -> LaggingCache[Any]:
            return LaggingCache(
                cache.project,
                cache._index_of,
                lag=self.lag.changes,
                remembers=self.lag.remembers,
            )

        return Caches(
            models=late(plain.models),
            versions=late(plain.versions),
            deployments=late(plain.deployments),
            services=late(plain.services),
            pods=late(plain.pods),
            endpoint_slices=late(plain.endpoint_slices),
            gateways=plain.gateways,
        )

    def _by_resource(self) -> dict[Resource, Cache[Any]]:
        caches = self.caches
        return {
            MODELS: caches.models,
            MODEL_VERSIONS: caches.versions,
            DEPLOYMENTS: caches.deployments,
            SERVICES: caches.services,
            PODS: caches.pods,
            ENDPOINT_SLICES: caches.endpoint_slices,
        }
