"""What an operator would do to a cluster of NATS servers: make streams, move a connection."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from tests.builders.nats_cluster import APP, SYSTEM, NatsCluster, NatsServer

ELECTION_SECONDS = 20.0


@dataclass(frozen=True)
class NatsAdmin:
    """A connection of a user who may make streams, to the core."""

    client: Client

    async def create_stream(self, name: str, **changes: Any) -> None:
        """Make a stream NAME of the subjects NAME.>, on three disks, repeated at live.NAME.>."""
        config = {
            "name": name,
            "subjects": [f"{name}.>"],
            "num_replicas": 3,
            "storage": "file",
            "allow_direct": True,
            "republish": {"src": f"{name}.>", "dest": f"live.{name}.>"},
        } | changes
        given = {key: value for key, value in config.items() if value is not None}
        await self.ask(f"STREAM.CREATE.{name}", given)

    async def publish(self, subject: str, count: int, *, first: int = 0) -> None:
        """Publish the numbers from `first` on, each when the one before is stored."""
        for number in range(first, first + count):
            await self._stored(subject, str(number).encode())

    async def _stored(self, subject: str, data: bytes) -> None:
        async with asyncio.timeout(ELECTION_SECONDS):
            while True:
                try:
                    headers = {"Nats-Msg-Id": f"{subject} {data.decode()}"}
                    reply = await self.client.request(subject, data, timeout=2, headers=headers)
                except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
                    continue
                if "error" not in json.loads(reply.data):
                    return

    async def hear(self, subject: str) -> list[Msg]:
        """Return a list that grows by each message on a subject, from now on."""
        heard: list[Msg] = []

        async def note(message: Msg) -> None:
            heard.append(message)

        await self.client.subscribe(subject, cb=note)
        await self.client.flush()
        return heard

    async def leader_of(self, stream: str) -> str:
        """Return the name of the server that leads a stream."""
        answer = await self.ask(f"STREAM.INFO.{stream}", {})
        return str(answer["cluster"]["leader"])

    async def consumers_of(self, stream: str) -> int:
        answer = await self.ask(f"STREAM.INFO.{stream}", {})
        return int(answer["state"]["consumer_count"])

    async def ask(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask the JetStream API, again while there is no leader."""
        async with asyncio.timeout(ELECTION_SECONDS):
            while True:
                try:
                    reply = await self.client.request(
                        f"$JS.API.{verb}", json.dumps(body).encode(), timeout=3
                    )
                except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
                    continue
                answer: dict[str, Any] = json.loads(reply.data)
                if "error" not in answer:
                    return answer
                assert answer["error"]["code"] >= 500, answer["error"]


@asynccontextmanager
async def connected(
    cluster: NatsCluster, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[NatsAdmin]:
    """Connect to the core."""
    client = await nats.connect(cluster.core_urls, error_cb=_ignore, tls=tls, **APP)
    yield NatsAdmin(client)
    await client.close()


async def ask_to_leave(cluster: NatsCluster, server: NatsServer, name: str) -> None:
    """Ask the connections of one name to leave one server, as a rebalance does."""
    system = await nats.connect(cluster.core_urls, error_cb=_ignore, **SYSTEM)
    server_id = server.monitor("/varz")["server_id"]
    for connection in server.monitor("/connz")["connections"]:
        if connection.get("name") == name:
            body = json.dumps({"cid": connection["cid"]}).encode()
            await system.request(f"$SYS.REQ.SERVER.{server_id}.LDM", body, timeout=5)
    await system.close()


def edge_of(cluster: NatsCluster, name: str) -> NatsServer | None:
    """Return the running edge that holds a connection of this name."""
    for edge in cluster.edges:
        if edge.is_running and name in names_at(edge):
            return edge
    return None


def names_at(server: NatsServer) -> list[str]:
    connections = server.monitor("/connz?limit=10000")["connections"]
    return [str(connection.get("name", "")) for connection in connections]


async def _ignore(error: Exception) -> None:
    """Servers are killed here on purpose."""
