"""What befalls a gateway while a page reads from it."""

import asyncio
import itertools
import json
from dataclasses import dataclass, field

from nats.aio.client import Client

from headgate.streamgateway.engines.nats.jetstream import Streams
from headgate.streamgateway.engines.nats.stream_types import Create
from headgate.streamgateway.engines.nats.streams import stream_config
from headgate.streamgateway.engines.nats.system import SystemAccount
from tests.builders.nats_engine import Engine, Server
from tests.builders.streams import a_wanted_stream


@dataclass(kw_only=True)
class Gateway:
    """The servers, a user who publishes, and the operator."""

    engine: Engine
    operator: Client
    publisher: Client
    _disturbed: list[Server] = field(default_factory=list)

    @property
    def websocket_urls(self) -> list[str]:
        return [edge.websocket_url for edge in self.engine.edges]

    async def make_stream(self, name: str) -> None:
        """Make a stream of the subjects NAME.>, as the operator does."""
        wanted = a_wanted_stream(name=name, subjects=(f"{name}.>",))
        await Streams(self.operator).carry_out(Create(name=name, config=stream_config(wanted)))

    async def publish(self, stream: str, count: int, *, first: int = 1, pause: float = 0) -> None:
        """Publish predictions whose score is their number, each stored before the next."""
        for number in range(first, first + count):
            await self._store(stream, number)
            await asyncio.sleep(pause)

    async def publish_until(self, enough: asyncio.Event, stream: str, *, first: int) -> int:
        """Publish on and on; return the last number when it is enough."""
        for number in itertools.count(first):
            await self._store(stream, number)
            await asyncio.sleep(0.01)
            if enough.is_set():
                return number
        raise AssertionError("unreachable")

    async def _store(self, stream: str, number: int) -> None:
        body = {"model": "churn", "version": "v1", "score": number}
        await self.publisher.jetstream().publish(f"{stream}.a", json.dumps(body).encode())

    async def purge(self, stream: str, up_to: int) -> None:
        """Let the stream forget all before a sequence."""
        await self.operator.jetstream().purge_stream(stream, seq=up_to)

    def readers(self) -> int:
        """Return how many clients the edges hold."""
        pages = [edge.ask("/connz")[1] for edge in self.engine.edges]
        return sum(int(page["num_connections"]) for page in pages)

    async def ask_to_move(self, name: str) -> None:
        """Ask each client of one edge to leave it, as a rebalance does."""
        edge = self.engine.named(name)
        system = await self.engine.connect_as_system()
        server_id = str(edge.ask("/varz")[1]["server_id"])
        for connection in edge.ask("/connz")[1]["connections"]:
            await SystemAccount(system).ask_to_move(server_id, connection["cid"])
        await system.close()

    def lame_duck(self, name: str) -> None:
        """Have an edge ask its clients to leave."""
        self._take(name).lame_duck()

    def kill(self, name: str) -> None:
        """End an edge as a power cut would."""
        self._take(name).kill()

    def mend(self) -> None:
        """Start anew what was disturbed."""
        for edge in self._disturbed:
            edge.kill()
            edge.start()
        for edge in self._disturbed:
            edge.wait_ready(len(self.engine.servers) - 1)
        self._disturbed.clear()

    def _take(self, name: str) -> Server:
        edge = self.engine.named(name)
        self._disturbed.append(edge)
        return edge
