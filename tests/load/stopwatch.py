"""Measures from a user's side how long a spec edit takes: by a watch, in another process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
from pydantic_core import from_json

from headgate.core import labels
from headgate.kube.resources import DEPLOYMENTS, MODELS, Manifest, Resource
from headgate.kube.session import KubeSession, Request

HOUR = 3600.0

type See = Callable[[Manifest, float], None]


async def watch(
    session: KubeSession, sees: Mapping[Resource, See], watching: asyncio.Event
) -> None:
    """Tell of every object and of every change until cancelled; `watching` is set before."""
    begun = {resource: asyncio.Event() for resource in sees}
    async with asyncio.TaskGroup() as group:
        for resource, see in sees.items():
            group.create_task(_watch_one(session, resource, see, begun[resource]))
        for each in begun.values():
            await each.wait()
        watching.set()


async def _watch_one(
    session: KubeSession, resource: Resource, see: See, begun: asyncio.Event
) -> None:
    path, params = resource.path(), {"watch": "1"}
    while True:  # a busy API server hangs up on those who read slowly
        listed = await session.call(Request("list", resource.plural, "GET", path))
        for item in listed["items"]:
            see(item, time.monotonic())
        params["resourceVersion"] = listed["metadata"]["resourceVersion"]
        request = Request("watch", resource.plural, "GET", path, params, total_seconds=HOUR)
        async with session.stream(request) as response:
            begun.set()
            async for line in _lines(response.content):
                event = from_json(line)
                if event["type"] == "ERROR":
                    break
                see(event["object"], time.monotonic())


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    begun = b""
    async for chunk in content.iter_any():
        *complete, begun = (begun + chunk).split(b"\n")
        for line in complete:
            yield line


@dataclass
class Stopwatch:
    """When each Model was edited, and when status and Deployment of its new version were seen."""

    session: KubeSession
    edited: dict[str, float] = field(default_factory=dict)
    status: dict[str, float] = field(default_factory=dict)
    deployment: dict[str, float] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    async def run(self, watching: asyncio.Event) -> None:
        """Watch until cancelled; tell when the watches have begun."""
        sees = {MODELS: self._see_model, DEPLOYMENTS: self._see_deployment}
        await watch(self.session, sees, watching)

    @property
    def answered(self) -> set[str]:
        """The Models of which both were seen."""
        return self.edited.keys() & self.status.keys() & self.deployment.keys()

    def waits(self, seen: Mapping[str, float]) -> list[float]:
        """Return seconds from each edit until `seen`, which is `status` or `deployment`."""
        return [seen[name] - self.edited[name] for name in self.answered]

    def _see_model(self, model: Manifest, at: float) -> None:
        name = model["metadata"]["name"]
        seen_by_operator = (model.get("status") or {}).get("canaryVersion")
        if _is_current(model) and seen_by_operator == model["spec"]["version"]:
            self.status.setdefault(name, at)

    def _see_deployment(self, deployment: Manifest, at: float) -> None:
        name, model = deployment["metadata"]["name"], deployment["metadata"]["labels"][labels.MODEL]
        if name in self._known:
            return
        self._known.add(name)
        if model in self.edited:
            self.deployment.setdefault(model, at)


@dataclass
class Touches:
    """Edits by (Model, generation), and when each was in the status."""

    session: KubeSession
    edited: dict[tuple[str, int], float] = field(default_factory=dict)
    answered: dict[str, list[tuple[int, float]]] = field(default_factory=dict)

    async def run(self, watching: asyncio.Event) -> None:
        """Watch until cancelled; tell when the watch has begun."""
        await watch(self.session, {MODELS: self._see}, watching)

    def longest_gap(self) -> float:
        """Return the longest time from an edit to a status that knows it or a later one."""
        return max(
            self._wait(name, generation, at) for (name, generation), at in self.edited.items()
        )

    def _wait(self, name: str, generation: int, edited: float) -> float:
        later = (at for seen, at in self.answered.get(name, ()) if seen >= generation)
        return min(later, default=float("inf")) - edited

    def _see(self, model: Manifest, at: float) -> None:
        seen = (model.get("status") or {}).get("observedGeneration", 0)
        self.answered.setdefault(model["metadata"]["name"], []).append((seen, at))


def _is_current(model: Manifest) -> bool:
    seen = (model.get("status") or {}).get("observedGeneration")
    return bool(seen == model["metadata"]["generation"])
