"""How the connections of one pod leave it, step by step. What was done so far is in the status.

Out of the Service; a little later each connection is asked to move, spread over the window; when
none is left, or the deadline has passed, the pod goes. Who is still there then is counted, and
written down before the pod is deleted.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from headgate.streamgateway.decide.continuity import counted_in
from headgate.streamgateway.decide.departure import Leaver
from headgate.streamgateway.decide.plan import Memory, Moves
from headgate.streamgateway.decide.standing import takes_others
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import DrainStatus

PROPAGATION = timedelta(seconds=3)
"""How long it takes until no proxy sends new connections to a pod that left its Service."""
AT_ONCE = timedelta(seconds=1)
"""A pod that is still in the Service so long after the drain began: its time begins anew."""
AWAY = timedelta(seconds=10)
"""Nobody was asked for so long, though some should have been: the operator was away, or blind."""
MOST_DEADLINES = 5
"""So many deadlines after its drain began, a pod goes even if nobody could be asked."""
SILENCE = timedelta(seconds=30)
"""How long a pod that has clients may fail to say how many, once its deadline has passed."""


@dataclass(frozen=True, kw_only=True)
class DrainStep:
    """What the drain asks for in this pass."""

    memory: Memory
    cordon: EdgePod | None = None
    moves: Moves | None = None
    delete: EdgePod | None = None


def begin(memory: Memory, leaver: Leaver, now: datetime) -> Memory:
    """Remember that a pod is leaving."""
    pod = leaver.pod
    drain = DrainStatus(pod=pod.name, uid=pod.uid, why=leaver.why, cordoned_at=now)
    return replace(memory, drain=drain)


def call_off(memory: Memory) -> Memory:
    """Forget a drain whose pod is still in the Service: nothing was done yet."""
    return replace(memory, drain=None)


def begin_anew(memory: Memory) -> Memory:
    """Forget since when connections are asked to leave, if they are: nobody asks them for now."""
    under_way = memory.drain
    if under_way is None or under_way.done_at is not None or under_way.asking_since is None:
        return memory
    return _noted(memory, under_way, asking_since=None)


def go_on(seen: Observed, memory: Memory, drain: DrainStatus, now: datetime) -> DrainStep:
    """Return the next step of a drain that has begun."""
    pod = seen.drained
    if pod is None or pod.leaving or pod.over:  # it is done, or somebody else was quicker
        return DrainStep(memory=_ended(memory, drain, pod, now))
    if pod.serving:
        return _take_out(memory, drain, pod, now)
    if drain.done_at is not None:
        return DrainStep(memory=memory, delete=pod)
    if now - drain.cordoned_at < PROPAGATION:
        return DrainStep(memory=memory)
    return _empty_it(seen, memory, drain, pod, now)


def _take_out(memory: Memory, drain: DrainStatus, pod: EdgePod, now: datetime) -> DrainStep:
    if now - drain.cordoned_at < AT_ONCE:
        return DrainStep(memory=memory, cordon=pod)
    return DrainStep(memory=_noted(memory, drain, cordoned_at=now))


def _empty_it(
    seen: Observed, memory: Memory, drain: DrainStatus, pod: EdgePod, now: datetime
) -> DrainStep:
    if _is_empty(pod):
        return DrainStep(memory=_done(memory, drain, forced=0, now=now))
    if not takes_others(seen, memory):  # there is nowhere to go: time stands still
        return DrainStep(memory=_noted(memory, drain, asking_since=None))
    if drain.asking_since is None:
        return DrainStep(memory=_asking(seen, memory, drain, pod, now))
    if _was_neglected(seen, drain, pod, drain.asking_since, now):
        return DrainStep(memory=_noted(memory, drain, asking_since=now))
    if pod.connections and not drain.connections:  # it was asked before it said how many there are
        return DrainStep(memory=_noted(memory, drain, connections=pod.connections))
    if now >= deadline_of(seen, drain):
        return DrainStep(memory=_at_deadline(seen, memory, drain, pod, now))
    return DrainStep(memory=memory, moves=_to_ask(seen, drain, pod, drain.asking_since, now))


def deadline_of(seen: Observed, drain: DrainStatus) -> datetime:
    """Return when the pod goes, whoever is still connected."""
    return (drain.asking_since or drain.cordoned_at) + seen.spec.drain.deadline


def _is_empty(pod: EdgePod) -> bool:
    """Whether nobody is connected, also where the pod cannot say: it never ran, or has crashed."""
    if pod.connections is None:
        return not pod.ready and (pod.broken or not pod.ip)
    return pod.connections == 0


def _asking(
    seen: Observed, memory: Memory, drain: DrainStatus, pod: EdgePod, now: datetime
) -> Memory:
    """Begin to ask, once it is known how many there are. Only a pod that is dead goes without.

    A server of one's own is told to drain also where it does not say: that needs no number.
    """
    if pod.connections is None and not pod.reached:
        gone = not pod.ready and now >= deadline_of(seen, drain)
        return _done(memory, drain, forced=drain.connections, now=now) if gone else memory
    most = max(drain.connections, pod.connections or 0)
    return _noted(memory, drain, asking_since=now, connections=most)


def _at_deadline(
    seen: Observed, memory: Memory, drain: DrainStatus, pod: EdgePod, now: datetime
) -> Memory:
    if pod.connections is not None:
        return _done(memory, drain, forced=pod.connections, now=now)
    if (pod.ready or pod.reached) and now < deadline_of(seen, drain) + SILENCE:
        return memory
    return _done(memory, drain, forced=drain.connections, now=now)


def _to_ask(
    seen: Observed, drain: DrainStatus, pod: EdgePod, since: datetime, now: datetime
) -> Moves | None:
    """Return how many to ask now, so that what is left falls in a line over the window.

    Who was asked a moment ago is about to leave, and not asked again.
    """
    count = _due(seen, drain, pod, since, now)
    return Moves(pod=pod.name, count=count) if count > 0 else None


def _due(seen: Observed, drain: DrainStatus, pod: EdgePod, since: datetime, now: datetime) -> int:
    if pod.connections is None:
        return 1 if pod.reached else 0  # it is told to drain, however many there are
    part = min(1.0, (now - since) / seen.spec.drain.window)
    may_stay = math.floor(drain.connections * (1 - part))
    return pod.connections - may_stay - seen.asked.get(pod.name, 0)


def _was_neglected(
    seen: Observed, drain: DrainStatus, pod: EdgePod, since: datetime, now: datetime
) -> bool:
    """Whether connections were not asked when their time came: then window and deadline begin anew.

    Else a wave would leave at once, or be cut unasked, after the operator was away.
    """
    last = max(seen.asked_at or since, since)
    if now - last < AWAY or now - drain.cordoned_at >= MOST_DEADLINES * seen.spec.drain.deadline:
        return False
    usual = 1 + math.ceil(drain.connections * (AWAY / seen.spec.drain.window))
    unasked = pod.connections is not None and not seen.asked.get(pod.name)
    late = unasked and now >= deadline_of(seen, drain)
    return late or _due(seen, drain, pod, since, now) > usual


def _noted(memory: Memory, drain: DrainStatus, **changes: datetime | int | None) -> Memory:
    return replace(memory, drain=drain.model_copy(update=changes))


def _done(memory: Memory, drain: DrainStatus, *, forced: int, now: datetime) -> Memory:
    """Count what it costs the clients, before the pod is deleted."""
    moved = max(0, drain.connections - forced)
    counted = replace(memory, continuity=counted_in(memory.continuity, moved, forced, now))
    return _noted(counted, drain, done_at=now)


def _ended(memory: Memory, drain: DrainStatus, pod: EdgePod | None, now: datetime) -> Memory:
    """Forget a drain whose pod is gone; of one that others deleted, count who had left by then."""
    left = pod.connections if pod is not None else None
    if drain.done_at is not None or left is None:
        return replace(memory, drain=None)
    moved = max(0, drain.connections - left)
    return replace(
        memory, drain=None, continuity=counted_in(memory.continuity, moved, forced=0, now=now)
    )
