"""A gateway on loopback with one stream, and what a model server published to it."""

import asyncio
import json
import signal
import ssl
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

from headgate.stream import StreamClient
from headgate.streamgateway.engines.nats.streams import stream_config
from tests.builders.nats_engine import AMYS, Engine, Server
from tests.builders.streams import a_wanted_stream

STREAM = "predictions"
ARRIVAL_SECONDS = 60.0


class Gateway:
    """Three servers with the stream, and one for clients, which can be ill-treated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def edge(self) -> Server:
        return self._engine.edges[0]

    @property
    def url(self) -> str:
        return self.edge.url.replace("nats:", "tls:") if self._engine.tls else self.edge.url

    async def create_stream(self) -> None:
        operator = await self._engine.connect_as_operator()
        config = json.dumps(stream_config(a_wanted_stream(max_bytes=50_000_000)))
        answer = await operator.request(f"$JS.API.STREAM.CREATE.{STREAM}", config.encode())
        await operator.close()
        assert "error" not in json.loads(answer.data), answer.data

    def _trust(self) -> ssl.SSLContext | None:
        tls = self._engine.tls
        return ssl.create_default_context(cafile=tls.certificate) if tls else None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.edge.kill()

    def start_again(self) -> None:
        self.edge.start()
        self.edge.wait_ready(self._engine._links_of(self.edge))

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it accept connections, and neither read nor answer."""
        assert self.edge.process is not None
        self.edge.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.edge.process.send_signal(signal.SIGCONT)

    def mend(self) -> None:
        if self.edge.process is None or self.edge.process.poll() is not None:
            self.start_again()

    async def arrived(self, subject: str, count: int) -> list[Any]:
        """Return the first predictions of a subject, waiting until so many are there."""
        return await self._read(subject, lambda got: len(got) == count)

    async def arrived_up_to(self, subject: str, request: str) -> list[Any]:
        """Return the predictions of a subject, waiting until that of a request is there."""
        return await self._read(subject, lambda got: got[-1].get("id") == request)

    async def _read(self, subject: str, enough: Callable[[list[Any]], bool]) -> list[Any]:
        got: list[Any] = []
        async with (
            asyncio.timeout(ARRIVAL_SECONDS),
            StreamClient([self.url], user="amy", password=AMYS, tls=self._trust()) as client,
            aclosing(client.messages(STREAM, subject=subject, after=0)) as messages,
        ):
            async for message in messages:
                got.append(json.loads(message.data))
                if enough(got):
                    return got
        raise AssertionError(f"only {len(got)} arrived")


def publishing_to(
    gateway: Gateway, folder: Path, subject: str, password: str = AMYS
) -> dict[str, Any]:
    """Return the settings of a model server that publishes as amy, whose password is in a file."""
    file = folder / "password"
    file.write_text(password)
    return {
        "HEADGATE_PREDICTIONS_SERVER": gateway.url,
        "HEADGATE_PREDICTIONS_SUBJECT": subject,
        "HEADGATE_PREDICTIONS_USER": "amy",
        "HEADGATE_PREDICTIONS_PASSWORD_FILE": file,
    }
