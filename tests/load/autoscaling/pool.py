"""A pool of gateways in steps of a second: pods that start, fill, refuse, drain and die.

What is as in a cluster: a Service sends each new connection to a ready pod at random; a connection
stays where it is; a pod that is full refuses, and the client tries again some seconds later; a pod
that leaves closes its connections evenly over the window of its lame-duck mode. What is left out:
the time of a handshake, and nodes that have no room. Every autoscaler gets the same pool.
"""

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

LIMIT = 4_000
"""Connections at which a pod refuses more."""
START_SECONDS = (15, 25)
DRAIN_SECONDS = 20
GONE_AFTER = 25
"""Seconds after which a pod that leaves is gone."""
RETRY_SECONDS = (2, 6)
RECONNECT_SECONDS = (1, 5)
STAY_SECONDS = 900
"""How long a client stays on average; another comes for each that goes."""
MOST_SKEW = 1.15
MOVES_PER_SECOND = 300


class Phase(Enum):
    STARTING = "starting"
    READY = "ready"
    LEAVING = "leaving"


@dataclass
class Pod:
    number: int
    born: int
    changes_at: int
    """When it will be ready, or gone."""
    phase: Phase = Phase.STARTING
    connections: int = 0
    scraped: bool = True


@dataclass
class Pool:
    """The pods and the clients that wait to try again."""

    random: np.random.Generator
    rebalances: bool
    pods: list[Pod] = field(default_factory=list)
    now: int = 0
    born: int = 0
    refused: int = 0
    pod_seconds: int = 0
    waiting: dict[int, int] = field(default_factory=dict)

    def in_phase(self, phase: Phase) -> list[Pod]:
        return [pod for pod in self.pods if pod.phase is phase]

    @property
    def staying(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.phase is not Phase.LEAVING]

    @property
    def connected(self) -> int:
        return sum(pod.connections for pod in self.pods)

    def start(self, count: int) -> None:
        for _ in range(count):
            ready_at = self.now + int(self.random.integers(*START_SECONDS, endpoint=True))
            self.pods.append(Pod(number=self.born, born=self.now, changes_at=ready_at))
            self.born += 1

    def fill(self, count: int, clients: int) -> None:
        """Begin with pods that are ready and clients spread over them."""
        self.start(count)
        for pod in self.pods:
            pod.phase = Phase.READY
        self._connect(clients)

    def remove(self, victims: list[Pod]) -> None:
        for pod in victims:
            if pod.phase is Phase.STARTING:
                self.pods.remove(pod)
            else:
                pod.phase, pod.changes_at = Phase.LEAVING, self.now + GONE_AFTER

    def kill(self, share: float) -> None:
        """Lose some ready pods at once; what owns them starts as many anew."""
        ready = self.in_phase(Phase.READY)
        count = round(share * len(ready))
        for index in self.random.choice(len(ready), size=count, replace=False):
            pod = ready[int(index)]
            self.pods.remove(pod)
            self._wait(pod.connections, RECONNECT_SECONDS)
        self.start(count)

    def scrape(self, share: float) -> None:
        """Let a share of the pods, the older ones, answer no scrape."""
        silent = round(share * len(self.pods))
        for place, pod in enumerate(self.pods):
            pod.scraped = place >= silent

    def step(self, wanted: int) -> None:
        """Let a second pass, after which so many clients want to be connected."""
        self.now += 1
        self.pod_seconds += len(self.pods)
        self._change_phases()
        arriving = self.waiting.pop(self.now, 0) + self._drain()
        known = self.connected + arriving + sum(self.waiting.values())
        leaving = int(self.random.binomial(self.connected, 1 / STAY_SECONDS))
        arriving += max(0, wanted - known) + leaving
        self._disconnect(leaving + max(0, known - wanted))
        if self.rebalances and not self.in_phase(Phase.LEAVING):
            arriving += self._take_excess()
        self._connect(arriving)

    def _change_phases(self) -> None:
        for pod in list(self.pods):
            if self.now < pod.changes_at:
                continue
            if pod.phase is Phase.STARTING:
                pod.phase = Phase.READY
            elif pod.phase is Phase.LEAVING:
                self.pods.remove(pod)

    def _drain(self) -> int:
        moved = 0
        for pod in self.in_phase(Phase.LEAVING):
            left = DRAIN_SECONDS - (self.now - (pod.changes_at - GONE_AFTER)) + 1
            closing = -(-pod.connections // max(1, left))
            pod.connections -= closing
            moved += closing
        return moved

    def _disconnect(self, count: int) -> None:
        """Let clients go, from wherever they are; those that wait go last."""
        count = min(count, self.connected)
        if not count:
            return
        held = np.array([pod.connections for pod in self.pods])
        gone = self.random.multivariate_hypergeometric(held, count, method="marginals")
        for pod, share in zip(self.pods, gone, strict=True):
            pod.connections -= int(share)

    def _take_excess(self) -> int:
        """Take from fuller pods what is above the mean: their clients connect anew."""
        ready = self.in_phase(Phase.READY)
        mean = sum(pod.connections for pod in ready) / max(1, len(ready))
        if not ready or max(pod.connections for pod in ready) <= MOST_SKEW * mean:
            return 0
        moved = 0
        for pod in sorted(ready, key=lambda pod: -pod.connections):
            taken = min(max(0, int(pod.connections - mean)), MOVES_PER_SECOND - moved)
            pod.connections -= taken
            moved += taken
        return moved

    def _connect(self, count: int) -> None:
        ready = self.in_phase(Phase.READY)
        if not ready:
            self._refuse(count)
            return
        shares = self.random.multinomial(count, [1 / len(ready)] * len(ready))
        for pod, share in zip(ready, shares, strict=True):
            taken = min(int(share), LIMIT - pod.connections)
            pod.connections += taken
            self._refuse(int(share) - taken)

    def _refuse(self, count: int) -> None:
        self.refused += count
        self._wait(count, RETRY_SECONDS)

    def _wait(self, count: int, seconds: tuple[int, int]) -> None:
        """Let clients try again, each at a time of its own."""
        if not count:
            return
        first, last = seconds
        choices = last - first + 1
        spread = self.random.multinomial(count, [1 / choices] * choices)
        for delay, share in enumerate(spread, start=first):
            when = self.now + delay
            self.waiting[when] = self.waiting.get(when, 0) + int(share)
