"""Pods of the simulated cluster, and how each configuration behaves."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headgate.streamgateway.observed import EdgePod
from tests.builders.gateway_clients import SimulatedClient
from tests.builders.gateways import CRASHED, SECOND

PROXIES = timedelta(seconds=2)
"""How long some proxy still sends clients to a pod that left the Service."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a configuration does to its pods."""

    gets_ready: bool = True
    crashes_after: int | None = None
    refuses: bool = False
    is_slow: bool = False
    breaks_core: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong with it."""
        return self == Behaviour()


BEHAVIOURS = {
    "r1": Behaviour(),
    "r2": Behaviour(),
    "r3": Behaviour(),
    "crashes": Behaviour(gets_ready=False, crashes_after=3),
    "never-ready": Behaviour(gets_ready=False),
    "refuses": Behaviour(refuses=True),
    "slow": Behaviour(is_slow=True),
    "crashes-late": Behaviour(crashes_after=40),
    "breaks-core": Behaviour(breaks_core=True),
}


@dataclass(eq=False)
class SimulatedPod:
    """One pod."""

    name: str
    uid: str
    revision: str
    created_at: datetime
    ready_at: datetime | None
    crashes_at: datetime | None = None
    slow_at: datetime | None = None
    refuses: bool = False
    cordoned_at: datetime | None = None
    full_since: datetime | None = None
    unready_until: datetime | None = None
    unready_since: datetime | None = None
    silent_until: datetime | None = None
    deleted_at: datetime | None = None
    gone_at: datetime | None = None
    over: bool = False
    arrived: int = 0
    clients: list[SimulatedClient] = field(default_factory=list)

    @property
    def serves(self) -> bool:
        """Whether the Service has it."""
        return self.cordoned_at is None and self.gone_at is None and not self.over

    def has_crashed(self, now: datetime) -> bool:
        """Whether its container has ended, and will not come back."""
        return self.crashes_at is not None and now >= self.crashes_at

    def is_ready(self, now: datetime) -> bool:
        """Whether its probe succeeds."""
        started = self.ready_at is not None and now >= self.ready_at
        blip = self.unready_until is not None and now < self.unready_until
        return started and not blip and not self.over and not self.has_crashed(now)

    def is_reached(self, now: datetime) -> bool:
        """Whether some proxy sends clients to it."""
        left_at = self.cordoned_at or self.deleted_at or self.full_since
        return self.is_ready(now) and (left_at is None or now - left_at < PROXIES)

    def seen(self, now: datetime) -> EdgePod:
        """Return it as the operator sees it."""
        ready = self.is_ready(now)
        runs = self.ready_at is not None and now >= self.ready_at and not self.has_crashed(now)
        silent = self.silent_until is not None and now < self.silent_until
        says = runs and not silent and not self.over
        since = self.ready_at
        if self.unready_until is not None and now >= self.unready_until:
            since = self.unready_until
        return EdgePod(
            name=self.name,
            uid=self.uid,
            revision=self.revision,
            created_at=self.created_at,
            ip="10.0.0.1" if now - self.created_at >= SECOND else "",
            ready_since=since if ready else None,
            unready_since=self.unready_since if not ready else None,
            serving=self.cordoned_at is None,
            full=self.cordoned_at is None and self.full_since is not None,
            leaving=self.gone_at is not None,
            over=self.over,
            trouble=CRASHED if self.has_crashed(now) else None,
            connections=len(self.clients) if says else None,
            arrived=self.arrived if says else None,
            slow_consumers=3
            * int(self.slow_at is not None and now >= self.slow_at and self.arrived > 0)
            if says
            else None,
        )
