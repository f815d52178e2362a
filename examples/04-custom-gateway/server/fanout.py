"""A WebSocket fan-out: clients connect to /ws, and all of them hear the same.

That is what is posted to /publish, and on request the ticks of a clock.

A client that is to leave is told so in a frame {"leave": true}, and may connect elsewhere before it
goes. One that has not left five seconds later is closed with code 1012, "service restart".
"""

import asyncio
import json
import math
import time
from contextlib import suppress

from aiohttp import WSCloseCode, web

NOTICE_SECONDS = 5.0
MOST_WAITING = 256
"""Messages that wait for a client that reads slowly; with one more, it is cut."""
MOST_BYTES = 64 * 1024


class Client:
    """One connection: what waits for it, and whether it was asked to leave."""

    def __init__(self, websocket: web.WebSocketResponse, request: web.Request) -> None:
        """Have nothing waiting."""
        self.websocket, self.request = websocket, request
        self.waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self.asked = False


class Fanout:
    """All clients of this server, and how they come and go."""

    def __init__(self) -> None:
        """Have no clients."""
        self.clients: set[Client] = set()
        self.arrivals = self.deliveries = self.slow = 0
        self.drain: asyncio.Task[None] | None = None
        self.nobody = asyncio.Event()
        """Set while there is no client."""
        self.nobody.set()
        self._closing: set[asyncio.Task[bool]] = set()

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Hold a client until it leaves, or is closed."""
        self.arrivals += 1
        client = Client(web.WebSocketResponse(heartbeat=30, max_msg_size=MOST_BYTES), request)
        await client.websocket.prepare(request)
        self.clients.add(client)
        self.nobody.clear()
        if self.drain is not None:  # a proxy did not know yet that this pod leaves
            self.ask(client)
        writer = asyncio.create_task(self._write(client))
        try:
            async for _ in client.websocket:
                pass  # what clients say is nobody's business; who has left ends this
        finally:
            self.clients.discard(client)
            writer.cancel()
            if not self.clients:
                self.nobody.set()
        return client.websocket

    async def publish(self, request: web.Request) -> web.Response:
        """Send a text to all clients of this server."""
        self.send_to_all(await request.text())
        return web.Response(status=204)

    def send_to_all(self, text: str) -> None:
        """Put a text before every client."""
        for client in list(self.clients):
            self._send(client, text)

    async def tick(self, seconds: float) -> None:
        """Send the number of the moment, for ever: the one source that all pods have is a clock."""
        number = math.floor(time.time() / seconds)
        while True:
            number += 1
            await asyncio.sleep(max(0.0, number * seconds - time.time()))  # late: none is left out
            self.send_to_all(json.dumps({"tick": number}))

    def start_drain(self, window: float) -> None:
        """Begin to ask everybody, spread over the window; a second call changes nothing."""
        if self.drain is None:
            self.drain = asyncio.create_task(self._ask_all(window))

    def ask_some(self, count: int) -> int:
        """Ask so many clients that were not asked yet; return how many there were."""
        asked = [client for client in self.clients if not client.asked][:count]
        for client in asked:
            self.ask(client)
        return len(asked)

    def ask(self, client: Client) -> None:
        """Tell a client to leave; close it when its time is over."""
        client.asked = True
        self._send(client, '{"leave": true}')
        asyncio.get_running_loop().call_later(NOTICE_SECONDS, self._close, client)

    async def _ask_all(self, window: float) -> None:
        clients = [client for client in self.clients if not client.asked]
        for client in clients:
            self.ask(client)
            await asyncio.sleep(window / len(clients))

    def _close(self, client: Client) -> None:
        if client in self.clients:
            closing = asyncio.create_task(
                client.websocket.close(code=WSCloseCode.SERVICE_RESTART, message=b"leave")
            )
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _send(self, client: Client, text: str) -> None:
        """Put a text before a client that reads; cut one that does not."""
        try:
            client.waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.slow += client in self.clients
            self.clients.discard(client)
            if client.request.transport is not None:
                client.request.transport.abort()

    async def _write(self, client: Client) -> None:
        with suppress(ConnectionError):  # it has left: connect() sees that too
            while True:
                await client.websocket.send_str(await client.waiting.get())
                self.deliveries += 1
