"""Carries predictions to a gateway, whatever becomes of the gateway.

A request only puts its answer into the buffer. All else happens in a task of its own: a gateway
that is down, slow, or refuses costs predictions, which are counted, and never a request.
"""

import asyncio
import logging
import random
import secrets
import time
from itertools import count
from typing import Final

from headgate.server.logs import RareLog, log
from headgate.server.protocol.replies import Reply
from headgate.server.publishing.buffer import PredictionBuffer
from headgate.server.publishing.credentials import CredentialsMissingError, read_credentials
from headgate.server.publishing.metrics import Dropped, PublishingMetrics
from headgate.server.publishing.record import Prediction, payload_of, prediction_of
from headgate.server.publishing.settings import PublishingSettings
from headgate.stream import State, StreamClient, StreamError, Timing
from headgate.stream.backoff import wait_seconds

MOST_BUFFERED: Final = 10_000
MOST_BUFFERED_BYTES: Final = 8 * 1024 * 1024
MOST_IN_FLIGHT: Final = 32
"""Sent and not yet stored. More would only hold up requests for longer after an outage."""
MOST_AT_ONCE: Final = 8
"""Written before requests get their turn again."""
GATHER_SECONDS: Final = 0.005
"""Predictions wait so long for others: sent together they cost half the processor's time."""
FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 30.0
TIMING: Final = Timing(connect_within=10.0, publish_within=10.0)
_LOOK_SECONDS: Final = 0.05
_UP: Final = frozenset({State.CONNECTED, State.MOVING})


class Publisher:
    """One server's predictions on their way to a subject."""

    def __init__(
        self,
        settings: PublishingSettings,
        metrics: PublishingMetrics,
        *,
        model: str,
        version: str,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._model = model
        self._version = version
        self._trouble = RareLog()
        self._buffer = PredictionBuffer(most=MOST_BUFFERED, most_bytes=MOST_BUFFERED_BYTES)
        self._news = asyncio.Event()
        self._places = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._in_flight: set[asyncio.Task[None]] = set()
        self._chance = random.Random()  # noqa: S311  # spreads load, keeps no secret
        # not the request's id: clients may give every request the same
        self._prefix = secrets.token_hex(8)
        self._numbers = count(1)
        self._running: asyncio.Task[None] | None = None
        metrics.watch(lambda: len(self._buffer))

    def offer(self, reply: Reply, seconds: float) -> None:
        """Take an answer that took so long; returns at once, and never raises."""
        prediction = prediction_of(
            reply,
            identity=f"{self._prefix}-{next(self._numbers)}",
            answered_at=time.time(),
            seconds=seconds,
        )
        if gone := self._buffer.put(prediction):
            self._metrics.drop(Dropped.BUFFER_FULL, gone)
        self._news.set()

    def start(self) -> None:
        """Begin to connect and to publish."""
        self._running = asyncio.create_task(self._run())

    async def leave(self, seconds: float) -> None:
        """Publish what waits within a time; the log says how many were left.

        Nobody reads counters any more from a server that has stopped listening.
        """
        deadline = time.monotonic() + seconds
        while (self._buffer or self._in_flight) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_SECONDS)
        left = len(self._buffer) + len(self._in_flight)
        tasks = [task for task in (self._running, *self._in_flight) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        log("predictions flushed", level=logging.WARNING if left else logging.INFO, left=left)

    async def _run(self) -> None:
        """Be connected; after a failure try again for ever, ever more rarely."""
        attempt = 0
        while True:
            started = time.monotonic()
            try:
                await self._session()
            except (StreamError, CredentialsMissingError) as error:
                self._tell(error)
            except Exception as error:  # noqa: BLE001  # a fault of ours is no reason to stop
                self._trouble.error("publishing failed", type(error).__name__, error)
            self._metrics.connected.set(0)
            attempt = 0 if time.monotonic() - started > LONGEST_WAIT_SECONDS else attempt + 1
            await asyncio.sleep(
                wait_seconds(
                    attempt,
                    first=FIRST_WAIT_SECONDS,
                    most=LONGEST_WAIT_SECONDS,
                    chance=self._chance.uniform(0.5, 1.0),
                )
            )

    async def _session(self) -> None:
        """Connect, and publish until the client gives up; raises what kept it from connecting."""
        credentials = await asyncio.to_thread(read_credentials, self._settings)
        client = StreamClient(
            [self._settings.server],
            user=credentials.user,
            password=credentials.password,
            tls=credentials.tls,
            name=f"headgate-server {self._version}",
            timing=TIMING,
            on_state=self._on_state,
        )
        async with client:
            log("predictions are published", subject=self._settings.subject)
            while client.state is not State.CLOSED:
                if client.state in _UP and self._buffer:
                    await self._send_some(client)
                else:
                    self._news.clear()
                    await self._news.wait()
                    await asyncio.sleep(GATHER_SECONDS)

    async def _send_some(self, client: StreamClient) -> None:
        for _ in range(MOST_AT_ONCE):
            await self._places.acquire()
            prediction = self._buffer.take()
            if prediction is None:
                self._places.release()
                break
            task = asyncio.create_task(self._send(client, prediction))
            self._in_flight.add(task)
            task.add_done_callback(self._landed)
        await asyncio.sleep(0)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self._places.release()
        if not task.cancelled() and (error := task.exception()) is not None:  # a fault of ours
            self._metrics.drop(Dropped.NOT_STORED)
            self._trouble.error("publishing failed", type(error).__name__, error)

    async def _send(self, client: StreamClient, prediction: Prediction) -> None:
        """Have a stream store a prediction, or count it as dropped."""
        payload = payload_of(prediction, model=self._model, version=self._version)
        if payload is None:
            self._metrics.drop(Dropped.TOO_LARGE)
            return
        try:
            await client.publish(self._settings.subject, payload, message_id=prediction.id)
        except StreamError as error:
            self._not_stored(client, prediction, error)
        else:
            self._metrics.published.inc()

    def _not_stored(self, client: StreamClient, prediction: Prediction, error: StreamError) -> None:
        self._tell(error)
        if client.state not in _UP:  # not this prediction's fault: it waits with the others
            self._metrics.drop(Dropped.BUFFER_FULL, self._buffer.put_back(prediction))
        else:
            self._metrics.drop(Dropped.NOT_STORED)

    def _tell(self, error: Exception) -> None:
        self._trouble.warning("predictions are not published", type(error).__name__, str(error))

    def _on_state(self, state: State) -> None:
        self._metrics.connected.set(1 if state in _UP else 0)
        if state is State.RECONNECTING:
            self._trouble.warning(
                "predictions wait", state.value, "the connection to the gateway was lost"
            )
        self._news.set()
