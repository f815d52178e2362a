"""How the operator gets to a gateway's core, and keeps its connections."""

import time
from dataclasses import dataclass

from nats.aio.client import Client

from headgate.streamgateway.build.owned import Gateway
from headgate.streamgateway.engines.nats.errors import CoreUnreachableError, EngineError
from headgate.streamgateway.engines.nats.sessions import open_session
from headgate.streamgateway.engines.nats.settings import CLIENT_PORT, InternalSecrets
from headgate.streamgateway.engines.nats.users import OPERATOR_USER, SYSTEM_USER

PATIENCE = 10.0
"""Seconds until a core that could not be reached is tried again."""


@dataclass(frozen=True, kw_only=True)
class CoreAccess:
    """How a gateway's core is reached."""

    gateway: Gateway
    secrets: InternalSecrets
    urls: tuple[str, ...] = ()
    """Where it is not behind its Service."""

    @property
    def servers(self) -> tuple[str, ...]:
        """Return the URL of the headless Service: it stands for all servers."""
        if self.urls:
            return self.urls
        host = f"{self.gateway.core_name}.{self.gateway.namespace}.svc"
        return (f"nats://{host}:{CLIENT_PORT}",)


class CoreSessions:
    """One connection for each of our two users, opened when it is needed."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._sessions: dict[str, Client] = {}
        self._unreachable_until = 0.0

    async def system(self, access: CoreAccess) -> Client:
        """Return a connection of the system account; EngineError where there can be none."""
        return await self._of(access, SYSTEM_USER, access.secrets.system)

    async def operator(self, access: CoreAccess) -> Client:
        """Return a connection in the users' account; EngineError where there can be none."""
        return await self._of(access, OPERATOR_USER, access.secrets.operator)

    async def close(self) -> None:
        """Close them."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    async def _of(self, access: CoreAccess, user: str, password: str) -> Client:
        session = self._sessions.get(user)
        if session is not None and session.is_connected:
            return session
        if session is not None:
            del self._sessions[user]
            await session.close()
        now = time.monotonic()
        if now < self._unreachable_until:
            raise CoreUnreachableError("the core could not be reached a moment ago")
        try:
            session = await open_session(access.servers, user, password)
        except EngineError:
            self._unreachable_until = now + PATIENCE
            raise
        self._sessions[user] = session
        return session
