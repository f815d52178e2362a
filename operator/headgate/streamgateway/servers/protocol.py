"""What the reconciler asks of a gateway's servers, whatever program they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.streamgateway.build.owned import Gateway, Manifest
from headgate.streamgateway.build.revision import Revision
from headgate.streamgateway.decide.autoscale import History
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import CoreServers, EdgePod, Observed
from headgate.streamgateway.status_types import StreamGatewayStatus
from headgate.streamgateway.types import StreamGatewaySpec


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The configuration that a spec and its Secrets make, or why there is none."""

    revision: Revision | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """One gateway before its servers are asked."""

    gateway: Gateway
    spec: StreamGatewaySpec
    status: StreamGatewayStatus
    edges: tuple[EdgePod, ...]
    core: CoreServers
    wanted: Wanted


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the servers said in one pass."""

    edges: tuple[EdgePod, ...]
    """With their figures; a pod that did not answer has none."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """By pod, connections that were asked to move and may not have left yet."""
    asked_at: datetime | None = None
    stream_problems: tuple[Problem, ...] = ()


class Servers(Protocol):
    """The servers of one gateway. What it keeps is of this process only."""

    history: History
    """What the pods carried until now, for the autoscaler."""

    def serves(self, spec: StreamGatewaySpec) -> bool:
        """Whether this is the engine that a spec names."""

    async def wanted_of(
        self, kube: Kube, gateway: Gateway, spec: StreamGatewaySpec, runs: str | None = None
    ) -> Wanted:
        """Read the Secrets, make our own where it is missing; return what the servers should be.

        `runs` is the configuration that servers have by now, if any.
        """

    def children_of(self, gateway: Gateway, edges: int) -> tuple[Manifest, ...]:
        """Return what the servers need beside their configuration and the clients' Service.

        `edges` is how many edge pods there should be.
        """

    async def ask(self, found: Found) -> Told:
        """Return what the servers say; whoever does not answer says nothing."""

    async def cordon(self, pods: Sequence[EdgePod]) -> None:
        """Tell servers that their pods were taken out of the Service."""

    async def move(self, seen: Observed, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to move. What is refused is told in the next pass, or tried again."""

    def stand_by(self) -> None:
        """Forget what is true only of one who looks all the time: another replica leads now."""

    async def close(self) -> None:
        """Close what is open."""
