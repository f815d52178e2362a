"""The servers of one's own that keep the drain contract, asked over HTTP.

Who was asked to leave is told by the servers themselves, so that an operator that takes over knows
it too: of a pod that drains, all count as asked.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

import aiohttp
import structlog

from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.streamgateway.build.owned import Gateway, Manifest
from headgate.streamgateway.decide.autoscale import History
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.engines.custom import contract
from headgate.streamgateway.engines.custom.contract import Fault, ServerStatus, read_status
from headgate.streamgateway.engines.custom.pods import (
    TOKEN,
    build_revision,
    protection,
    window_seconds,
)
from headgate.streamgateway.engines.custom.rates import Look, Watched
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.servers.complaints import Complaints
from headgate.streamgateway.servers.control import Control, ControlError
from headgate.streamgateway.servers.protocol import Found, Told, Wanted
from headgate.streamgateway.servers.secrets import own_passwords, tls_problems
from headgate.streamgateway.types import StreamGatewaySpec

MOST_AT_ONCE = 32

log = structlog.get_logger(__name__)


class CustomServers:
    """The servers of one gateway, each a pod that holds clients."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        address: Callable[[EdgePod], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know nothing yet. `address` gives a pod's base URL, where it is not the usual one."""
        self._control = Control(http, address)
        self._clock = clock
        self._complaints = Complaints(clock)
        self._watched: dict[str, Watched] = {}
        """By uid of the pod."""
        self._leaving: dict[str, int] = {}
        """By uid of the pod: connections that it said to have asked to leave."""
        self._asked_at: datetime | None = None
        self.history = History()

    def serves(self, spec: StreamGatewaySpec) -> bool:
        """Whether this is the engine that a spec names."""
        return spec.engine.custom is not None

    async def wanted_of(
        self, kube: Kube, gateway: Gateway, spec: StreamGatewaySpec, runs: str | None = None
    ) -> Wanted:
        """Make the token where it is missing; return what the servers should be."""
        del runs  # a new token is a new configuration, and servers need not know each other
        custom = spec.engine.custom
        if custom is None:
            return Wanted()
        own = await own_passwords(kube, gateway, (TOKEN,), mounted=True)
        if isinstance(own, Problem):
            return Wanted(problems=(own,))
        self.use(own[TOKEN])
        problems = await tls_problems(kube, gateway, spec)
        if problems:
            return Wanted(problems=problems)
        return Wanted(revision=build_revision(gateway, spec, custom, own[TOKEN]))

    def use(self, token: str) -> None:
        """Ask with this token."""
        self._control.token = token

    def children_of(self, gateway: Gateway, edges: int) -> tuple[Manifest, ...]:
        """Return what protects the pods."""
        return protection(gateway, edges)

    async def ask(self, found: Found) -> Told:
        """Return what the servers say of themselves."""
        if not self._control.token:  # an operator that began with a spec it cannot use
            return Told(edges=found.edges)
        self._forget_all_but({pod.uid for pod in found.edges})
        room = asyncio.Semaphore(MOST_AT_ONCE)
        edges = await asyncio.gather(*(self._seen(pod, room) for pod in found.edges))
        asked = {
            pod.name: leaving
            for pod in edges
            if pod.connections and (leaving := self._leaving.get(pod.uid))
        }
        return Told(edges=tuple(edges), asked=asked, asked_at=self._asked_at)

    async def cordon(self, pods: Sequence[EdgePod]) -> None:
        """Tell servers that no new client should come; that is repeated by the drain."""
        for pod in pods:
            if pod.ready and pod.reached:
                await self._post(pod, contract.CORDON)

    async def move(self, seen: Observed, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to leave: of a pod out of the Service all, over the spec's window."""
        window = window_seconds(seen.spec)
        for each in moves:
            pod = seen.edge(each.pod)
            if pod is None or not pod.reached:
                continue
            if pod.serving:
                done = await self._post(pod, contract.MOVE, count=each.count)
            else:
                done = await self._post(pod, contract.DRAIN, windowSeconds=window)
            if done:
                self._asked_at = now

    def stand_by(self) -> None:
        """Forget what was amiss: whether it lasts is not seen while another operator looks."""
        self._complaints = Complaints(self._clock)

    async def close(self) -> None:
        """Close nothing: the session is everybody's."""

    async def _post(self, pod: EdgePod, path: str, **body: int) -> bool:
        try:
            await self._control.post(pod, path, body)
        except ControlError as error:
            if self._complaints.refused(pod.uid, error.fault):  # it is tried again each second
                log.warning("a server did not do what it was asked", pod=pod.name, error=str(error))
            return False
        self._complaints.did(pod.uid)
        return True

    async def _seen(self, pod: EdgePod, room: asyncio.Semaphore) -> EdgePod:
        if not pod.reached:
            return pod
        async with room:
            said = await self._status(pod)
        if isinstance(said, Fault):
            return replace(pod, complaint=self._amiss(pod, said))
        self._complaints.answered_well(pod.uid)
        self._leaving[pod.uid] = said.asked
        look = Look(at=self._clock(), said=said)
        before = self._watched.get(pod.uid)
        watched = before.then(look) if before is not None else Watched(last=look)
        self._watched[pod.uid] = watched
        return replace(
            pod,
            connections=said.connections,
            arrived=said.arrivals,
            deliveries_per_second=watched.rates.deliveries,
            cpu_cores=watched.rates.cpu_cores,
            memory_bytes=said.memory_bytes,
            slow_consumers=said.slow_consumers,
            movable=contract.MOVES in said.capabilities,
            complaint=self._complaints.refusal(pod.uid),
        )

    async def _status(self, pod: EdgePod) -> ServerStatus | Fault:
        try:
            said = read_status(await self._control.get(pod, contract.STATUS))
        except ControlError as error:
            return error.fault
        if isinstance(said, ServerStatus) and said.name != pod.name:
            return contract.ANOTHER_POD
        return said

    def _amiss(self, pod: EdgePod, fault: Fault) -> str:
        """Return what is amiss once it has lasted; of a pod that only starts, nothing."""
        if pod.serving and not pod.ready:
            self._complaints.answered_well(pod.uid)
            return ""
        return self._complaints.answered_amiss(pod.uid, fault)

    def _forget_all_but(self, present: AbstractSet[str]) -> None:
        self._complaints.forget_all_but(present)
        self._watched = {uid: each for uid, each in self._watched.items() if uid in present}
        self._leaving = {uid: each for uid, each in self._leaving.items() if uid in present}
