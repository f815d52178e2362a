"""Reads a gateway's streams, and makes or changes one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nats.aio.client import Client

from headgate.streamgateway.engines.nats.jetstream_api import TIMEOUT_SECONDS, JetStreamApi
from headgate.streamgateway.engines.nats.stream_types import Create, FoundStream, Update


class Streams:
    """The streams of the users' account, over a connection of headgate-operator."""

    def __init__(self, client: Client, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take a connection that the caller closes; `timeout` in seconds is for each answer."""
        self._api = JetStreamApi(client, timeout)

    async def found(self) -> tuple[FoundStream, ...]:
        """Return all streams by name, the ones that no spec names too.

        JetStreamUnavailableError when there is no leader to tell them: no streams found is
        something else.
        """
        entries = [entry async for entry in self._api.pages("STREAM.LIST", "streams")]
        return tuple(sorted(map(_found, entries), key=lambda stream: stream.name))

    async def carry_out(self, change: Create | Update) -> None:
        """Make or change a stream; doing it again does no harm.

        OutOfSpaceError, JetStreamUnavailableError, or RequestRefusedError with the server's words.
        """
        verb = "CREATE" if isinstance(change, Create) else "UPDATE"
        await self._api.ask(f"STREAM.{verb}.{change.name}", change.config)


def _found(entry: Mapping[str, Any]) -> FoundStream:
    config, state = entry["config"], entry["state"]
    messages = state["messages"]
    return FoundStream(
        name=config["name"],
        config=config,
        used_bytes=state["bytes"],
        messages=messages,
        oldest=datetime.fromisoformat(state["first_ts"]) if messages else None,
    )
