"""Read a stream by its sequence numbers, and say each second what came, twice or not at all.

It connects to another server before it leaves one that asks it to, and reads on from the last
message it has seen. Where both connections deliver for a moment, the number tells the double.
"""

import asyncio
import os
import time

import aiohttp
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

STREAM, SUBJECTS = "predictions", "predictions.>"


class Reader:
    """What was read so far."""

    def __init__(self) -> None:
        """Begin with whatever comes next."""
        self.last = self.read = self.missing = self.moves = 0

    async def hear(self, message: Msg) -> None:
        """Count a message; one that was read on the other connection already is passed over."""
        number = message.metadata.sequence.stream
        if number <= self.last:
            return
        self.missing += number - self.last - 1 if self.last else 0
        self.last = number
        self.read += 1

    async def open(self, left: asyncio.Event) -> Client:
        """Return a connection that reads on; `left` is set when it has to be left, or has ended."""

        async def told(*_: object) -> None:
            left.set()

        async def failed(error: Exception) -> None:
            print(f"connection: {error!r}", flush=True)

        client = await nats.connect(
            os.environ["GATEWAY"],
            user="subscriber",
            password=os.environ["PASSWORD"],
            name="subscriber",
            allow_reconnect=False,
            lame_duck_mode_cb=told,
            closed_cb=told,
            error_cb=failed,
        )
        start = ConsumerConfig(deliver_policy=DeliverPolicy.NEW)
        if self.last:
            start = ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self.last + 1
            )
        await client.jetstream().subscribe(
            SUBJECTS, stream=STREAM, cb=self.hear, ordered_consumer=True, config=start
        )
        return client

    async def stay_connected(self) -> None:
        """Be at one server, and at the next before leaving it."""
        client: Client | None = None
        while True:
            left = asyncio.Event()
            try:
                newer = await self.open(left)
            except (nats.errors.Error, aiohttp.ClientError, OSError) as error:
                print(f"cannot connect yet: {error!r}", flush=True)
                await asyncio.sleep(1)
                continue
            if client is not None:
                self.moves += 1
                await client.close()
            client = newer
            await left.wait()


async def main() -> None:
    """Read for ever, and print a line each second."""
    reader = Reader()
    reading = asyncio.create_task(reader.stay_connected())
    while not reading.done():
        await asyncio.sleep(1)
        print(
            time.strftime("%H:%M:%S"),
            f"read {reader.read}, missing {reader.missing}, moved {reader.moves} times",
            flush=True,
        )
    await reading


if __name__ == "__main__":
    asyncio.run(main())
