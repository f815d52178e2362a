"""What an autoscaler sees of the pool and what it may do, the same for all of them."""

from dataclasses import dataclass
from typing import Protocol

from tests.load.autoscaling.pool import Phase, Pod, Pool

TARGET = 2_800
"""Clients that a pod should carry: 70 % of what it can."""
MIN_REPLICAS = 2
MAX_REPLICAS = 20


@dataclass(frozen=True, kw_only=True)
class PodSeen:
    """A pod as it is scraped; connections None: no answer."""

    number: int
    phase: Phase
    age: int
    connections: int | None


class Policy(Protocol):
    """An autoscaler: how often it looks, what it decides, whom it lets go."""

    name: str
    every_seconds: int

    def replicas(self, now: int, pods: list[PodSeen], current: int) -> int:
        """Return how many pods there should be; current: asked for, without those that leave."""
        ...

    def victims(self, pool: Pool, count: int) -> list[Pod]:
        """Return the pods to remove."""
        ...


def seen(pool: Pool, *, shows_waiting: bool = False) -> list[PodSeen]:
    """Return what a scrape tells; figures are as fresh for every autoscaler.

    shows_waiting: clients that were refused show as well, evenly over the ready pods, as in a
    queue before the pods. Gateways have none: what is refused is not seen.
    """
    ready = sum(pod.phase is Phase.READY for pod in pool.pods)
    queued = sum(pool.waiting.values()) // ready if shows_waiting and ready else 0
    return [_seen(pool, pod, queued if pod.phase is Phase.READY else 0) for pod in pool.pods]


def _seen(pool: Pool, pod: Pod, queued: int) -> PodSeen:
    answers = pod.scraped and pod.phase is not Phase.STARTING
    return PodSeen(
        number=pod.number,
        phase=pod.phase,
        age=pool.now - pod.born,
        connections=pod.connections + queued if answers else None,
    )


def newest(pool: Pool, count: int) -> list[Pod]:
    """Return whom a ReplicaSet and a StatefulSet let go: what is not ready, then the newest."""
    order = sorted(pool.staying, key=lambda pod: (pod.phase is Phase.READY, -pod.number))
    return order[:count]


def clamp(replicas: int) -> int:
    return min(max(replicas, MIN_REPLICAS), MAX_REPLICAS)
