"""Scrapes the metrics of serving pods, by the addresses that the API server reports for them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import structlog

from headgate.gauges.exposition import read_metrics
from headgate.model.gates.evidence import Sample

TIMEOUT = aiohttp.ClientTimeout(total=1.0)
MOST_AT_ONCE = 32
MAX_PAGE = 512 * 1024
MOST_SILENT = 1024
"""Of so many silent pods it is remembered that they were logged."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A pod to scrape."""

    pod: str
    version: str
    ip: str
    port: int


class Scraper(Protocol):
    """Whoever can read pods' counters."""

    async def scrape(self, sources: Iterable[Source]) -> tuple[Sample, ...]:
        """Return a sample of each pod that answered."""


class HttpScraper:
    """Scrapes over HTTP, some pods at a time; one that does not answer is left out.

    It is logged when that begins, when the cause changes, and when it is over: not each second.
    """

    def __init__(self) -> None:
        """Open nothing yet: the session belongs to the running loop."""
        self._session: aiohttp.ClientSession | None = None
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._silent: dict[Source, str] = {}

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> aiohttp.ClientSession:
        """Return the session that pods are asked by; to be called where the loop runs."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # a pod that drains waits for its connections: ours must not be one of them
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=TIMEOUT,
                auto_decompress=False,  # a page of a few bytes may unpack to gigabytes
                headers={"Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def scrape(self, sources: Iterable[Source]) -> tuple[Sample, ...]:
        """Return a sample of each pod that answered."""
        session = self.session()
        found = await asyncio.gather(*(self._one(session, source) for source in sources))
        return tuple(sample for sample in found if sample is not None)

    async def _one(self, session: aiohttp.ClientSession, source: Source) -> Sample | None:
        url = f"http://{_host(source.ip)}:{source.port}/metrics"
        try:
            async with self._room, session.get(url, allow_redirects=False) as response:
                response.raise_for_status()
                text = await _whole_page(response)
            sample = read_metrics(text, source.pod, source.version)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._note_silence(source, error)
            return None
        if self._silent.pop(source, None) is not None:
            log.info("pod scraped again", pod=source.pod)
        return sample

    def _note_silence(self, source: Source, error: Exception) -> None:
        cause = type(error).__name__  # not its text, which may hold figures
        if self._silent.get(source) == cause:
            return
        log.info("pod not scraped", pod=source.pod, error=repr(error))
        self._silent[source] = cause
        if len(self._silent) > MOST_SILENT:  # most are of pods that are gone: the oldest first
            del self._silent[next(iter(self._silent))]


async def _whole_page(response: aiohttp.ClientResponse) -> str:
    """Return a page to its end: half of one would read as counters that shrank."""
    page = bytearray()
    async for chunk in response.content.iter_any():
        page += chunk
        if len(page) > MAX_PAGE:
            raise ValueError(f"metrics page of over {MAX_PAGE} bytes")
    return page.decode()


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
