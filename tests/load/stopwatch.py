"""Measures from a user's side how long a spec edit takes: by a watch, in another process."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
from pydantic_core import from_json

from headgate.core import labels
from headgate.kube.resources import DEPLOYMENTS, MODELS, Manifest, Resource
from headgate.kube.session import KubeSession, Request

HOUR = 3600.0


@dataclass
class Stopwatch:
    """When each Model was edited, and when what follows from that could be seen."""

    session: KubeSession
    edited: dict[str, float] = field(default_factory=dict)
    status: dict[str, float] = field(default_factory=dict)
    deployment: dict[str, float] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    async def run(self, watching: asyncio.Event) -> None:
        """Watch until cancelled; tell when the watches have begun."""
        begun = [asyncio.Event(), asyncio.Event()]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(MODELS, self._see_model, begun[0]))
            group.create_task(self._watch(DEPLOYMENTS, self._see_deployment, begun[1]))
            for each in begun:
                await each.wait()
            watching.set()

    @property
    def answered(self) -> set[str]:
        """The Models of which the status and the Deployment were seen."""
        return self.edited.keys() & self.status.keys() & self.deployment.keys()

    def waits(self) -> list[float]:
        """Return seconds from each edit until both were there."""
        return [
            max(self.status[name], self.deployment[name]) - self.edited[name]
            for name in self.answered
        ]

    def _see_model(self, model: Manifest, at: float) -> None:
        name, status = model["metadata"]["name"], model.get("status") or {}
        current = status.get("observedGeneration") == model["metadata"]["generation"]
        if current and status.get("canaryVersion") == model["spec"]["version"]:
            self.status.setdefault(name, at)

    def _see_deployment(self, deployment: Manifest, at: float) -> None:
        name, model = deployment["metadata"]["name"], deployment["metadata"]["labels"][labels.MODEL]
        if name not in self._known:
            self.deployment.setdefault(model, at)

    async def _watch(
        self, resource: Resource, see: Callable[[Manifest, float], None], begun: asyncio.Event
    ) -> None:
        path = resource.path()
        listed = await self.session.call(Request("list", resource.plural, "GET", path))
        if resource is DEPLOYMENTS:
            self._known.update(item["metadata"]["name"] for item in listed["items"])
        params = {"watch": "1", "resourceVersion": listed["metadata"]["resourceVersion"]}
        request = Request("watch", resource.plural, "GET", path, params, total_seconds=HOUR)
        async with self.session.stream(request) as response:
            begun.set()
            async for line in _lines(response.content):
                see(from_json(line)["object"], time.monotonic())


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    begun = b""
    async for chunk in content.iter_any():
        *complete, begun = (begun + chunk).split(b"\n")
        for line in complete:
            yield line
