"""Prints each message of a subject, one a line, from the stream's beginning; runs inside a pod.

It needs only what the operator's image has.
Run: `python reading_pod.py --url nats://NAME:4222 --stream NAME --subject SUBJECT`.
"""

import argparse
import asyncio
import os

from headgate.stream import StreamClient


async def read(url: str, stream: str, subject: str) -> None:
    """Read for ever."""
    user, password = os.environ["GATEWAY_USER"], os.environ["GATEWAY_PASSWORD"]
    async with StreamClient([url], user=user, password=password) as client:
        async for message in client.messages(stream, subject=subject, after=0):
            print(message.data.decode(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--stream", required=True)
    parser.add_argument("--subject", required=True)
    given = parser.parse_args()
    asyncio.run(read(given.url, given.stream, given.subject))
