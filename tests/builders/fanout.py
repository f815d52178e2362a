"""The example's server as a real process, with the operator's side of the contract and clients."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp

from headgate.streamgateway.engines.custom import contract
from headgate.streamgateway.observed import EdgePod
from tests.builders.gateways import an_edge
from tests.builders.nats_engine import some_ports
from tests.builders.waiting import until

EXAMPLE = Path(__file__).parents[2] / "examples" / "04-custom-gateway"
SERVER = EXAMPLE / "server" / "serve.py"
NAME = "feed-edge-0"
TOKEN = "a-token"  # noqa: S105 - of a test
START_SECONDS = 20


@dataclass
class Fanout:
    """One server. `script` stands for the example's own, with `arguments`."""

    folder: Path
    script: Path = SERVER
    arguments: tuple[str, ...] = ()
    window: int = 1
    name: str = NAME
    env: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=lambda: some_ports(2))
    process: subprocess.Popen[bytes] | None = None

    @property
    def websocket(self) -> str:
        return f"ws://127.0.0.1:{self.ports[0]}/ws"

    @property
    def publish(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/publish"

    @property
    def control(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def token_file(self) -> Path:
        return self.folder / "token"

    async def __aenter__(self) -> Self:
        self.token_file.write_text(TOKEN)
        own = {
            contract.NAME: self.name,
            contract.PORT: str(self.ports[0]),
            contract.CONTROL_PORT: str(self.ports[1]),
            contract.TOKEN_FILE: str(self.token_file),
            contract.WINDOW: str(self.window),
        }
        self.process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, str(self.script), *self.arguments],
            env={**os.environ, **self.env, **own},
        )
        await until(self._answers, START_SECONDS)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    def end(self) -> None:
        """Tell it to end, as the kubelet does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def has_ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def pod(self, **changes: object) -> EdgePod:
        """Return the pod that it stands for, before it was asked."""
        fields: dict[str, object] = {
            "name": self.name,
            "ip": "127.0.0.1",
            "connections": None,
            "arrived": None,
        }
        fields["control_port"] = 8081
        return an_edge(0, **{**fields, **changes})

    def _answers(self) -> bool:
        assert not self.has_ended(), "the server has ended"
        try:
            url = self.control + contract.ALIVE
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own, on loopback
                return True
        except (urllib.error.URLError, OSError):
            return False


@dataclass(eq=False)
class FanoutClient:
    """A client that leaves when it is asked, if it is polite, and knows how it ended."""

    socket: aiohttp.ClientWebSocketResponse
    polite: bool = True
    heard: list[str] = field(default_factory=list)
    asked: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        async for frame in self.socket:
            if '"leave"' in str(frame.data):
                self.asked = True
                if self.polite:
                    break
            else:
                self.heard.append(str(frame.data))
        await self.socket.close()
        self.over.set()


@dataclass
class FanoutClients:
    """Clients of servers, disconnected at the end."""

    http: aiohttp.ClientSession
    all: list[FanoutClient] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def join(self, url: str, count: int, *, polite: bool = True) -> list[FanoutClient]:
        joined = []
        for _ in range(count):
            client = FanoutClient(await self.http.ws_connect(url), polite=polite)
            self.tasks.append(asyncio.create_task(client.listen()))
            joined.append(client)
        self.all += joined
        return joined

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.gather(*(client.socket.close() for client in self.all))
