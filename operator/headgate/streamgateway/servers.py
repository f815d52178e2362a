"""A gateway's servers, as the operator talks to them: figures by HTTP, requests by NATS.

What is kept here is of this process only. Another operator begins without it, and asks a few
connections twice.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
import structlog
from nats.aio.client import Client

from headgate.core.quantities import parse_quantity
from headgate.core.resource import Problem
from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.build.pods import WEBSOCKET_PORT
from headgate.streamgateway.decide.autoscale import History
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.engines.nats.errors import (
    ConnectionUnreadyError,
    EngineError,
    NoSuchConnectionError,
    ServerGoneError,
)
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.monitoring import ServerSeen, read_varz
from headgate.streamgateway.engines.nats.probe import delivers
from headgate.streamgateway.engines.nats.rates import Rates, rates_between
from headgate.streamgateway.engines.nats.refusals import Refusals, read_refusals
from headgate.streamgateway.engines.nats.sessions import open_session
from headgate.streamgateway.engines.nats.settings import (
    CLIENT_PORT,
    MONITORING_PORT,
    InternalSecrets,
)
from headgate.streamgateway.engines.nats.stream_types import (
    Create,
    Refuse,
    Update,
    WantedStream,
)
from headgate.streamgateway.engines.nats.streams import plan_streams
from headgate.streamgateway.engines.nats.system import PAGE, SystemAccount
from headgate.streamgateway.engines.nats.users import OPERATOR_USER, SYSTEM_USER
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.types import Stream

TIMEOUT = aiohttp.ClientTimeout(total=1.5)
MOST_AT_ONCE = 32
ASKED_AGAIN = 10.0
"""Seconds until a client that was asked to move and stayed is asked once more."""
PROBED_AGAIN = 5.0
"""Seconds from one message sent through a pod on trial to the next."""
PATIENCE = 10.0
"""Seconds until a core that could not be reached is tried again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class CoreAccess:
    """How a gateway's core is reached."""

    gateway: Gateway
    secrets: InternalSecrets

    @property
    def servers(self) -> tuple[str, ...]:
        """Return the URL of the headless Service: it stands for all servers."""
        host = f"{self.gateway.core_name}.{self.gateway.namespace}.svc"
        return (f"nats://{host}:{CLIENT_PORT}",)


class Servers:
    """The servers of one gateway."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        """Connect to nothing yet."""
        self._http = http
        self._sessions: dict[str, Client] = {}
        self._asked: defaultdict[str, dict[int, float]] = defaultdict(dict)
        self._seen: dict[str, ServerSeen] = {}
        self.history = History()
        """What the pods carried until now, for the autoscaler."""
        self.asked_at: datetime | None = None
        """When connections were last asked to move."""
        self._probed: dict[str, tuple[float, str | None]] = {}
        self._unreachable_until = 0.0

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def read(self, edges: Iterable[EdgePod]) -> tuple[EdgePod, ...]:
        """Return the pods with their figures; a pod that does not answer has none."""
        room = asyncio.Semaphore(MOST_AT_ONCE)
        return tuple(await asyncio.gather(*(self._with_figures(pod, room) for pod in edges)))

    async def examine(
        self, access: CoreAccess, edges: Iterable[EdgePod], revision: str, scheme: str
    ) -> tuple[EdgePod, ...]:
        """Return the pods, those of a revision with whom they refuse and whether they deliver.

        `scheme` is that of the listener to be tried: nats, tls, ws or wss.
        """
        found = []
        for pod in edges:
            on_trial = pod.revision == revision and pod.ready and pod.ip
            found.append(await self._examined(access, pod, scheme) if on_trial else pod)
        return tuple(found)

    async def _examined(self, access: CoreAccess, pod: EdgePod, scheme: str) -> EdgePod:
        refusals = await self._refusals(pod)
        tried_at, told = self._probed.get(pod.uid, (0.0, None))
        if time.monotonic() - tried_at > PROBED_AGAIN:
            told = await self._probe(access, pod, scheme)
            self._probed[pod.uid] = (time.monotonic(), told)
        return replace(
            pod,
            arrived=(pod.connections or 0) + refusals.refused,
            refused=refusals.refused,
            refusal=refusals.why,
            undelivered=told,
        )

    async def _probe(self, access: CoreAccess, pod: EdgePod, scheme: str) -> str | None:
        port = WEBSOCKET_PORT if scheme in {"ws", "wss"} else CLIENT_PORT
        try:
            core = await self._session(access, OPERATOR_USER)
            url = f"{scheme}://{_host(pod.ip)}:{port}"
            return await delivers(core, url, access.secrets.operator, pod.name)
        except EngineError:
            return None  # the core is silent: that says nothing of the edge

    async def _refusals(self, pod: EdgePod) -> Refusals:
        url = f"http://{_host(pod.ip)}:{MONITORING_PORT}/connz?state=closed&limit=1000"
        try:
            async with self._http.get(url, allow_redirects=False, timeout=TIMEOUT) as answer:
                answer.raise_for_status()
                return read_refusals(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return Refusals()

    async def asked(self, access: CoreAccess) -> Mapping[str, int]:
        """Return, by pod, how many of its connections were asked to move and are still there."""
        since = time.monotonic() - ASKED_AGAIN
        for pod in list(self._asked):
            present = await self._present(access, pod)
            kept = {
                cid: at
                for cid, at in self._asked[pod].items()
                if at >= since and (present is None or cid in present)
            }
            if kept:
                self._asked[pod] = kept
            else:
                del self._asked[pod]
        return {pod: len(cids) for pod, cids in self._asked.items()}

    async def _present(self, access: CoreAccess, pod: str) -> set[int] | None:
        """Return the numbers of a pod's connections; None where nobody says."""
        server = self._seen.get(pod)
        if server is None or server.server_id is None:
            return set()
        found: set[int] = set()
        try:
            system = SystemAccount(await self._session(access, SYSTEM_USER))
            while True:
                page = await system.connections(server.server_id, limit=PAGE, offset=len(found))
                found.update(each.cid for each in page.connections)
                if len(page.connections) < PAGE:
                    return found
        except ServerGoneError:
            return set()
        except EngineError:
            return None

    async def move(self, access: CoreAccess, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to move; EngineError where the core cannot be asked."""
        system = SystemAccount(await self._session(access, SYSTEM_USER))
        for each in moves:
            server = self._seen.get(each.pod)
            if server is not None and server.server_id is not None:
                await self._move(system, each, server.server_id)
                self.asked_at = now

    async def ensure_streams(
        self, access: CoreAccess, wanted: Sequence[Stream], *, core_size: int, store_bytes: int
    ) -> tuple[Problem, ...]:
        """Make and change streams as wanted; return what was refused, and why.

        EngineError where the core cannot be asked.
        """
        streams = Streams(await self._session(access, OPERATOR_USER))
        changes = plan_streams(
            [_wanted(stream) for stream in wanted],
            await streams.found(),
            core_size=core_size,
            store_bytes=store_bytes,
            now=datetime.now(UTC),
        )
        for change in changes:
            if isinstance(change, Create | Update):
                await streams.carry_out(change)
                log.info("stream changed", stream=change.name, how=type(change).__name__)
        return tuple(
            Problem(change.path, change.message) for change in changes if isinstance(change, Refuse)
        )

    async def _move(self, system: SystemAccount, moves: Moves, server_id: str) -> None:
        asked = self._asked[moves.pod]
        offset, left = 0, moves.count
        while left > 0:
            page = await system.connections(server_id, limit=PAGE, offset=offset)
            fresh = [each.cid for each in page.connections if each.cid not in asked][:left]
            await asyncio.gather(*(self._ask(system, server_id, cid) for cid in fresh))
            asked.update(dict.fromkeys(fresh, time.monotonic()))
            left -= len(fresh)
            offset += len(page.connections)
            if len(page.connections) < PAGE:
                return

    @staticmethod
    async def _ask(system: SystemAccount, server_id: str, cid: int) -> None:
        try:
            await system.ask_to_move(server_id, cid)
        except (NoSuchConnectionError, ConnectionUnreadyError):
            return  # it has left, or is too new to be told: the next pass sees

    async def _session(self, access: CoreAccess, user: str) -> Client:
        session = self._sessions.get(user)
        if session is not None and session.is_connected:
            return session
        if session is not None:
            await session.close()
            del self._sessions[user]
        now = time.monotonic()
        if now < self._unreachable_until:
            raise EngineError("the core could not be reached a moment ago")
        password = access.secrets.system if user == SYSTEM_USER else access.secrets.operator
        try:
            session = await open_session(access.servers, user, password)
        except EngineError:
            self._unreachable_until = now + PATIENCE
            raise
        self._sessions[user] = session
        return session

    async def _with_figures(self, pod: EdgePod, room: asyncio.Semaphore) -> EdgePod:
        if not pod.ip or pod.over:
            return pod
        url = f"http://{_host(pod.ip)}:{MONITORING_PORT}/varz"
        try:
            async with room, self._http.get(url, allow_redirects=False, timeout=TIMEOUT) as answer:
                answer.raise_for_status()
                seen = read_varz(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return pod  # a pod without figures stands for itself in the decision
        if seen.name != pod.name:
            return pod  # another pod has the address by now
        before = self._seen.get(pod.name)
        self._seen[pod.name] = seen
        rates = rates_between(before, seen) if before is not None else Rates()
        return replace(
            pod,
            connections=seen.connections,
            slow_consumers=seen.slow_consumers,
            deliveries_per_second=rates.deliveries,
            cpu_cores=seen.cpu_percent / 100 if seen.cpu_percent is not None else None,
            memory_bytes=seen.memory_bytes,
        )


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _wanted(stream: Stream) -> WantedStream:
    return WantedStream(
        name=stream.name,
        subjects=stream.subjects,
        replicas=stream.replicas,
        max_age=stream.max_age,
        max_bytes=int(parse_quantity(stream.max_bytes)),
    )
