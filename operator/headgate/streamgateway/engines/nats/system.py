"""Asks servers through the system account: who is there, who is connected, who should move.

Asking one connection to move is what rebalancing is made of: the server sends that client alone
an INFO with ldm:true and closes nothing. https://docs.nats.io/running-a-nats-service/configuration/sys_accounts
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError, NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from headgate.streamgateway.engines.nats.errors import (
    ConnectionUnreadyError,
    CoreUnreachableError,
    EngineError,
    NoSuchConnectionError,
    RequestRefusedError,
    ServerGoneError,
    ServerSilentError,
)
from headgate.streamgateway.engines.nats.links import APP_ACCOUNT
from headgate.streamgateway.engines.nats.monitoring import (
    ConnectionsPage,
    ServerSeen,
    read_connections,
    read_statsz,
)

TIMEOUT_SECONDS = 2.0
WAIT_FOR_ALL_SECONDS = 1.0
PAGE = 2048
"""Connections in an answer, which is some hundred kilobytes then."""
_NO_SUCH = "no such client"
_UNREADY = "does not support Lame Duck Mode"


class SystemAccount:
    """A gateway's servers, over a connection of headgate-system to any of them."""

    def __init__(self, client: Client, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take a connection that the caller closes; `timeout` in seconds is for each answer."""
        self._client = client
        self._timeout = timeout

    async def servers(
        self, expected: int, wait: float = WAIT_FOR_ALL_SECONDS
    ) -> tuple[ServerSeen, ...]:
        """Return the servers that answered a ping, by name.

        It returns as soon as `expected` have answered, or after `wait` seconds with those that
        did: who is missing is for the caller to judge.
        """
        seen: dict[str, ServerSeen] = {}
        complete = asyncio.Event()

        async def hear(message: Msg) -> None:
            server = read_statsz(json.loads(message.data))
            if server.server_id is not None:
                seen[server.server_id] = server
            if len(seen) >= expected:
                complete.set()

        inbox = self._client.new_inbox()
        try:
            subscription = await self._client.subscribe(inbox, cb=hear)
            try:
                await self._client.publish("$SYS.REQ.SERVER.PING.STATSZ", reply=inbox)
                async with asyncio.timeout(wait):
                    await complete.wait()
            except TimeoutError:
                pass  # those that answered are the answer
            finally:
                await subscription.unsubscribe()
        except ConnectionClosedError as error:
            raise CoreUnreachableError("the connection to the core is closed") from error
        return tuple(sorted(seen.values(), key=lambda server: server.name or ""))

    async def connections(
        self, server_id: str, *, limit: int = PAGE, offset: int = 0
    ) -> ConnectionsPage:
        """Return a page of the users' connections to a server, the oldest first."""
        body = {
            "auth": True,
            "acc": APP_ACCOUNT,
            "sort": "cid",
            "limit": limit,
            "offset": offset,
        }
        answer = await self._ask(server_id, "CONNZ", body)
        data = answer.get("data")
        return read_connections(data if isinstance(data, Mapping) else {})

    async def ask_to_move(self, server_id: str, cid: int) -> None:
        """Tell one client to connect elsewhere; its connection stays until it leaves by itself.

        NoSuchConnectionError if it has left already, ConnectionUnreadyError if it cannot be told.
        """
        await self._ask(server_id, "LDM", {"cid": cid})

    async def kick(self, server_id: str, cid: int) -> None:
        """Cut one connection at once. NoSuchConnectionError if it has left already."""
        await self._ask(server_id, "KICK", {"cid": cid})

    async def _ask(self, server_id: str, what: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        subject = f"$SYS.REQ.SERVER.{server_id}.{what}"
        try:
            answer = await self._client.request(
                subject, json.dumps(body).encode(), timeout=self._timeout
            )
        except NoRespondersError as error:
            raise ServerGoneError(f"server {server_id} is not there any more") from error
        except NatsTimeoutError as error:
            raise ServerSilentError(
                f"server {server_id} did not answer {what} within {self._timeout} s"
            ) from error
        except ConnectionClosedError as error:
            raise CoreUnreachableError("the connection to the core is closed") from error
        told: Mapping[str, Any] = json.loads(answer.data)
        if "error" in told:
            raise _refusal(server_id, what, body, str(told["error"].get("description", "")))
        return told


def _refusal(server_id: str, what: str, body: Mapping[str, Any], reason: str) -> EngineError:
    if reason.startswith(_NO_SUCH):
        return NoSuchConnectionError(f"server {server_id} has no connection {body.get('cid')}")
    if _UNREADY in reason:
        return ConnectionUnreadyError(
            f"connection {body.get('cid')} of server {server_id} cannot be told to move: {reason}"
        )
    return RequestRefusedError(f"server {server_id} refuses {what}: {reason}")
