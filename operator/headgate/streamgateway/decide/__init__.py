"""decide(): what to do about a StreamGateway, from what was seen of it. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from headgate.streamgateway.decide import departure, drain, pool, rebalance, revision, share
from headgate.streamgateway.decide.autoscale import READ_EVERY, History
from headgate.streamgateway.decide.core import core_revision, stuck
from headgate.streamgateway.decide.facts import facts_of
from headgate.streamgateway.decide.phase import phase_of
from headgate.streamgateway.decide.plan import Memory, Moves, NewEdge, Plan, memory_of
from headgate.streamgateway.decide.scaling import desired_of
from headgate.streamgateway.decide.trial import to_trial
from headgate.streamgateway.decide.wake import BUSY, CALM, wake_at
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import GatewayPhase

__all__ = ["Memory", "Moves", "NewEdge", "Plan", "decide", "memory_of"]


def decide(seen: Observed, now: datetime, history: History | None = None) -> Plan:
    """Return what to remember, and what to do once it is written.

    `history` is what the pods carried until now: without it, no load makes the pool smaller.
    """
    if not seen.usable or seen.name_taken:
        return _stand_still(seen, now)
    scaling = desired_of(seen, history or History(), now)
    desired = scaling.replicas
    memory = revision.decide_revision(seen, memory_of(seen.status), desired, now)
    step = _drain_step(seen, memory, desired, now)
    memory = _rebalance(seen, step.memory, now)
    failed = revision.failing(seen, memory, now)
    full = share.full_pods(seen, memory, now)
    plan = Plan(
        memory=memory,
        phase=GatewayPhase.PROGRESSING,
        message="",
        desired=desired,
        reason=scaling.why,
        core_revision=core_revision(memory) if seen.core.wanted else None,
        create=pool.new_edges(seen, memory, desired, now),
        cordon=(step.cordon,) if step.cordon is not None else (),
        open=share.to_open(seen, full),
        close=share.to_close(seen, full),
        moves=_moves(seen, memory, step, now),
        delete=(*_to_delete(seen, step), *stuck(seen, memory, now)),
    )
    phase, message = phase_of(seen, plan, failed)
    facts = facts_of(seen, plan, failed)
    wake = wake_at(memory, held=failed is not None, now=now)
    if scaling.fact is not None:
        facts = (*facts, scaling.fact)
        wake = min(wake, now + timedelta(seconds=READ_EVERY))
    return replace(plan, phase=phase, message=message, facts=facts, wake_at=wake)


def _stand_still(seen: Observed, now: datetime) -> Plan:
    """Leave everything as it is: the spec is no good, or a child cannot be as it should.

    Pods that were full come back into the Service, as nobody watches over those that are in it. Who
    is asked to leave a pod has the whole time again when it goes on.
    """
    memory = drain.begin_anew(memory_of(seen.status))
    plan = Plan(
        memory=memory,
        phase=GatewayPhase.DEGRADED,
        message="",
        desired=seen.status.desired_replicas,
        reason=seen.status.reason,
        open=share.to_open(seen, frozenset()),
    )
    phase, message = phase_of(seen, plan, None)
    facts = facts_of(seen, plan, None)
    return replace(plan, phase=phase, message=message, facts=facts, wake_at=now + CALM)


def _drain_step(seen: Observed, memory: Memory, desired: int, now: datetime) -> drain.DrainStep:
    """Go on with the drain, or begin one; until its pod is out of the Service it may be called off.

    What made a pod one that can be spared may be over by then: others broke, or more are wanted.
    """
    if memory.drain is None:
        leaver = departure.next_to_leave(seen, memory, desired, now)
        begun = drain.begin(memory, leaver, now) if leaver is not None else memory
        return drain.DrainStep(memory=begun)
    pod = seen.drained
    if pod is not None and pod.serving and memory.drain.done_at is None:
        afresh = replace(seen, status=seen.status.model_copy(update={"drain": None}))
        leaver = departure.next_to_leave(afresh, memory, desired, now)
        if leaver is None or leaver.pod != pod:
            return drain.DrainStep(memory=drain.call_off(memory))
    return drain.go_on(seen, memory, memory.drain, now)


def _rebalance(seen: Observed, memory: Memory, now: datetime) -> Memory:
    """Spread connections while the pool stays as it is; not while pods come or go."""
    coming = any(not pod.settled(now) and pod.trouble is None for pod in seen.staying)
    changes = memory.drain is not None or memory.candidate is not None
    if coming or changes or departure.is_still_left(seen):
        return rebalance.stopped(seen, memory, now)
    return rebalance.decide_rebalance(seen, memory, now)


def _moves(
    seen: Observed, memory: Memory, step: drain.DrainStep, now: datetime
) -> tuple[Moves, ...]:
    if memory.drain is not None:
        return (step.moves,) if step.moves is not None else ()
    candidate = memory.candidate
    if candidate is not None:
        return to_trial(seen, candidate.revision) if not candidate.proven else ()
    since = BUSY if seen.asked_at is None else min(BUSY, now - seen.asked_at)
    return rebalance.moves(seen, memory, seconds=since.total_seconds())


def _to_delete(seen: Observed, step: drain.DrainStep) -> tuple[EdgePod, ...]:
    """Return the pod whose drain has ended, and pods that have ended by themselves."""
    over = tuple(pod for pod in seen.edges if pod.over and not pod.leaving)
    return over if step.delete is None else (*over, step.delete)
