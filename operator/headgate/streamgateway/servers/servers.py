"""All that is asked of one gateway's servers."""

from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp
import structlog

from headgate.core.quantities import parse_quantity
from headgate.core.resource import Problem
from headgate.streamgateway.decide.autoscale import History
from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.stream_types import Create, Refuse, Update, WantedStream
from headgate.streamgateway.engines.nats.streams import plan_streams
from headgate.streamgateway.servers.access import CoreAccess, CoreSessions
from headgate.streamgateway.servers.figures import Figures
from headgate.streamgateway.servers.moves import Mover
from headgate.streamgateway.servers.trial import Examiner
from headgate.streamgateway.types import Stream

log = structlog.get_logger(__name__)


class Servers:
    """The servers of one gateway."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        """Connect to nothing yet."""
        self._sessions = CoreSessions()
        self.figures = Figures(http)
        self.mover = Mover(self._sessions, self.figures)
        self.examiner = Examiner(self._sessions, self.figures)
        self.history = History()
        """What the pods carried until now, for the autoscaler."""

    async def close(self) -> None:
        """Close the connections."""
        await self._sessions.close()

    async def ensure_streams(
        self, access: CoreAccess, wanted: Sequence[Stream], *, core_size: int, store_bytes: int
    ) -> tuple[Problem, ...]:
        """Make and change streams as wanted; return what was refused, and why.

        EngineError where the core cannot be asked.
        """
        streams = Streams(await self._sessions.operator(access))
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


def _wanted(stream: Stream) -> WantedStream:
    return WantedStream(
        name=stream.name,
        subjects=stream.subjects,
        replicas=stream.replicas,
        max_age=stream.max_age,
        max_bytes=int(parse_quantity(stream.max_bytes)),
    )
