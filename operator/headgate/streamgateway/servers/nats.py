"""The servers of a gateway of NATS: figures by HTTP, requests by NATS itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp
import structlog

from headgate.core.quantities import parse_quantity
from headgate.core.resource import Problem
from headgate.kube.client import Kube
from headgate.kube.errors import NotFound
from headgate.kube.resources import SECRETS
from headgate.streamgateway.build.children import core_service, protection
from headgate.streamgateway.build.owned import Gateway, Manifest
from headgate.streamgateway.build.revision import build_revision, core_size, store_bytes
from headgate.streamgateway.decide.autoscale import History
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.engines.nats.errors import (
    EngineError,
    OutOfSpaceError,
    RequestRefusedError,
)
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.settings import InternalSecrets
from headgate.streamgateway.engines.nats.stream_types import Create, Refuse, Update, WantedStream
from headgate.streamgateway.engines.nats.streams import plan_streams
from headgate.streamgateway.engines.nats.users import User, read_users
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.servers.access import CoreAccess, CoreSessions
from headgate.streamgateway.servers.figures import Figures
from headgate.streamgateway.servers.moves import Mover
from headgate.streamgateway.servers.protocol import Found, Told, Wanted
from headgate.streamgateway.servers.secrets import decoded, own_passwords, tls_problems
from headgate.streamgateway.servers.trial import Examiner
from headgate.streamgateway.status import scheme_of
from headgate.streamgateway.types import Stream, StreamGatewaySpec

AUTH = "spec.auth.secretRef.name"
OWN_PASSWORDS = ("system", "operator", "routes", "anonymous")

log = structlog.get_logger(__name__)


class NatsServers:
    """Edge servers with the clients, and the core that keeps the streams."""

    def __init__(self, http: aiohttp.ClientSession, image: str) -> None:
        """Connect to nothing yet. `image` is that with nats-server, where the spec names none."""
        self._image = image
        self._sessions = CoreSessions()
        self._figures = Figures(http)
        self._mover = Mover(self._sessions, self._figures)
        self._examiner = Examiner(self._sessions, self._figures)
        self._access: CoreAccess | None = None
        self.history = History()

    def serves(self, spec: StreamGatewaySpec) -> bool:
        """Whether this is the engine that a spec names."""
        return spec.engine.custom is None

    async def wanted_of(
        self, kube: Kube, gateway: Gateway, spec: StreamGatewaySpec, runs: str | None = None
    ) -> Wanted:
        """Read the Secrets, make our own where it is missing; return what the servers should be.

        Servers that run know each other by the passwords they have: new ones would part them.
        """
        own = await own_passwords(kube, gateway, OWN_PASSWORDS, in_use_by=runs)
        if isinstance(own, Problem):
            return Wanted(problems=(own,))
        secrets = InternalSecrets(**own)
        self._access = CoreAccess(gateway=gateway, secrets=secrets)
        users, problems = await _users(kube, gateway, spec)
        problems += await tls_problems(kube, gateway, spec)
        if problems:
            return Wanted(problems=problems)
        nats = spec.engine.nats
        chosen = nats.image if nats is not None and nats.image is not None else self._image
        revision = build_revision(gateway, spec, image=chosen, users=users, secrets=secrets)
        return Wanted(revision=revision)

    def children_of(self, gateway: Gateway, edges: int) -> tuple[Manifest, ...]:
        """Return the core's Service, and what protects the pods."""
        return (core_service(gateway), *protection(gateway, edges))

    async def ask(self, found: Found) -> Told:
        """Return what the edges say, whom they were asked to move, and how the streams are."""
        edges = await self._figures.read(found.edges)
        access, candidate = self._access, found.status.candidate
        if access is None or not found.core.ready:
            return Told(edges=edges, asked_at=self._mover.asked_at)
        asked = await self._mover.asked(access)
        if candidate is not None and not candidate.proven:
            scheme = scheme_of(found.spec)
            edges = await self._examiner.examine(access, edges, candidate.revision, scheme)
        problems: tuple[Problem, ...] = ()
        if found.wanted.revision is not None:
            problems = await self._streams(access, found.spec)
        return Told(
            edges=edges, asked=asked, asked_at=self._mover.asked_at, stream_problems=problems
        )

    async def cordon(self, pods: Sequence[EdgePod]) -> None:
        """Say nothing: a server that is asked by single connections need not know."""

    async def move(self, seen: Observed, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to move; the next pass tries again where the core cannot be asked."""
        del seen  # who moves is in the moves
        if self._access is None:
            return
        try:
            await self._mover.move(self._access, moves, now)
        except EngineError as error:
            log.warning("connections could not be asked to move", error=str(error))

    def stand_by(self) -> None:
        """Keep all: what was asked, and the sessions, age by themselves."""

    async def close(self) -> None:
        """Close the connections."""
        await self._sessions.close()

    async def _streams(self, access: CoreAccess, spec: StreamGatewaySpec) -> tuple[Problem, ...]:
        """Bring the streams to what the spec says; return what is refused or cannot be done now."""
        if not spec.streams:
            return ()
        try:
            return await self._ensure_streams(access, spec)
        except EngineError as error:
            return (Problem("spec.streams", str(error)),)

    async def _ensure_streams(
        self, access: CoreAccess, spec: StreamGatewaySpec
    ) -> tuple[Problem, ...]:
        streams = Streams(await self._sessions.operator(access))
        changes = plan_streams(
            [_wanted(stream) for stream in spec.streams],
            await streams.found(),
            core_size=core_size(spec),
            store_bytes=store_bytes(spec),
            now=datetime.now(UTC),
        )
        places = {stream.name: index for index, stream in enumerate(spec.streams)}
        problems = [
            Problem(each.path, each.message) for each in changes if isinstance(each, Refuse)
        ]
        for change in changes:
            if not isinstance(change, Create | Update):
                continue
            try:
                await streams.carry_out(change)
            except (OutOfSpaceError, RequestRefusedError) as error:
                problems.append(Problem(f"spec.streams[{places[change.name]}]", str(error)))
            else:
                log.info("stream changed", stream=change.name, how=type(change).__name__)
        return tuple(problems)


async def _users(
    kube: Kube, gateway: Gateway, spec: StreamGatewaySpec
) -> tuple[tuple[User, ...], tuple[Problem, ...]]:
    if spec.auth is None or spec.auth.secret_ref is None:
        return (), ()
    name = spec.auth.secret_ref.name
    try:
        secret = await kube.get(SECRETS, gateway.namespace, name)
    except NotFound:
        text = f"there is no Secret {name} in {gateway.namespace}: create it, a key for each user"
        return (), (Problem(AUTH, text),)
    found = read_users(decoded(secret))
    told = tuple(Problem(AUTH, f"Secret {name}: {problem}") for problem in found.problems)
    return found.users, told


def _wanted(stream: Stream) -> WantedStream:
    return WantedStream(
        name=stream.name,
        subjects=stream.subjects,
        replicas=stream.replicas,
        max_age=stream.max_age,
        max_bytes=int(parse_quantity(stream.max_bytes)),
    )
