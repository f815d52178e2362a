"""Steady, bounded load on one Model, and a line of JSON a second about what came of it.

Runs in a pod, from a ConfigMap: it needs the standard library and nothing of Headgate. Half of the
requests, unless --new says otherwise, go over a new connection each, the others over connections
that are kept; GET and POST. Nothing is ever
sent twice: a request that gets no answer is a lost request, and is counted as what it died of.

A line: {"at": ..., "unsent": 0, "counts": [{"version", "outcome", "connection", "method",
"requests", "first", "last", "slowest_ms"}]}. `outcome` is ok, a status code, refused, reset,
timeout or garbled; `version` is who answered, as far as the answer says.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import signal
import socket
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REQUEST_SECONDS = 10.0
FIRST_ANSWER_SECONDS = 45.0
FIRST_LOOK_SECONDS = 1.0
MOST_IN_FLIGHT = 200
VERSION_HEADER = "headgate-version"
NOBODY = ""


@dataclass(frozen=True)
class Target:
    """Whom to ask, and what."""

    address: str
    port: int
    host: str
    model: str
    bodies: Sequence[bytes]


@dataclass(frozen=True)
class Answer:
    """What came of one request."""

    version: str
    outcome: str
    closes: bool = True


@dataclass
class Count:
    """Requests that ended alike within one second."""

    requests: int = 0
    first: float = float("inf")
    last: float = 0.0
    slowest_ms: float = 0.0


@dataclass
class Tally:
    """What happened since the last line."""

    counts: dict[tuple[str, str, str, str], Count] = field(default_factory=dict)
    unsent: int = 0

    def add(self, answer: Answer, connection: str, method: str, seconds: float) -> None:
        """Count one request."""
        key = (answer.version, answer.outcome, connection, method)
        count = self.counts.setdefault(key, Count())
        now = time.time()
        count.requests += 1
        count.first, count.last = min(count.first, now), max(count.last, now)
        count.slowest_ms = max(count.slowest_ms, seconds * 1000)

    def line(self) -> str:
        """Return the line, and begin anew."""
        counts = [
            {
                "version": version,
                "outcome": outcome,
                "connection": connection,
                "method": method,
                "requests": count.requests,
                "first": round(count.first, 3),
                "last": round(count.last, 3),
                "slowest_ms": round(count.slowest_ms, 1),
            }
            for (version, outcome, connection, method), count in sorted(self.counts.items())
        ]
        line = json.dumps({"at": round(time.time(), 3), "unsent": self.unsent, "counts": counts})
        self.counts, self.unsent = {}, 0
        return line


class Connection:
    """One HTTP/1.1 connection, without anything that a client library would do by itself."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, body: bytes) -> Answer:
        """Send one request and return what came of it; the connection is closed if it must be."""
        answer = Answer(NOBODY, "timeout")
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                answer = await self._ask(method, body)
        except TimeoutError:
            pass
        except ConnectionRefusedError:
            answer = Answer(NOBODY, "refused")
        except (OSError, asyncio.IncompleteReadError):
            answer = Answer(NOBODY, "reset")
        except (ValueError, LookupError):
            answer = Answer(NOBODY, "garbled")
        if answer.closes:
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, method: str, body: bytes) -> Answer:
        if self._streams is None:
            target = self._target
            self._streams = await asyncio.open_connection(target.address, target.port)
        reader, writer = self._streams
        writer.write(_request(self._target, method, body))
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in _pairs(head[1:])}
        content = await reader.readexactly(int(headers["content-length"]))
        version = headers.get(VERSION_HEADER) or _version_in(content)
        outcome = "ok" if status < 400 else str(status)
        return Answer(version, outcome, headers.get("connection", "").lower() == "close")


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return (line.partition(":") for line in lines if line)


def _request(target: Target, method: str, body: bytes) -> bytes:
    path = f"/v2/models/{target.model}" + ("/infer" if method == "POST" else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {target.host}"]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body if method == "POST" else b"")


def _version_in(content: bytes) -> str:
    """Return the version that an answer names: in an inference, or in the model's metadata."""
    try:
        document = json.loads(content)
        return str(document.get("model_version") or (document.get("versions") or [NOBODY])[0])
    except (ValueError, AttributeError):
        return NOBODY


class Load:
    """Sends requests at a steady rate until told to stop."""

    def __init__(
        self, target: Target, rate: float, kept: int, gets: float, new: float = 0.5
    ) -> None:
        self._target, self._kept = target, kept
        self._new_rate, self._kept_rate = rate * new, rate * (1 - new)
        self.tally = Tally()
        self._bodies = itertools.cycle(target.bodies)
        # One row of numbers for both would give all GETs to one, as long as the two take turns.
        self._numbers = {"kept": itertools.count(), "new": itertools.count()}
        self._get_every = round(1 / gets) if gets else 0
        self._in_flight: set[asyncio.Task[None]] = set()
        self._connections = [Connection(target) for _ in range(kept)]

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                if self._new_rate:
                    group.create_task(self._over_new_connections(1 / self._new_rate))
                for number, connection in enumerate(self._connections if self._kept_rate else ()):
                    interval = self._kept / self._kept_rate
                    group.create_task(self._over_a_kept_one(connection, interval, number))
        finally:
            await asyncio.gather(*self._in_flight, return_exceptions=True)
            for connection in self._connections:
                connection.close()

    async def _over_a_kept_one(self, connection: Connection, interval: float, number: int) -> None:
        due = time.monotonic() + interval * number / self._kept
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await asyncio.shield(self._begun(self._one(connection, "kept")))
            due = max(due + interval, time.monotonic() - interval)

    async def _over_new_connections(self, interval: float) -> None:
        due = time.monotonic()
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if len(self._in_flight) < MOST_IN_FLIGHT:
                self._begun(self._and_hang_up())
            else:
                self.tally.unsent += 1
            due = max(due + interval, time.monotonic() - interval)

    def _begun(self, request: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Begin a request that is seen to its end, also when the load is told to stop."""
        task = asyncio.create_task(request)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        return task

    async def _and_hang_up(self) -> None:
        connection = Connection(self._target)
        await self._one(connection, "new")
        connection.close()

    async def _one(self, connection: Connection, kind: str) -> None:
        is_get = self._get_every and next(self._numbers[kind]) % self._get_every == 0
        method, body = ("GET", b"") if is_get else ("POST", next(self._bodies))
        begun = time.monotonic()
        answer = await connection.ask(method, body)
        self.tally.add(answer, kind, method, time.monotonic() - begun)


async def report(load: Load) -> None:
    """Print a line a second, until cancelled; the last one tells the rest."""
    try:
        while True:
            await asyncio.sleep(1 - time.time() % 1)
            print(load.tally.line(), flush=True)
    finally:
        print(load.tally.line(), flush=True)


async def wait_for_an_answer(target: Target, seconds: float = FIRST_ANSWER_SECONDS) -> None:
    """Return once an HTTP answer comes, whatever it says; raises TimeoutError.

    A node's proxy learns of a new Service by itself, on a busy machine seconds after the pods are
    Ready. Until then there was no service for anybody to lose a request of. Each look takes a
    connection of its own: what was sent to the address too early is never answered.
    """
    async with asyncio.timeout(seconds):
        while True:
            connection = Connection(target)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_LOOK_SECONDS):
                    answer = await connection.ask("GET", b"")
                    if answer.outcome == "ok" or answer.outcome.isdigit():
                        connection.close()
                        return
            connection.close()
            await asyncio.sleep(0.1)


async def run(load: Load, seconds: float) -> None:
    """Load for so many seconds, or until SIGTERM; requests on their way are waited for."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    reporting = asyncio.create_task(report(load))
    loading = asyncio.create_task(load.run())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopped.wait()
    for task in (loading, reporting):
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _first_wait_then_run(target: Target, load: Load, seconds: float) -> None:
    await wait_for_an_answer(target)
    await run(load, seconds)


def main() -> None:
    """Read the command line and load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True, help="name of the Model's Service")
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--model", required=True)
    parser.add_argument("--bodies", type=Path, required=True, help="a list of infer requests")
    parser.add_argument("--rate", type=float, default=40.0, help="requests a second, in all")
    parser.add_argument("--kept", type=int, default=6, help="connections that are kept")
    parser.add_argument("--new", type=float, default=0.5, help="part over a new connection each")
    parser.add_argument("--gets", type=float, default=0.25, help="part of requests that are GET")
    parser.add_argument("--seconds", type=float, required=True, help="end after so long")
    options = parser.parse_args()
    address = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][4][0]
    bodies = [json.dumps(body).encode() for body in json.loads(options.bodies.read_text())]
    target = Target(str(address), options.port, options.host, options.model, bodies)
    rate = min(options.rate, 1000.0)
    load = Load(target, rate, options.kept, options.gets, options.new)
    asyncio.run(_first_wait_then_run(target, load, options.seconds))


if __name__ == "__main__":
    main()
