"""Asks single connections to move, and remembers for a moment whom it asked."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.engines.nats.errors import (
    ConnectionUnreadyError,
    EngineError,
    NoSuchConnectionError,
    ServerGoneError,
)
from headgate.streamgateway.engines.nats.system import PAGE, SystemAccount
from headgate.streamgateway.servers.access import CoreAccess, CoreSessions
from headgate.streamgateway.servers.figures import Figures

ASKED_AGAIN = 10.0
"""Seconds until a client that was asked to move and stayed is asked once more."""


class Mover:
    """Whom of each pod was asked, by the server's number of the connection."""

    def __init__(self, sessions: CoreSessions, figures: Figures) -> None:
        """Have asked nobody."""
        self._sessions = sessions
        self._figures = figures
        self._asked: dict[str, dict[int, float]] = {}
        self.asked_at: datetime | None = None
        """When connections were last asked to move."""

    async def asked(self, access: CoreAccess) -> Mapping[str, int]:
        """Return, by pod, how many of its connections were asked a moment ago and are there."""
        since = time.monotonic() - ASKED_AGAIN
        for pod, cids in list(self._asked.items()):
            present = await self._present(access, pod)
            self._asked[pod] = {
                cid: at
                for cid, at in cids.items()
                if at >= since and (present is None or cid in present)
            }
            if not self._asked[pod]:
                del self._asked[pod]
        return {pod: len(cids) for pod, cids in self._asked.items()}

    async def move(self, access: CoreAccess, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to move; EngineError where the core cannot be asked."""
        system = SystemAccount(await self._sessions.system(access))
        for each in moves:
            server_id = self._figures.server_id(each.pod)
            if server_id is not None:
                await self._move(system, each, server_id)
                self.asked_at = now

    async def _move(self, system: SystemAccount, moves: Moves, server_id: str) -> None:
        asked = self._asked.setdefault(moves.pod, {})
        offset, left = 0, moves.count
        while left > 0:
            page = await system.connections(server_id, limit=PAGE, offset=offset)
            fresh = [each.cid for each in page.connections if each.cid not in asked][:left]
            await asyncio.gather(*(_ask(system, server_id, cid) for cid in fresh))
            asked.update(dict.fromkeys(fresh, time.monotonic()))
            left -= len(fresh)
            offset += len(page.connections)
            if len(page.connections) < PAGE:
                return

    async def _present(self, access: CoreAccess, pod: str) -> set[int] | None:
        """Return the numbers of a pod's connections; None where nobody says."""
        server_id = self._figures.server_id(pod)
        if server_id is None:
            return set()
        found: set[int] = set()
        try:
            system = SystemAccount(await self._sessions.system(access))
            while True:
                page = await system.connections(server_id, limit=PAGE, offset=len(found))
                found.update(each.cid for each in page.connections)
                if len(page.connections) < PAGE:
                    return found
        except ServerGoneError:
            return set()
        except EngineError:
            return None


async def _ask(system: SystemAccount, server_id: str, cid: int) -> None:
    try:
        await system.ask_to_move(server_id, cid)
    except (NoSuchConnectionError, ConnectionUnreadyError):
        return  # it has left, or is too new to be told: the next pass sees
