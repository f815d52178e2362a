"""What one pass over a Model sees: plain frozen data, filled by observe.py, read by decide/."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from headgate.core.resource import Problem
from headgate.model.status_types import (
    Evidence,
    HistoryEntry,
    LastRequest,
    Leaving,
    Previous,
    Rejection,
    Rollout,
    Tracked,
)
from headgate.model.types import ModelSpec
from headgate.modelversion.types import ModelVersionSpec
from headgate.streamgateway.types import StreamGatewaySpec

type Versioned[T] = Mapping[str, T]


def nothing[T]() -> Versioned[T]:
    """Return an empty read-only mapping."""
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What must outlive the operator; the decisions' part of Model.status."""

    stable: str | None = None
    rollout: Rollout | None = None
    previous: Previous | None = None
    leaving: Leaving | None = None
    rejected: tuple[Rejection, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    last_request: LastRequest | None = None
    tracked: Tracked | None = None


@dataclass(frozen=True, kw_only=True)
class ContainerSeen:
    """One container of a pod, as far as health is concerned."""

    name: str
    init: bool = False
    restarts: int = 0
    running: bool = False
    waiting: str = ""
    message: str = ""
    exit_code: int | None = None
    exit_message: str = ""


@dataclass(frozen=True, kw_only=True)
class PodSeen:
    """One pod of one version."""

    name: str
    ip: str = ""
    port: int = 8080
    ready: bool = False
    leaving: bool = False
    created_at: datetime
    unready_since: datetime | None = None
    unschedulable: str = ""
    containers: tuple[ContainerSeen, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeploymentSeen:
    """The Deployment of one version."""

    name: str
    uid: str
    replicas: int = 0
    ready: int = 0
    image: str = ""
    pod_digest: str = ""
    failure: str = ""
    failing_since: datetime | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ServiceSeen:
    """The Model's Service, and the version it is pinned to (None: all)."""

    pinned: str | None = None


@dataclass(frozen=True, kw_only=True)
class DependencySeen:
    """One entry of dependsOn; `unrouted` where its Model gives other versions all traffic."""

    name: str
    serving: bool
    leaving: bool = False
    unrouted: bool = False
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class ValidationSeen:
    """What validation says of a version that it has not let through: not yet, or no."""

    refused: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class RevalidationSeen:
    """What the scheduled validation of a version that ended last says; no verdict: empty."""

    verdict: str
    finished_at: datetime
    detail: str


@dataclass(frozen=True, kw_only=True)
class VersionSeen:
    """A ModelVersion that this Model names or has used."""

    name: str
    uid: str
    spec: ModelVersionSpec | None
    problems: tuple[Problem, ...] = ()
    dependencies: tuple[DependencySeen, ...] = ()
    validation: ValidationSeen | None = None
    revalidation: RevalidationSeen | None = None


@dataclass(frozen=True, kw_only=True)
class TrackableSeen:
    """A version of the Model, as far as spec.track looks at it."""

    name: str
    created_at: datetime
    asks: bool = True
    """Whether it names a policy: one that does not is never validated."""
    validation: ValidationSeen | None = None
    """What keeps it from being validated; None where nothing does, or it names no policy."""

    @property
    def age(self) -> tuple[datetime, str]:
        """Order by creation; by name within a second."""
        return self.created_at, self.name


@dataclass(frozen=True, kw_only=True)
class GatewaySeen:
    """The StreamGateway that predictions go to; no spec where it cannot be read."""

    spec: StreamGatewaySpec | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One Model and all that belongs to it."""

    namespace: str
    name: str
    uid: str
    generation: int
    spec: ModelSpec
    problems: tuple[Problem, ...] = ()
    memory: Memory = Memory()
    request: str = ""
    versions: Versioned[VersionSeen] = field(default_factory=nothing)
    trackable: tuple[TrackableSeen, ...] = ()
    """All versions of the Model, the oldest first, where spec.track follows them."""
    deployments: Versioned[DeploymentSeen] = field(default_factory=nothing)
    service: ServiceSeen | None = None
    endpoints: Versioned[int] = field(default_factory=nothing)
    endpoints_since: datetime | None = None
    pods: Versioned[tuple[PodSeen, ...]] = field(default_factory=nothing)
    dependents: Versioned[tuple[str, ...]] = field(default_factory=nothing)
    evidence: Evidence = field(default_factory=Evidence)
    gateway: GatewaySeen | None = None
    """What spec.predictions names, where that is there."""

    def ready(self, version: str | None) -> int:
        """Return how many pods of a version are ready and not on their way out."""
        return sum(pod.ready and not pod.leaving for pod in self.pods.get(version or "", ()))
