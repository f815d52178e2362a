"""How the connections of one pod leave it, step by step. What was done so far is in the status.

Out of the Service; a little later each connection is asked to move, spread over the window; when
none is left, or the deadline has passed, the pod goes. Who is still there then is counted.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from headgate.streamgateway.decide.plan import Memory, Moves
from headgate.streamgateway.decide.pool import Leaver
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import Continuity, DrainStatus

PROPAGATION = timedelta(seconds=3)
"""How long it takes until no proxy sends new connections to a pod that left its Service."""


@dataclass(frozen=True, kw_only=True)
class DrainStep:
    """What the drain asks for in this pass."""

    memory: Memory
    cordon: EdgePod | None = None
    moves: Moves | None = None


def begin(memory: Memory, leaver: Leaver, now: datetime) -> Memory:
    """Remember that a pod is leaving."""
    drain = DrainStatus(pod=leaver.pod.name, why=leaver.why, cordoned_at=now)
    return replace(memory, drain=drain)


def go_on(seen: Observed, memory: Memory, drain: DrainStatus, now: datetime) -> DrainStep:
    """Return the next step of a drain that has begun."""
    pod = seen.edge(drain.pod)
    if pod is None or pod.leaving or pod.over:  # somebody else was quicker, or it is done
        return DrainStep(memory=_ended(memory, drain, forced=0, now=now))
    if now >= deadline_of(seen, drain):
        left = drain.connections if pod.connections is None else pod.connections
        return DrainStep(memory=_ended(memory, drain, forced=left, now=now), cordon=pod)
    if drain.asking_since is None:
        if pod.serving or now - drain.cordoned_at < PROPAGATION or pod.connections is None:
            return DrainStep(memory=memory, cordon=pod)
        asking = drain.model_copy(update={"asking_since": now, "connections": pod.connections})
        return DrainStep(memory=replace(memory, drain=asking), cordon=pod)
    if pod.connections == 0:
        return DrainStep(memory=_ended(memory, drain, forced=0, now=now), cordon=pod)
    return DrainStep(
        memory=memory, cordon=pod, moves=_to_ask(seen, drain, pod, drain.asking_since, now)
    )


def deadline_of(seen: Observed, drain: DrainStatus) -> datetime:
    """Return when the pod goes, whoever is still connected."""
    return (drain.asking_since or drain.cordoned_at) + seen.spec.drain.deadline


def _to_ask(
    seen: Observed, drain: DrainStatus, pod: EdgePod, since: datetime, now: datetime
) -> Moves | None:
    """Return how many to ask now, so that what is left falls in a line over the window.

    Who was asked a moment ago is about to leave, and not asked again.
    """
    window = seen.spec.drain.window.total_seconds()
    part = min(1.0, (now - since).total_seconds() / window)
    may_stay = math.floor(drain.connections * (1 - part))
    present = pod.connections if pod.connections is not None else drain.connections
    count = present - may_stay - seen.asked.get(pod.name, 0)
    return Moves(pod=pod.name, count=count) if count > 0 else None


def _ended(memory: Memory, drain: DrainStatus, *, forced: int, now: datetime) -> Memory:
    """Count what it cost the clients; the pod itself is deleted because no drain holds it."""
    before = memory.continuity
    return replace(
        memory,
        drain=None,
        continuity=Continuity(
            moved=before.moved + max(0, drain.connections - forced),
            forced_closes=before.forced_closes + forced,
            since=before.since or now,
        ),
    )
