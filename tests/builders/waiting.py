"""Waits for what nobody tells of, such as the state of another process."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Return when the condition holds; TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # other processes set no event
            await asyncio.sleep(0.05)
