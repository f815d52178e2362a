"""The page as its user sees it, and what it says it has seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from playwright.async_api import Page, expect

from tests.builders.nats_engine import AMYS

PATIENCE_MS = 30_000
"""Of a busy machine; a page that is right is done long before."""

PAINTED = """() => {
  const canvas = document.getElementById('chart');
  const colour = getComputedStyle(canvas).getPropertyValue('--series-0').trim();
  const wanted = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const heights = {};
  for (let at = 0; at < data.length; at += 4) {
    const isNear = wanted.every((part, n) => Math.abs(data[at + n] - part) < 40);
    if (data[at + 3] < 100 || !isNear) continue;
    const [column, row] = [(at / 4) % canvas.width, Math.floor(at / 4 / canvas.width)];
    heights[column] ??= 1 - row / canvas.height;
  }
  return heights;
}"""


@dataclass(kw_only=True)
class LivePage:
    """One page; texts of the page by the ids of their elements."""

    page: Page
    servers: Sequence[str]
    stream: str
    faults: list[str] = field(default_factory=list)
    """Of the page itself: what nobody caught."""

    async def open(self, address: str) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        await self.page.goto(address)

    async def connect(self, *, password: str = AMYS, **fields: str) -> None:
        """Fill in the form and send it."""
        filled = {"server": ",".join(self.servers), "user": "amy", "stream": self.stream} | fields
        for name, text in (filled | {"password": password}).items():
            await self.page.locator(f"[name={name}]").fill(text)
        await self.page.locator("#connect").click()

    async def shows(self, element: str, text: str | re.Pattern[str]) -> None:
        """Wait until an element has a text in it."""
        await expect(self.page.locator(f"#{element}")).to_contain_text(text, timeout=PATIENCE_MS)

    async def has_read(self, count: int) -> None:
        """Wait until that many messages were handed to the page."""
        read = "count => window.headgate.ledger.count >= count"
        await self.page.wait_for_function(read, arg=count)

    async def is_connected(self) -> None:
        await self.shows("state", "Connected")

    async def server(self) -> str:
        """Return the name of the server that it is at."""
        return cast("str", await self.page.evaluate("() => window.headgate.status().serverName"))

    async def runs(self) -> list[list[int]]:
        """Return the stretches of sequences that it was handed, in the order of their coming."""
        return cast(
            "list[list[int]]", await self.page.evaluate("() => window.headgate.ledger.runs")
        )

    async def counters(self) -> dict[str, int]:
        return cast("dict[str, int]", await self.page.evaluate("() => window.headgate.counters"))

    async def points(self) -> list[dict[str, Any]]:
        read = "() => window.headgate.points()"
        return cast("list[dict[str, Any]]", await self.page.evaluate(read))

    async def painted(self) -> list[float]:
        """Return, from left to right, how high the first series is drawn: from 0 to 1."""
        heights = cast("dict[str, float]", await self.page.evaluate(PAINTED))
        return [heights[column] for column in sorted(heights, key=int)]
