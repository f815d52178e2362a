"""Puts an autoscaler and a trace together, and counts what clients and the bill notice."""

import math
from dataclasses import dataclass

import numpy as np

from tests.load.autoscaling.policy import TARGET, PodSeen, Policy, clamp, seen
from tests.load.autoscaling.pool import Pool
from tests.load.autoscaling.traces import Trace

LOST_SHARE = 1 / 3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run came to."""

    refused: int
    pod_minutes: float
    events: int
    most_pods: int


def simulate(
    trace: Trace,
    policy: Policy,
    seed: int,
    *,
    rebalances: bool = False,
    shows_waiting: bool = False,
) -> Outcome:
    """Run a trace from a pool at rest to its end."""
    pool = Pool(random=np.random.default_rng(seed), rebalances=rebalances)
    begin = int(trace.clients[0])
    pool.fill(clamp(math.ceil(begin / TARGET)), begin)
    events, most = 0, len(pool.pods)
    for second, wanted in enumerate(trace.clients.tolist()):
        if second in trace.deaths:
            pool.kill(LOST_SHARE)
        pool.step(wanted)
        if second % policy.every_seconds == 0:
            pool.scrape(_silent(trace, second))
            pods = seen(pool, shows_waiting=shows_waiting)
            events += _apply(pool, policy, pods)
        most = max(most, len(pool.pods))
    return Outcome(
        refused=pool.refused,
        pod_minutes=pool.pod_seconds / 60,
        events=events,
        most_pods=most,
    )


def _apply(pool: Pool, policy: Policy, pods: list[PodSeen]) -> int:
    """Carry the decision out; return whether it changed anything."""
    current = len(pool.staying)
    wanted = policy.replicas(pool.now, pods, current)
    pool.start(max(0, wanted - current))
    if wanted < current:
        pool.remove(policy.victims(pool, current - wanted))
    return int(wanted != current)


def _silent(trace: Trace, second: int) -> float:
    return sum(o.share for o in trace.outages if o.begin <= second < o.end)
