"""Looks closer at pods of a configuration on trial: whom they refuse, and whether they deliver."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from headgate.streamgateway.build.pods import WEBSOCKET_PORT
from headgate.streamgateway.engines.nats.errors import EngineError
from headgate.streamgateway.engines.nats.probe import delivers
from headgate.streamgateway.engines.nats.settings import CLIENT_PORT
from headgate.streamgateway.observed import EdgePod
from headgate.streamgateway.servers.access import CoreAccess, CoreSessions
from headgate.streamgateway.servers.figures import Figures, host_of

PROBED_AGAIN = 4.0
"""Seconds from one message sent through a pod on trial to the next."""
NO_ACCIDENT = 3
"""So many messages in a row that do not come through are told."""


@dataclass(frozen=True, kw_only=True)
class _Probed:
    """What the last message through a pod came to."""

    at: float = float("-inf")
    told: str | None = None
    failures: int = 0

    @property
    def outcome(self) -> str | None:
        """What is told: that messages come through, or that they do not, time after time."""
        return self.told if not self.told or self.failures >= NO_ACCIDENT else None


class Examiner:
    """What messages through each pod came to."""

    def __init__(
        self,
        sessions: CoreSessions,
        figures: Figures,
        url_of: Callable[[EdgePod, str], str] | None = None,
    ) -> None:
        """Have tried nothing. `url_of` gives where clients of a pod connect, by scheme."""
        self._sessions = sessions
        self._url_of = url_of or listener_of
        self._figures = figures
        self._probed: dict[str, _Probed] = {}

    async def examine(
        self, access: CoreAccess, edges: Iterable[EdgePod], revision: str, scheme: str
    ) -> tuple[EdgePod, ...]:
        """Return the pods, those of a revision with whom they refuse and whether they deliver.

        `scheme` is that of the listener to be tried: nats, tls, ws or wss.
        """
        found = []
        for pod in edges:
            on_trial = pod.revision == revision and pod.ready and pod.ip
            found.append(await self._examined(access, pod, scheme) if on_trial else pod)
        for gone in self._probed.keys() - {pod.uid for pod in found}:
            del self._probed[gone]
        return tuple(found)

    async def _examined(self, access: CoreAccess, pod: EdgePod, scheme: str) -> EdgePod:
        refusals = await self._figures.refusals(pod)
        last = self._probed.get(pod.uid, _Probed())
        if time.monotonic() - last.at > PROBED_AGAIN:
            told = await self._probe(access, pod, scheme)
            failures = last.failures + 1 if told else 0
            last = _Probed(at=time.monotonic(), told=told, failures=failures)
            self._probed[pod.uid] = last
        return replace(
            pod,
            arrived=(pod.connections or 0) + refusals.refused,
            refusal=refusals.why,
            undelivered=last.outcome,
        )

    async def _probe(self, access: CoreAccess, pod: EdgePod, scheme: str) -> str | None:
        try:
            core = await self._sessions.operator(access)
            url = self._url_of(pod, scheme)
            return await delivers(core, url, access.secrets.operator, pod.name)
        except EngineError:
            return None  # the core is silent: that says nothing of the edge


def listener_of(pod: EdgePod, scheme: str) -> str:
    """Return where clients of a pod connect."""
    port = WEBSOCKET_PORT if scheme in {"ws", "wss"} else CLIENT_PORT
    return f"{scheme}://{host_of(pod.ip)}:{port}"
