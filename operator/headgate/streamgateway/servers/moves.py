"""Asks single connections to move, and remembers for a moment whom it asked."""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

ASKED_AGAIN = 15.0
"""Seconds for which a client that was asked to move counts as about to leave."""
REMEMBERED = 600.0
"""Seconds for which those who stayed are asked after all others."""
LISTED_FOR = 3.0
"""Seconds for which a list of a server's connections is used: to make one costs the server, which
looks at all of them for each page, as much as some hundred deliveries."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Numbers of a server's connections, the oldest first."""

    at: float
    cids: tuple[int, ...]


class Mover:
    """Whom of each pod was asked, by the server's number of the connection."""

    def __init__(self, sessions: CoreSessions, figures: Figures) -> None:
        """Have asked nobody."""
        self._sessions = sessions
        self._figures = figures
        self._asked: dict[tuple[str, str], dict[int, float]] = {}
        """By pod and its server's id: when whom."""
        self._listed: dict[str, Listed] = {}
        """By the server's id."""
        self.asked_at: datetime | None = None
        """When connections were last asked to move."""

    async def asked(self, access: CoreAccess) -> Mapping[str, int]:
        """Return, by pod, how many of its connections were asked a moment ago and are there."""
        now = time.monotonic()
        for (pod, server_id), cids in list(self._asked.items()):
            present = None
            if self._figures.server_id(pod) != server_id:
                present = frozenset[int]()  # another server has the name by now, or none
            elif _lately(cids, now):
                present = await self._present(access, server_id)
            left = {
                cid: at
                for cid, at in cids.items()
                if now - at < REMEMBERED and (present is None or cid in present)
            }
            self._asked[pod, server_id] = left
            if not left:
                del self._asked[pod, server_id]
        counts = {pod: _lately(cids, now) for (pod, _), cids in self._asked.items()}
        return {pod: count for pod, count in counts.items() if count}

    async def move(self, access: CoreAccess, moves: Sequence[Moves], now: datetime) -> None:
        """Ask connections to move; EngineError where the core cannot be asked."""
        system = SystemAccount(await self._sessions.system(access))
        for each in moves:
            server_id = self._figures.server_id(each.pod)
            if server_id is not None:
                await self._move(system, each, server_id)
                self.asked_at = now

    async def _move(self, system: SystemAccount, moves: Moves, server_id: str) -> None:
        """Ask so many that were not asked a moment ago: those first who never were.

        Who has left since the list was made does not count.
        """
        asked, now = self._asked.setdefault((moves.pod, server_id), {}), time.monotonic()
        listed = await self._list(system, server_id)
        able = [cid for cid in listed if now - asked.get(cid, -math.inf) >= ASKED_AGAIN]
        rest = sorted(able, key=lambda cid: asked.get(cid, -math.inf))
        left = moves.count
        while left > 0 and rest:
            some, rest = rest[:left], rest[left:]
            told = await asyncio.gather(*(_ask(system, server_id, cid) for cid in some))
            asked.update(dict.fromkeys((cid for cid in told if cid is not None), time.monotonic()))
            left -= sum(cid is not None for cid in told)

    async def _present(self, access: CoreAccess, server_id: str) -> frozenset[int] | None:
        """Return the numbers of a server's connections; None where nobody says."""
        try:
            system = SystemAccount(await self._sessions.system(access))
            return frozenset(await self._list(system, server_id))
        except ServerGoneError:
            return frozenset()
        except EngineError:
            return None

    async def _list(self, system: SystemAccount, server_id: str) -> tuple[int, ...]:
        """Return the numbers of a server's connections, as they were a moment ago."""
        now = time.monotonic()
        known = self._listed.get(server_id)
        if known is not None and now - known.at < LISTED_FOR:
            return known.cids
        self._listed = {
            each: listed for each, listed in self._listed.items() if now - listed.at < LISTED_FOR
        }
        found: list[int] = []
        while True:
            page = await system.connections(server_id, limit=PAGE, offset=len(found))
            found += [each.cid for each in page.connections]
            if len(page.connections) < PAGE:
                break
        self._listed[server_id] = Listed(at=now, cids=tuple(found))
        return self._listed[server_id].cids


def _lately(cids: Mapping[int, float], now: float) -> int:
    """Return how many were asked a moment ago."""
    return sum(now - at < ASKED_AGAIN for at in cids.values())


async def _ask(system: SystemAccount, server_id: str, cid: int) -> int | None:
    """Return whom it told; None where it has left, or is too new to be told: that is seen later."""
    try:
        await system.ask_to_move(server_id, cid)
    except (NoSuchConnectionError, ConnectionUnreadyError):
        return None
    return cid
