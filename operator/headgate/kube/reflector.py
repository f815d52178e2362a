"""Follows one kind of object: list, watch, and whatever goes wrong in between.

The caller sees a cache that stands still while the API server is away and is right again soon
after; deletes that happened meanwhile are reported. No library's watch passed
tests/contract/test_reflector_faults.py, hence this one (docs/adr/0001-own-thin-client.md).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import structlog
from pydantic_core import from_json

from headgate.kube.cache import Cache, Name, OnChange
from headgate.kube.client import KubeClient
from headgate.kube.errors import ApiError, Gone, Throttled, Unavailable, error_of
from headgate.kube.jitter import jittered
from headgate.kube.resources import Resource
from headgate.kube.session import KubeSession, Request

LIST_SECONDS = 15.0
"""Time limit of one page."""
# 14,600 objects of six kinds take 30 MB resident in pages of 100 and 60 MB in pages of 500: what a
# page needs in passing is never all given back.
PAGE_SIZE = 100
WATCH_SERVER_SECONDS = 120
WATCH_CLIENT_SECONDS = 150.0
FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 5.0
# A watch that ends sooner than this without bringing anything counts as a failure: a broken proxy
# may answer 200 and hang up for ever.
PROVEN_WATCH_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Reflector[T]:
    """Keeps `cache` like the cluster."""

    def __init__(
        self,
        session: KubeSession,
        resource: Resource,
        cache: Cache[T],
        *,
        label_selector: str = "",
        on_change: OnChange[T] | None = None,
    ) -> None:
        """`on_change` is quick: it only notes whom a change concerns."""
        self.cache = cache
        self.resource = resource
        self._session = session
        self._client = KubeClient(session, attempts=1, total_seconds=LIST_SECONDS)
        self._selector = label_selector
        self._on_change: OnChange[T] = on_change or (lambda _old, _new, _metadata: None)
        self._version = ""
        self._lists_wanted = 1
        self._lists_done = 0
        self._list_done = asyncio.Condition()
        self._interruptible: asyncio.Timeout | None = None
        self._failures = 0

    @property
    def name(self) -> str:
        """What it follows, for names of tasks: one kind may be followed by several selectors."""
        return f"{self.resource.plural} {self._selector}".rstrip()

    async def run(self) -> None:
        """Follow the cluster until cancelled; nothing else ends it."""
        while True:
            try:
                if self._lists_done < self._lists_wanted:
                    async with self._session.list_turns:
                        await self._list()
                else:
                    await self._watch()
            except ApiError as error:
                await self._recover(error)
            except Exception:
                # A defect of ours must not put out the only eyes on this kind.
                log.exception("reflector failed", resource=self.resource.plural)
                self._want_list()
                await self._recover(Unavailable(0, "Defect", "logged above"))

    async def refresh(self) -> None:
        """Wait for a quorum read of everything that begins after this call."""
        # A list under way may have read its first page already: it doesn't count.
        wanted = self._lists_wanted = self._lists_wanted + 1
        if self._interruptible is not None:
            self._interruptible.reschedule(0)
        async with self._list_done:
            await self._list_done.wait_for(lambda: self._lists_done >= wanted)

    async def wait_until_synced(self) -> None:
        """Wait for the first complete list."""
        async with self._list_done:
            await self._list_done.wait_for(lambda: self.cache.synced)

    def _want_list(self) -> None:
        self._lists_wanted = max(self._lists_wanted, self._lists_done + 1)

    async def _list(self) -> None:
        wanted = self._lists_wanted
        listed: set[Name] = set()
        version = 0
        async for page in self._client.list_pages(
            self.resource, label_selector=self._selector, limit=PAGE_SIZE
        ):
            version = int(page.resource_version)
            for obj in page.items:
                metadata = obj["metadata"]
                listed.add((metadata.get("namespace", ""), metadata["name"]))
                self._tell(metadata, self.cache.take(obj))
            page.items.clear()  # one page of full objects is all the memory that a list may take
        for name in self.cache.missing_from(listed, version):
            self._tell(_metadata_of(name), self.cache.drop(name, version))
        self.cache.seen_up_to(version)
        self.cache.synced = True
        self._version = str(version)
        async with self._list_done:
            self._lists_done = wanted
            self._list_done.notify_all()

    async def _watch(self) -> None:
        """Take in events until the server ends the watch, or a refresh is asked for."""
        clock = asyncio.get_running_loop().time
        started, brought = clock(), 0
        try:
            async with self._until_refresh(), self._session.stream(self._request()) as response:
                async for line in _lines(response.content):
                    self._take_event(from_json(line))
                    brought += 1
                    self._failures = 0
        finally:
            if clock() - started >= PROVEN_WATCH_SECONDS:
                self._failures = 0
        if not brought and clock() - started < PROVEN_WATCH_SECONDS:
            if self._lists_done < self._lists_wanted:
                return
            raise Unavailable(200, "EmptyWatch", "the watch ended at once without an event")

    def _request(self) -> Request:
        params = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            # Spread, so that not every watch of every replica ends in the same second.
            "timeoutSeconds": str(int(jittered(WATCH_SERVER_SECONDS, 0.75))),
        }
        if self._selector:
            params["labelSelector"] = self._selector
        return Request(
            "watch",
            self.resource.plural,
            "GET",
            self.resource.path(),
            params,
            total_seconds=WATCH_CLIENT_SECONDS,
        )

    def _take_event(self, event: dict[str, Any]) -> None:
        kind, obj = event["type"], event["object"]
        if kind == "ERROR":
            error = error_of(int(obj.get("code") or 500), obj)
            if not isinstance(error, Throttled):
                self._want_list()
            raise error
        metadata = obj["metadata"]
        version = int(metadata["resourceVersion"])
        if kind in {"ADDED", "MODIFIED"}:
            self._tell(metadata, self.cache.take(obj))
        elif kind == "DELETED":
            name = (metadata.get("namespace", ""), metadata["name"])
            self._tell(metadata, self.cache.drop(name, version))
        self._version = metadata["resourceVersion"]
        self.cache.seen_up_to(version)

    def _tell(self, metadata: dict[str, Any], news: tuple[T | None, T | None] | None) -> None:
        if news is None:
            return
        try:
            self._on_change(*news, metadata)
        except Exception:
            # The object is in the cache; the slow resync will find what was not told here.
            log.exception("on_change failed", resource=self.resource.plural, name=metadata["name"])

    async def _recover(self, error: ApiError) -> None:
        if isinstance(error, Gone):
            self._want_list()
        self._failures += 1
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** (self._failures - 1))
        wait = jittered(longest)
        if error.retry_after is not None:
            wait = max(wait, jittered(error.retry_after, 1.0, 1.2))
        log.warning(
            "watch interrupted",
            resource=self.resource.plural,
            error=str(error),
            failures=self._failures,
            wait_seconds=round(wait, 2),
        )
        if error.retry_after is not None:
            await asyncio.sleep(wait)  # asked for by the server: not even a refresh shortens it
        else:
            async with self._until_refresh():
                await asyncio.sleep(wait)

    @contextlib.asynccontextmanager
    async def _until_refresh(self) -> AsyncIterator[None]:
        """Let refresh() cut short what is awaited inside."""
        try:
            async with asyncio.timeout(None) as self._interruptible:
                yield
        except TimeoutError:
            if self._interruptible is None or not self._interruptible.expired():
                raise
        finally:
            self._interruptible = None


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Iterate complete lines of any length; one that was cut off is not a line."""
    begun = b""
    async for chunk in content.iter_any():
        *complete, begun = (begun + chunk).split(b"\n")
        for line in complete:
            if line:
                yield line
        await asyncio.sleep(0)  # a burst must not keep the workers and the Lease waiting


def _metadata_of(name: Name) -> dict[str, Any]:
    return {"namespace": name[0], "name": name[1]}
