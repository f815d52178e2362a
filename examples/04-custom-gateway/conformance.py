"""Tells whether a server keeps Headgate's drain contract, by doing to it what the operator does.

    python conformance.py --control http://localhost:8081 --token-file token --name my-pod \
        --websocket ws://localhost:8080/ws

The server is drained at the end, so start it anew for each run. Every line is one promise of
docs/reference/drain-contract.md; the last word is the exit code: 0 if all are kept.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from headgate.streamgateway.engines.custom import contract
from headgate.streamgateway.engines.custom.contract import Fault, ServerStatus, read_status

CLIENTS = 20
MOVED = 5
WINDOW_SECONDS = 4
SOON = 10.0
"""Seconds within which figures have to follow what happens."""
LEAVE = 60.0
"""Seconds beyond the window within which everybody has to be asked."""
LOOKS = 10
"""At a server that is drained: it has to go on until it is told to end."""
REFUSED = (401, 403)


class BrokenError(Exception):
    """A promise that is not kept; the text says how."""


@dataclass
class Client:
    """A client that leaves when it is asked, and knows when that was."""

    socket: aiohttp.ClientWebSocketResponse
    leave_text: str
    asked_at: float | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Hear until it is asked to leave, by a message or by the closing of its connection."""
        async for frame in self.socket:
            if self.leave_text in str(frame.data):
                break
        self.asked_at = asyncio.get_running_loop().time()
        await self.socket.close()
        self.over.set()


@dataclass
class Server:
    """The server that is tried."""

    http: aiohttp.ClientSession
    control: str
    token: str
    name: str
    websocket: str
    leave_text: str

    async def ask(self, method: str, path: str, token: str | None = None, **body: Any) -> int:
        """Return the status code of an answer; `token` empty: without one."""
        given = self.token if token is None else token
        headers = {"Authorization": f"Bearer {given}"} if given else {}
        json = body if method == "POST" else None
        async with self.http.request(
            method, self.control + path, headers=headers, json=json, allow_redirects=False
        ) as answer:
            await answer.read()
            return answer.status

    async def status(self) -> ServerStatus:
        """Return what it says of itself, read as the operator reads it."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.get(self.control + contract.STATUS, headers=headers) as answer:
            text = await answer.read()
            if answer.status != 200:  # noqa: PLR2004
                raise BrokenError(f"GET {contract.STATUS} was answered {answer.status}")
        if len(text) > contract.MOST_BYTES:
            raise BrokenError(f"the answer has {len(text)} bytes, at most {contract.MOST_BYTES}")
        said = read_status(text)
        if isinstance(said, Fault):
            raise BrokenError(said.text)
        return said

    @asynccontextmanager
    async def clients(self, count: int) -> AsyncIterator[list[Client]]:
        """Connect so many clients, and disconnect whoever is left."""
        joined: list[Client] = []
        tasks: list[asyncio.Task[None]] = []
        try:
            for _ in range(count):
                client = Client(await self.http.ws_connect(self.websocket), self.leave_text)
                joined.append(client)
                tasks.append(asyncio.create_task(client.listen()))
            yield joined
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(client.socket.close() for client in joined))


async def eventually(
    what: str, holds: Callable[[], Awaitable[bool]], seconds: float = SOON
) -> None:
    """Return when something holds; BrokenError if it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await holds():
        if asyncio.get_running_loop().time() > deadline:
            raise BrokenError(f"{what}: not so after {seconds:.0f} s")
        await asyncio.sleep(0.1)


def expect(holds: bool, broken: str) -> None:
    """Raise BrokenError with these words where something does not hold."""
    if not holds:
        raise BrokenError(broken)


async def answers_the_kubelet(server: Server) -> None:
    """GET alive and ready are answered 2xx, without a token."""
    for path in (contract.ALIVE, contract.READY):
        code = await server.ask("GET", path, token="")
        expect(_good(code), f"GET {path} without a token was answered {code}")


async def obeys_the_operator_alone(server: Server) -> None:
    """Everything else is refused without the token, or with another one."""
    asked = [
        ("GET", contract.STATUS),
        ("POST", contract.CORDON),
        ("POST", contract.DRAIN),
    ]
    for method, path in asked:
        for token in ("", "another"):
            body = {"windowSeconds": WINDOW_SECONDS} if path == contract.DRAIN else {}
            code = await server.ask(method, path, token=token, **body)
            how = "with a wrong token" if token else "without a token"
            expect(code in REFUSED, f"{method} {path} {how} was answered {code}, not 401 or 403")


async def says_who_it_is(server: Server) -> None:
    """GET status is answered with figures that can be used, and the pod's name."""
    said = await server.status()
    expect(said.name == server.name, f"name is {said.name!r}, not {server.name!r}")
    expect(not said.draining, "draining is true, and nobody has asked for it")


async def counts_its_clients(server: Server) -> None:
    """Connections and arrivals follow clients that come and go."""
    before = await server.status()

    async def there() -> bool:
        said = await server.status()
        came = said.arrivals - before.arrivals
        return said.connections == before.connections + CLIENTS and came >= CLIENTS

    async def gone() -> bool:
        return (await server.status()).connections == before.connections

    async with server.clients(CLIENTS):
        await eventually(f"connections and arrivals went up by {CLIENTS}", there)
    await eventually("connections went down when clients had left", gone)


async def moves_some(server: Server) -> None:
    """POST move asks as many as it says to leave, and no others."""
    if contract.MOVES not in (await server.status()).capabilities:
        print("     (no capability move: connections are not spread for balance)")
        return
    async with server.clients(CLIENTS) as clients:

        async def asked() -> bool:
            return sum(client.asked_at is not None for client in clients) >= MOVED

        code = await server.ask("POST", contract.MOVE, count=MOVED)
        expect(_good(code), f"POST {contract.MOVE} was answered {code}")
        await eventually(f"{MOVED} clients were asked to leave", asked, SOON + LEAVE)
        await asyncio.sleep(1)
        count = sum(client.asked_at is not None for client in clients)
        expect(count == MOVED, f"{count} clients were asked to leave, not {MOVED}")


async def drains(server: Server) -> None:
    """Cordoned it is not ready, drained it asks everybody, spread over the window; and stays."""
    async with server.clients(CLIENTS) as clients:
        await _is_cordoned(server)
        begun = asyncio.get_running_loop().time()
        for _ in range(2):
            code = await server.ask("POST", contract.DRAIN, windowSeconds=WINDOW_SECONDS)
            expect(_good(code), f"POST {contract.DRAIN} was answered {code}")
        expect((await server.status()).draining, "draining is false after POST drain")
        try:
            async with asyncio.timeout(WINDOW_SECONDS + LEAVE):
                await asyncio.gather(*(client.over.wait() for client in clients))
        except TimeoutError:
            left = sum(client.asked_at is None for client in clients)
            raise BrokenError(f"{left} of {CLIENTS} clients were not asked to leave") from None
    asked = sorted((client.asked_at or begun) - begun for client in clients)
    spread = asked[-1] - asked[0]
    least = WINDOW_SECONDS / 4
    expect(spread >= least, f"all were asked within {spread:.1f} s of a window of {WINDOW_SECONDS}")

    async def empty() -> bool:
        return (await server.status()).connections == 0

    await eventually("connections went down to 0", empty)
    await _stays(server)


async def _stays(server: Server) -> None:
    """Look for a while whether it waits for the SIGTERM, as it has to."""
    for _ in range(LOOKS):
        try:
            code = await server.ask("GET", contract.ALIVE, token="")
        except aiohttp.ClientError as error:
            raise BrokenError("it ended by itself once it was drained") from error
        expect(_good(code), f"GET {contract.ALIVE} was answered {code} once it was drained")
        await asyncio.sleep(0.3)


async def _is_cordoned(server: Server) -> None:
    for _ in range(2):
        code = await server.ask("POST", contract.CORDON)
        expect(_good(code), f"POST {contract.CORDON} was answered {code}")

    async def unready() -> bool:
        return not _good(await server.ask("GET", contract.READY, token=""))

    await eventually(f"GET {contract.READY} is refused once it is cordoned", unready)
    try:
        async with server.clients(1):
            pass
    except aiohttp.ClientError as error:
        raise BrokenError("a client that still came was refused after cordon") from error


PROMISES = (
    answers_the_kubelet,
    obeys_the_operator_alone,
    says_who_it_is,
    counts_its_clients,
    moves_some,
    drains,
)
"""In this order: a server that drains does not come back."""


async def tried(server: Server) -> int:
    """Print a line for each promise; return 1 if one is broken."""
    broken = 0
    for promise in PROMISES:
        told = (promise.__doc__ or "").strip()
        try:
            await promise(server)
        except (BrokenError, aiohttp.ClientError, TimeoutError, OSError) as error:
            broken = 1
            print(f"FAIL {told}\n     {error or type(error).__name__}")
        else:
            print(f"ok   {told}")
    return broken


def _good(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004


async def main() -> int:
    """Read the command line, and try the server."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--control", required=True, help="URL of the control port")
    parser.add_argument("--token-file", required=True, type=Path)
    parser.add_argument("--name", required=True, help="what $HEADGATE_POD_NAME was at its start")
    parser.add_argument("--websocket", required=True, help="URL that clients connect to")
    parser.add_argument(
        "--leave-text", default='"leave"', help="what a message holds by which a client is asked"
    )
    given = parser.parse_args()
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        server = Server(
            http=http,
            control=given.control.rstrip("/"),
            token=await asyncio.to_thread(given.token_file.read_text),
            name=given.name,
            websocket=given.websocket,
            leave_text=given.leave_text,
        )
        return await tried(server)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
