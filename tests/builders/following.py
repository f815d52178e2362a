"""Given/when/then for reflectors: a followed namespace, and what was heard of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.kube.cache import Cache
from headgate.kube.client import KubeClient
from headgate.kube.reflector import Reflector
from headgate.kube.resources import Manifest, Resource
from headgate.kube.session import KubeSession

CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
LABEL = "headgate.dev/test"
COPY = "headgate.dev/copy"
WRITER = "headgate.dev/writer"


@dataclass(frozen=True, slots=True)
class Note:
    """What is kept of a ConfigMap."""

    name: str
    text: str


def project_note(obj: Manifest) -> Note | None:
    name = obj["metadata"]["name"]
    return (
        None if name.startswith("ignored") else Note(name, (obj.get("data") or {}).get("text", ""))
    )


def a_note(namespace: str, name: str, text: str = "") -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {LABEL: namespace}},
        "data": {"text": text},
    }


@dataclass
class Notebook:
    """Changes notes in the cluster, past any proxy."""

    kube: KubeClient
    namespace: str

    async def write(self, name: str, text: str = "") -> Manifest:
        return await self.kube.create(
            CONFIG_MAPS, self.namespace, a_note(self.namespace, name, text)
        )

    async def edit(self, name: str, text: str) -> Manifest:
        return await self.kube.patch(CONFIG_MAPS, self.namespace, name, {"data": {"text": text}})

    async def tear_out(self, name: str) -> None:
        found = await self.kube.get(CONFIG_MAPS, self.namespace, name)
        await self.kube.delete(CONFIG_MAPS, self.namespace, name, uid=found["metadata"]["uid"])

    async def texts(self) -> dict[str, str]:
        found = await self.kube.list(CONFIG_MAPS, self.namespace)
        return {each["metadata"]["name"]: each["data"]["text"] for each in found}


@dataclass
class Follower:
    """A running reflector, and everything that it reported."""

    namespace: str
    cache: Cache[Note]
    news: list[tuple[str | None, str | None, str]] = field(default_factory=list)
    reflector: Reflector[Note] | None = None

    def texts(self) -> dict[str, str]:
        return {note.name: note.text for note in self.cache.values(self.namespace)}

    def hear(self, old: Note | None, new: Note | None, metadata: Mapping[str, Any]) -> None:
        before, after = (None if note is None else note.text for note in (old, new))
        self.news.append((before, after, metadata["name"]))

    def heard_of(self, name: str) -> list[tuple[str | None, str | None]]:
        return [(old, new) for old, new, of in self.news if of == name]


@contextlib.asynccontextmanager
async def following(
    session: KubeSession, namespace: str, cache: Cache[Note] | None = None
) -> AsyncIterator[Follower]:
    follower = Follower(namespace, cache or Cache(project_note, lambda note: (note.text,)))
    follower.reflector = Reflector(
        session,
        CONFIG_MAPS,
        follower.cache,
        label_selector=f"{LABEL}={namespace}",
        on_change=follower.hear,
    )
    running = asyncio.create_task(follower.reflector.run())
    try:
        yield follower
        assert not running.done(), "the reflector ended"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def eventually(holds: Callable[[], bool], within: float = 10.0) -> float:
    """Wait until something holds; return how long it took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    while not holds():
        assert loop.time() - started < within, f"did not come true within {within} s"
        await asyncio.sleep(0.01)
    return loop.time() - started
