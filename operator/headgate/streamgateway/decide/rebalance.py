"""Whether connections are to be spread anew, and which pods' connections are asked to move.

That it is under way is remembered: it begins above maxSkew and goes on below it, and it ends also
where clients do not move that are asked to.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from headgate.streamgateway.decide.continuity import counted_in
from headgate.streamgateway.decide.plan import Memory, Moves
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import RebalanceStatus

WORTH_IT = 10
"""Fewer connections than this above the mean are left alone."""
PATIENCE = timedelta(seconds=30)
"""How long clients may take to move once the last was asked."""
STEPS = 10
"""So many times at most is it noted how far it has come."""
MOVING = timedelta(seconds=7)
"""How long a client of the contract takes to move: its random wait, and then both connections."""
REST = timedelta(minutes=10)
"""How long nobody is asked again after too few moved."""


def skew(pods: Sequence[EdgePod]) -> float:
    """Return the most connections of a pod over the mean; 1 where nobody is connected."""
    counts = [pod.connections or 0 for pod in pods]
    total = sum(counts)
    return max(counts) * len(counts) / total if total else 1.0


def taking(seen: Observed) -> tuple[EdgePod, ...]:
    """Return the pods that new connections go to."""
    return tuple(pod for pod in seen.staying if pod.ready)


def is_under_way(memory: Memory) -> bool:
    """Whether connections are asked to move for the sake of balance."""
    return memory.rebalance is not None and memory.rebalance.given_up_at is None


def can_be_judged(pods: Sequence[EdgePod]) -> bool:
    """Whether there are several pods, and each says how many connections it has."""
    return len(pods) > 1 and all(pod.connections is not None for pod in pods)


def can_be_moved(pods: Sequence[EdgePod]) -> bool:
    """Whether single connections of each pod can be asked to move."""
    return all(pod.movable for pod in pods)


def is_even(pods: Sequence[EdgePod], most: float) -> bool:
    """Whether no pod has more than `most` times the mean, or so few more that it is no matter."""
    counts = [pod.connections or 0 for pod in pods]
    mean = sum(counts) / max(1, len(counts))
    return skew(pods) <= most or math.floor(max(counts) - mean) < WORTH_IT


def ends_at(most: float) -> float:
    """Return the skew at which it ends, a third of what is allowed: not to begin anew at once."""
    return 1 + (most - 1) / 3


def decide_rebalance(seen: Observed, memory: Memory, now: datetime) -> Memory:
    """Return what is to be remembered of spreading connections anew.

    It begins above maxSkew, and goes on until `ends_at`. While a pod does not say how many it has,
    nothing is concluded, but that it has come no further: that has its limit also then.
    """
    pods = taking(seen)
    if not can_be_judged(pods):
        return _blind(seen, memory, len(pods), now)
    if not can_be_moved(pods):
        return stopped(seen, memory, now)
    most = seen.spec.rebalance.max_skew
    under_way = memory.rebalance
    if under_way is None:
        if is_even(pods, most):
            return memory
        return replace(memory, rebalance=RebalanceStatus(since=now, connections=_excess(pods)))
    if under_way.given_up_at is not None:
        rested = now - under_way.given_up_at >= REST
        return replace(memory, rebalance=None) if rested or is_even(pods, most) else memory
    if is_even(pods, ends_at(most)):
        return stopped(seen, memory, now)
    under_way = _noted(under_way, _excess(pods), now)
    if not _has_come_to_rest(seen, under_way, len(pods), now):
        return replace(memory, rebalance=under_way)
    given_up = under_way.model_copy(update={"given_up_at": now})
    return replace(stopped(seen, memory, now), rebalance=given_up)


def _blind(seen: Observed, memory: Memory, pods: int, now: datetime) -> Memory:
    """Wait for a pod that does not say how many it has, as long as clients may take to move."""
    if pods <= 1:
        return stopped(seen, memory, now)
    under_way = memory.rebalance
    if under_way is None or under_way.given_up_at is not None:
        return memory
    if not _has_come_to_rest(seen, under_way, pods, now):
        return memory
    return stopped(seen, memory, now)


def _has_come_to_rest(seen: Observed, under_way: RebalanceStatus, pods: int, now: datetime) -> bool:
    since = under_way.progress_at or under_way.since
    return now - since >= _allowed(seen, under_way, pods)


def _noted(under_way: RebalanceStatus, left: int, now: datetime) -> RebalanceStatus:
    """Return it with how far it has come: a crowd on a busy machine moves slowly, but moves."""
    before = under_way.connections if under_way.left is None else under_way.left
    if before - left < max(WORTH_IT, math.ceil(under_way.connections / STEPS)):
        return under_way
    return under_way.model_copy(update={"left": left, "progress_at": now})


def _allowed(seen: Observed, under_way: RebalanceStatus, pods: int) -> timedelta:
    """Return how long it may take to come further: who moves may come to a full pod again."""
    once = under_way.connections / seen.spec.rebalance.moves_per_second
    return timedelta(seconds=once * (pods - 1)) + PATIENCE


def stopped(seen: Observed, memory: Memory, now: datetime) -> Memory:
    """Forget it, as all is even or something else is to be done; count what moved."""
    under_way = memory.rebalance
    if under_way is None:
        return memory
    after = replace(memory, rebalance=None)
    pods = taking(seen)
    if under_way.given_up_at is not None or not can_be_judged(pods):
        return after
    moved = max(0, under_way.connections - _excess(pods))
    return replace(after, continuity=counted_in(memory.continuity, moved, 0, now))


def moves(seen: Observed, memory: Memory, *, seconds: float) -> tuple[Moves, ...]:
    """Return what is to be asked to move now, for `seconds` at the spec's rate; none when even.

    Only the excess over the mean moves, without those that were asked a moment ago. Where servers
    or clients cannot keep up with the rate, no more are asked than are usually on their way at it:
    whoever waits for a processor only makes it later for the others.
    """
    pods = taking(seen)
    if not is_under_way(memory) or not can_be_judged(pods) or not can_be_moved(pods):
        return ()
    mean = sum(pod.connections or 0 for pod in pods) / len(pods)
    rate = seen.spec.rebalance.moves_per_second
    on_their_way = sum(seen.asked.get(pod.name, 0) for pod in pods)
    usual = math.ceil(rate * MOVING.total_seconds())
    room = min(math.floor(rate * seconds), usual - on_their_way)
    wanted: list[Moves] = []
    for pod in sorted(pods, key=lambda each: -(each.connections or 0)):
        excess = math.floor((pod.connections or 0) - mean) - seen.asked.get(pod.name, 0)
        count = min(excess, room)
        if count > 0:
            wanted.append(Moves(pod=pod.name, count=count))
            room -= count
    return tuple(wanted)


def _excess(pods: Sequence[EdgePod]) -> int:
    counts = [pod.connections or 0 for pod in pods]
    mean = sum(counts) / max(1, len(counts))
    return sum(max(0, math.floor(count - mean)) for count in counts)
