"""What edge pods say of themselves over HTTP."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import aiohttp

from headgate.streamgateway.engines.nats.monitoring import ServerSeen, read_varz
from headgate.streamgateway.engines.nats.rates import Rates, rates_between
from headgate.streamgateway.engines.nats.refusals import Refusals, read_refusals
from headgate.streamgateway.engines.nats.settings import MONITORING_PORT
from headgate.streamgateway.observed import EdgePod

TIMEOUT = aiohttp.ClientTimeout(total=1.5)
MOST_AT_ONCE = 32
MOST_BYTES = 1024 * 1024
"""Of an answer: pods run what their image holds."""
CLOSED = "/connz?state=closed&limit=1000"


class Figures:
    """The last figures of each pod."""

    def __init__(
        self, http: aiohttp.ClientSession, monitoring: Callable[[EdgePod], str] | None = None
    ) -> None:
        """Know nothing yet. `monitoring` gives a pod's base URL, where it is not the usual one."""
        self._http = http
        self._monitoring = monitoring or monitoring_of
        self._seen: dict[str, ServerSeen] = {}

    def server_id(self, pod: str) -> str | None:
        """Return by what id a pod's server is asked; None where it never answered."""
        server = self._seen.get(pod)
        return server.server_id if server is not None else None

    async def read(self, edges: Iterable[EdgePod]) -> tuple[EdgePod, ...]:
        """Return the pods with their figures; a pod that does not answer has none."""
        room, pods = asyncio.Semaphore(MOST_AT_ONCE), tuple(edges)
        for gone in self._seen.keys() - {pod.name for pod in pods}:
            del self._seen[gone]
        return tuple(await asyncio.gather(*(self._with_figures(pod, room) for pod in pods)))

    async def refusals(self, pod: EdgePod) -> Refusals:
        """Return whom a pod turned away; nobody, where it does not answer."""
        answer = await self._get(pod, CLOSED)
        return Refusals() if answer is None else read_refusals(answer)

    async def _with_figures(self, pod: EdgePod, room: asyncio.Semaphore) -> EdgePod:
        if not pod.ip or pod.over:
            return pod
        async with room:
            answer = await self._get(pod, "/varz")
        if answer is None:
            return pod
        seen = read_varz(answer)
        if seen.name != pod.name:
            return pod  # another pod has the address by now
        before = self._seen.get(pod.name)
        self._seen[pod.name] = seen
        rates = rates_between(before, seen) if before is not None else Rates()
        return replace(
            pod,
            connections=seen.connections,
            slow_consumers=seen.slow_consumers,
            deliveries_per_second=rates.deliveries,
            cpu_cores=seen.cpu_percent / 100 if seen.cpu_percent is not None else None,
            memory_bytes=seen.memory_bytes,
        )

    async def _get(self, pod: EdgePod, path: str) -> dict[str, Any] | None:
        """Return an answer; None where there is none: the decision knows what that means."""
        url = f"{self._monitoring(pod)}{path}"
        try:
            async with self._http.get(url, allow_redirects=False, timeout=TIMEOUT) as answer:
                answer.raise_for_status()
                text = await answer.content.read(MOST_BYTES)
                while not answer.content.at_eof() and len(text) < MOST_BYTES:
                    text += await answer.content.read(MOST_BYTES - len(text))
            found = json.loads(text)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def monitoring_of(pod: EdgePod) -> str:
    """Return the base URL of a pod's monitoring pages."""
    return f"http://{host_of(pod.ip)}:{MONITORING_PORT}"


def host_of(ip: str) -> str:
    """Return an address as it stands in a URL."""
    return f"[{ip}]" if ":" in ip else ip
