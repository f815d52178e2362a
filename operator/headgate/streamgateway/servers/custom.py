"""The servers of one's own that keep the drain contract, asked over HTTP.

Who was asked to leave is told by the servers themselves, so that an operator that takes over knows
it too: of a pod that drains, all count as asked.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
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
from headgate.streamgateway.engines.custom.contract import ServerStatus, read_status
from headgate.streamgateway.engines.custom.pods import (
    TOKEN,
    build_revision,
    protection,
    window_seconds,
)
from headgate.streamgateway.engines.custom.rates import Look, Rates, rates_between
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.servers.control import Control, ControlError
from headgate.streamgateway.servers.protocol import Found, Told, Wanted
from headgate.streamgateway.servers.secrets import own_passwords
from headgate.streamgateway.types import StreamGatewaySpec

MOST_AT_ONCE = 32
LASTING = 10.0
"""Seconds for which a server has to answer amiss until that is told: one that is busy is none."""

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
        self._looks: dict[str, Look] = {}
        self._amiss_since: dict[str, float] = {}
        """By uid of the pod: since when its status could not be used."""
        self._refused: dict[str, str] = {}
        """By uid of the pod: what it did not do when it was last asked to do something."""
        self._asked_at: datetime | None = None
        self.history = History()

    def serves(self, spec: StreamGatewaySpec) -> bool:
        """Whether this is the engine that a spec names."""
        return spec.engine.custom is not None

    async def wanted_of(self, kube: Kube, gateway: Gateway, spec: StreamGatewaySpec) -> Wanted:
        """Make the token where it is missing; return what the servers should be."""
        custom = spec.engine.custom
        if custom is None:
            return Wanted()
        own = await own_passwords(kube, gateway, (TOKEN,))
        if isinstance(own, Problem):
            return Wanted(problems=(own,))
        self.use(own[TOKEN])
        return Wanted(revision=build_revision(gateway, spec, custom))

    def use(self, token: str) -> None:
        """Ask with this token."""
        self._control.token = token

    def children_of(self, gateway: Gateway, spec: StreamGatewaySpec) -> tuple[Manifest, ...]:
        """Return what protects the pods."""
        del spec  # ports are named
        return protection(gateway)

    async def ask(self, found: Found) -> Told:
        """Return what the servers say of themselves."""
        if not self._control.token:  # an operator that began with a spec it cannot use
            return Told(edges=found.edges)
        self._forget_all_but(found.edges)
        room = asyncio.Semaphore(MOST_AT_ONCE)
        edges = await asyncio.gather(*(self._seen(pod, room) for pod in found.edges))
        asked = {
            pod.name: look.said.asked
            for pod in edges
            if pod.connections and (look := self._looks.get(pod.uid)) and look.said.asked
        }
        return Told(edges=tuple(edges), asked=asked, asked_at=self._asked_at)

    async def cordon(self, pods: Sequence[EdgePod]) -> None:
        """Tell servers that no new client should come; that is repeated by the drain."""
        for pod in pods:
            if pod.ready and _is_reached(pod):
                await self._post(pod, contract.CORDON)

    async def move(self, seen: Observed, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to leave: of a pod out of the Service all, over the spec's window."""
        window = window_seconds(seen.spec)
        for each in moves:
            pod = seen.edge(each.pod)
            if pod is None or not _is_reached(pod):
                continue
            if pod.serving:
                done = await self._post(pod, contract.MOVE, count=each.count)
            else:
                done = await self._post(pod, contract.DRAIN, windowSeconds=window)
            if done:
                self._asked_at = now

    async def close(self) -> None:
        """Close nothing: the session is everybody's."""

    async def _post(self, pod: EdgePod, path: str, **body: int) -> bool:
        try:
            await self._control.post(pod, path, body)
        except ControlError as error:
            if self._refused.get(pod.uid) != str(error):  # it is tried again each second
                log.warning("a server did not do what it was asked", pod=pod.name, error=str(error))
            self._refused[pod.uid] = str(error)
            return False
        self._refused.pop(pod.uid, None)
        return True

    async def _seen(self, pod: EdgePod, room: asyncio.Semaphore) -> EdgePod:
        if not _is_reached(pod):
            return pod
        async with room:
            said = await self._status(pod)
        complaint = self._refused.get(pod.uid, "")
        if isinstance(said, str):
            return replace(pod, complaint=self._lasting(pod, said) or complaint)
        self._amiss_since.pop(pod.uid, None)
        look = Look(at=self._clock(), said=said)
        before = self._looks.get(pod.uid)
        self._looks[pod.uid] = look
        rates = rates_between(before, look) if before is not None else Rates()
        return replace(
            pod,
            connections=said.connections,
            arrived=said.arrivals,
            deliveries_per_second=rates.deliveries,
            cpu_cores=rates.cpu_cores,
            memory_bytes=said.memory_bytes,
            slow_consumers=said.slow_consumers,
            movable=contract.MOVES in said.capabilities,
            complaint=complaint,
        )

    async def _status(self, pod: EdgePod) -> ServerStatus | str:
        try:
            said = read_status(await self._control.get(pod, contract.STATUS))
        except ControlError as error:
            return str(error)
        if isinstance(said, str):
            return f"GET {contract.STATUS}: {said}"
        if said.name != pod.name:
            return f"GET {contract.STATUS}: name is not that of the pod, which is ${contract.NAME}"
        return said

    def _lasting(self, pod: EdgePod, text: str) -> str:
        """Return what is amiss once it has lasted; of a pod that only starts, nothing."""
        if not pod.ready:
            return ""
        since = self._amiss_since.setdefault(pod.uid, self._clock())
        return text if self._clock() - since >= LASTING else ""

    def _forget_all_but(self, edges: Iterable[EdgePod]) -> None:
        present = {pod.uid for pod in edges}
        kept: tuple[dict[str, Look] | dict[str, float] | dict[str, str], ...]
        kept = (self._looks, self._amiss_since, self._refused)
        for each in kept:
            for uid in each.keys() - present:
                del each[uid]


def _is_reached(pod: EdgePod) -> bool:
    return bool(pod.ip and pod.control_port and not pod.over)
