"""What one pass sees of a StreamGateway: plain frozen data that decisions are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headgate.core.resource import Problem
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.types import StreamGatewaySpec

SETTLE = timedelta(seconds=3)
"""How long it takes until every proxy sends clients to a pod that became ready."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What keeps a pod from running, as Kubernetes or the pod itself says it."""

    reason: str
    message: str
    final: bool = False
    """Whether waiting does not help: a crash, a bad image, a configuration that is no good."""


@dataclass(frozen=True, kw_only=True)
class EdgePod:
    """One pod that clients connect to."""

    name: str
    uid: str
    revision: str
    created_at: datetime
    ip: str = ""
    control_port: int | None = None
    """Where it answers the operator, if it is a server of one's own: as its own spec says."""
    ready_since: datetime | None = None
    unready_since: datetime | None = None
    """Since when it is not ready; None where Kubernetes does not say: then its age counts."""
    was_ready: bool = False
    """Whether it has been ready once, as far as Kubernetes tells."""
    serving: bool = True
    """Whether it stays; one that does not is out of the Service, for good."""
    full: bool = False
    """Whether it is out of the Service for now, as others have fewer clients."""
    leaving: bool = False
    """Whether it is being deleted."""
    over: bool = False
    """Whether its containers have ended for good, as after an eviction."""
    trouble: Trouble | None = None
    connections: int | None = None
    """Clients; None where the pod did not say."""
    arrived: int | None = None
    """Clients that came since it started, those that were refused included; None: unknown."""
    deliveries_per_second: float | None = None
    cpu_cores: float | None = None
    memory_bytes: float | None = None
    slow_consumers: int | None = None
    """Clients cut so far because they read too slowly."""
    refusal: str = ""
    """Why most of those were refused that were; asked of pods on trial only."""
    movable: bool = True
    """Whether single connections of it can be asked to move."""
    complaint: str = ""
    """What is wrong with what it answers to the operator, in words; empty: nothing."""
    undelivered: str | None = None
    """Why a message does not reach a client on it; empty: it does. None: not tried, or not yet."""

    @property
    def ready(self) -> bool:
        """Whether it takes connections."""
        return self.ready_since is not None and not self.leaving

    @property
    def broken(self) -> bool:
        """Whether it does not run, and waiting does not help."""
        return not self.ready and self.trouble is not None and self.trouble.final

    @property
    def reached(self) -> bool:
        """Whether it is a server of one's own that can be asked, whatever it will answer."""
        return bool(self.ip and self.control_port and not self.over)

    @property
    def mute(self) -> bool:
        """Whether it runs, and its answers are wrong: waiting for its count does not help."""
        return self.ready and self.connections is None and bool(self.complaint)

    def settled(self, now: datetime) -> bool:
        """Whether it is ready for so long that all proxies know of it."""
        return self.ready and self.ready_since is not None and now - self.ready_since >= SETTLE


@dataclass(frozen=True, kw_only=True)
class CoreServers:
    """The servers that hold the streams; none are wanted where clients' servers do without."""

    wanted: int
    ready: int
    revision: str | None = None
    """The configuration that its StatefulSet asks for; None where there is none yet."""
    updated: int = 0
    """Servers that have that configuration."""
    servers: int = 0
    """Servers that its StatefulSet asks for."""
    pods: tuple[EdgePod, ...] = ()
    """The pods of its servers."""

    @property
    def has_majority(self) -> bool:
        """Whether so many are ready that streams can be read and written."""
        return self.ready > self.wanted // 2 or not self.wanted

    @property
    def settled(self) -> bool:
        """Whether all servers are ready and alike."""
        return self.ready >= self.wanted and self.updated >= self.wanted

    def has(self, revision: str) -> bool:
        """Whether all servers that are wanted have a configuration, and are ready."""
        return not self.wanted or (self.revision == revision and self.settled)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """One gateway and all that belongs to it."""

    namespace: str
    name: str
    uid: str
    generation: int
    spec: StreamGatewaySpec
    status: StreamGatewayStatus
    problems: tuple[Problem, ...] = ()
    """What is wrong with the spec, or with a Secret that it names."""
    usable: bool = True
    """Whether the spec itself can be carried out; if not, all stays as it is."""
    wanted: str | None = None
    """Revision of the configuration that spec and Secrets make; None while they are unusable."""
    edges: tuple[EdgePod, ...] = ()
    core: CoreServers = CoreServers(wanted=1, ready=0)
    asked: Mapping[str, int] = field(default_factory=dict)
    """By pod, connections that were asked to move a moment ago and may not have left yet."""
    asked_at: datetime | None = None
    """When connections were last asked to move; None: not since the operator has started."""
    stream_problems: tuple[Problem, ...] = ()
    name_taken: bool = False
    """Whether one of the problems is somebody else's object with the name of a child."""
    refused: str = ""
    """What cannot be made that should be, and why, in words; empty: nothing."""

    def edge(self, name: str) -> EdgePod | None:
        """Return the pod of that name."""
        return next((pod for pod in self.edges if pod.name == name), None)

    @property
    def drained(self) -> EdgePod | None:
        """The pod whose drain is under way, while it is there; not another one of its name."""
        drain = self.status.drain
        pod = self.edge(drain.pod) if drain is not None else None
        return pod if drain is not None and pod is not None and pod.uid == drain.uid else None

    @property
    def staying(self) -> tuple[EdgePod, ...]:
        """Pods that are neither going nor asked to go."""
        drained = self.drained
        return tuple(
            pod
            for pod in self.edges
            if pod.serving and not pod.leaving and not pod.over and pod is not drained
        )
