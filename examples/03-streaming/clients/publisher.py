"""Publish numbered messages to a stream, each stored before the next one is sent.

It connects to another server before it leaves one that asks it to, so that no message waits. A
message whose answer was lost is sent once more under the same id, and the stream keeps one of them.
"""

import asyncio
import json
import os
import time

import nats
from nats.aio.client import Client

SUBJECT = "predictions.example"
RATE = 20


async def connect(asked: asyncio.Event) -> Client:
    """Return a connection; `asked` is set when its server asks to leave, or it has ended."""

    async def told(*_: object) -> None:
        asked.set()

    async def failed(error: Exception) -> None:
        print(f"connection: {error!r}", flush=True)

    while True:
        try:
            return await nats.connect(
                os.environ["GATEWAY"],
                user="publisher",
                password=os.environ["PASSWORD"],
                name="publisher",
                allow_reconnect=False,
                lame_duck_mode_cb=told,
                closed_cb=told,
                error_cb=failed,
            )
        except (nats.errors.Error, OSError):  # printed already
            await asyncio.sleep(1)


async def store(client: Client, number: int, run: str) -> bool:
    """Publish one message; return whether the stream has it."""
    body = json.dumps({"number": number, "score": number % 100 / 100}).encode()
    try:
        await client.jetstream().publish(
            SUBJECT, body, timeout=2, headers={"Nats-Msg-Id": f"{run}-{number}"}
        )
    except (nats.errors.Error, OSError) as error:
        print(f"{number} is sent again: {error!r}", flush=True)
        await asyncio.sleep(0.5)
        return False
    return True


async def main() -> None:
    """Publish at a steady rate for ever."""
    run, number = str(time.time_ns()), 1
    asked = asyncio.Event()
    client = await connect(asked)
    while True:
        if asked.is_set():
            asked = asyncio.Event()  # the old connection sets the old one once more when it closes
            newer = await connect(asked)  # before it leaves the old one
            await client.close()
            client = newer
            print(f"moved at message {number}", flush=True)
        if await store(client, number, run):
            number += 1
            if number % (10 * RATE) == 0:
                print(f"{number} messages are stored", flush=True)
            await asyncio.sleep(1 / RATE)


if __name__ == "__main__":
    asyncio.run(main())
