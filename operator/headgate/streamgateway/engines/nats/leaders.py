"""What a server of the core leads, and how it hands that over before it leaves.

A leader that steps down in good order is followed in milliseconds; one that vanishes is missed
for seconds. What has one replica has no follower: it is away until its server is back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client

from headgate.streamgateway.engines.nats.errors import NoSuchStreamError
from headgate.streamgateway.engines.nats.jetstream_api import TIMEOUT_SECONDS, JetStreamApi


@dataclass(frozen=True, kw_only=True)
class Leaderships:
    """What one server leads."""

    meta: bool = False
    """The group that places streams; only told when the caller asked the servers for it."""
    streams: tuple[str, ...] = ()
    consumers: tuple[tuple[str, str], ...] = ()
    """Stream and consumer."""
    fixed: tuple[str, ...] = ()
    """Streams of one replica: nobody can take them over."""

    @property
    def movable(self) -> bool:
        """Return whether anything is left to hand over."""
        return self.meta or bool(self.streams or self.consumers)


class Leaders:
    """Leaderships among the core's servers, by the servers' names."""

    def __init__(self, system: Client, operator: Client, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take a connection of each user, which the caller closes; `timeout` is in seconds."""
        self._meta = JetStreamApi(system, timeout)
        self._api = JetStreamApi(operator, timeout)

    async def held_by(self, server: str, meta_leader: str | None) -> Leaderships:
        """Return what a server leads; `meta_leader` is what servers told of themselves.

        JetStreamUnavailableError while the core elects who tells it: look again.
        """
        streams: list[str] = []
        consumers: list[tuple[str, str]] = []
        fixed: list[str] = []
        async for entry in self._api.pages("STREAM.LIST", "streams"):
            name = entry["config"]["name"]
            if _leader(entry) == server:
                (streams if _has_followers(entry) else fixed).append(name)
            if entry["state"].get("consumer_count", 0) and _has_followers(entry):
                consumers += await self._consumers(name, server)
        return Leaderships(
            meta=meta_leader == server,
            streams=tuple(streams),
            consumers=tuple(consumers),
            fixed=tuple(fixed),
        )

    async def step_down(self, held: Leaderships) -> None:
        """Hand over all that can be; followers take it within about a second.

        Look again with `held_by` before the server goes. What has vanished meanwhile is no error.
        """
        for stream, consumer in held.consumers:
            await self._hand_over(f"CONSUMER.LEADER.STEPDOWN.{stream}.{consumer}")
        for stream in held.streams:
            await self._hand_over(f"STREAM.LEADER.STEPDOWN.{stream}")
        if held.meta:  # last: it answers the others
            await self._meta.ask("META.LEADER.STEPDOWN")

    async def _hand_over(self, subject: str) -> None:
        try:
            await self._api.ask(subject)
        except NoSuchStreamError:
            return

    async def _consumers(self, stream: str, server: str) -> list[tuple[str, str]]:
        """Return the consumers that a server leads, without those of one replica.

        Those are clients' own, short-lived ones: their clients make them anew.
        """
        return [
            (stream, entry["name"])
            async for entry in self._api.pages(f"CONSUMER.LIST.{stream}", "consumers")
            if _leader(entry) == server and _has_followers(entry)
        ]


def _leader(entry: Mapping[str, Any]) -> str | None:
    leader = (entry.get("cluster") or {}).get("leader")
    return leader if isinstance(leader, str) else None


def _has_followers(entry: Mapping[str, Any]) -> bool:
    return bool((entry.get("cluster") or {}).get("replicas"))
