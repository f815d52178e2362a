"""decide(): what to do about a StreamGateway, from what was seen of it. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from headgate.core.conditions import Fact, truth
from headgate.core.reasons import Reason
from headgate.streamgateway.decide import drain, pool, rebalance, revision
from headgate.streamgateway.decide.phase import phase_of
from headgate.streamgateway.decide.plan import Memory, Moves, NewEdge, Plan, memory_of
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import GatewayPhase

__all__ = ["Memory", "Moves", "NewEdge", "Plan", "decide", "memory_of"]

BUSY = timedelta(seconds=1)
CALM = timedelta(seconds=5)
TRIAL = 20
"""Connections asked to move at once so that some come to a pod on trial."""


def decide(seen: Observed, now: datetime) -> Plan:
    """Return what to remember, and what to do once it is written."""
    memory = revision.decide_revision(seen, memory_of(seen.status), now)
    desired = seen.spec.replicas
    reason = f"spec.replicas is {desired}"
    cordon: tuple[EdgePod, ...] = ()
    moves: tuple[Moves, ...] = ()
    if memory.drain is not None:
        step = drain.go_on(seen, memory, memory.drain, now)
        memory = step.memory
        cordon = (step.cordon,) if step.cordon is not None and step.cordon.serving else ()
        moves = (step.moves,) if step.moves is not None else ()
    else:
        leaver = pool.next_to_leave(seen, memory, desired)
        if leaver is not None:
            memory = drain.begin(memory, leaver, now)
        else:
            moves = _spread(seen, memory)
    plan = Plan(
        memory=memory,
        phase=GatewayPhase.PROGRESSING,
        message="",
        desired=desired,
        reason=reason,
        core_revision=_core_revision(seen, memory),
        create=pool.new_edges(seen, memory, desired),
        cordon=cordon,
        moves=moves,
        delete=_to_delete(seen, memory),
        wake_at=now + (BUSY if memory.drain is not None or moves or memory.candidate else CALM),
    )
    phase, message = phase_of(seen, plan)
    return replace(plan, phase=phase, message=message, facts=_facts(seen, plan))


def _spread(seen: Observed, memory: Memory) -> tuple[Moves, ...]:
    """Send clients to a pod on trial that has none, or spread them evenly; not while pods come."""
    candidate = memory.candidate
    if candidate is not None and not candidate.proven:
        return _to_trial(seen, candidate.revision)
    if any(not pod.ready for pod in seen.staying):
        return ()
    under_way = seen.status.phase is GatewayPhase.REBALANCING
    return rebalance.moves(seen, under_way=under_way, seconds=BUSY.total_seconds())


def _to_trial(seen: Observed, candidate: str) -> tuple[Moves, ...]:
    trial = [pod for pod in seen.staying if pod.revision == candidate and pod.ready]
    others = [pod for pod in seen.staying if pod.revision != candidate and pod.connections]
    if not trial or any(pod.connections != 0 for pod in trial) or not others:
        return ()
    fullest = max(others, key=lambda pod: pod.connections or 0)
    count = min(TRIAL, fullest.connections or 0) - seen.asked.get(fullest.name, 0)
    return (Moves(pod=fullest.name, count=count),) if count > 0 else ()


def _core_revision(seen: Observed, memory: Memory) -> str | None:
    """Return what the core should have: it follows when every edge pod works with it."""
    candidate = memory.candidate
    if memory.stable_revision is None:
        return candidate.revision if candidate is not None else None
    if candidate is None or not candidate.proven:
        return memory.stable_revision
    pods = [pod for pod in seen.edges if not pod.leaving]
    done = all(pod.revision == candidate.revision and pod.ready for pod in pods)
    begun = seen.core.revision == candidate.revision
    return candidate.revision if done or begun else memory.stable_revision


def _to_delete(seen: Observed, memory: Memory) -> tuple[EdgePod, ...]:
    """Return pods whose drain has ended, and those that ended by themselves."""
    drained = memory.drain.pod if memory.drain is not None else None
    return tuple(
        pod
        for pod in seen.edges
        if not pod.leaving and pod.name != drained and (pod.over or not pod.serving)
    )


def _facts(seen: Observed, plan: Plan) -> tuple[Fact, ...]:
    ready = len(rebalance.taking(seen))
    accepted = not seen.problems
    told = "; ".join(str(problem) for problem in seen.problems[:5])
    candidate = plan.memory.candidate
    rejected = plan.memory.rejected
    return (
        Fact(
            type="Accepted",
            status=truth(accepted),
            reason=Reason.SPEC_ACCEPTED if accepted else Reason.SPEC_INVALID,
            message=told,
        ),
        Fact(
            type="Available",
            status=truth(ready > 0),
            reason=Reason.ENOUGH_REPLICAS if ready >= plan.desired else Reason.TOO_FEW_REPLICAS,
            message=f"{ready} of {plan.desired} edge pods take connections",
        ),
        _balanced(seen),
        Fact(
            type="RevisionHealthy",
            status=truth(None if candidate is not None else rejected is None),
            reason=Reason(rejected.reason)
            if rejected is not None and rejected.reason in Reason
            else (Reason.REVISION_ON_TRIAL if candidate is not None else Reason.REVISION_STABLE),
            message=f"{rejected.revision} was rejected: {rejected.message}"
            if rejected is not None
            else "",
        ),
        Fact(
            type="StreamsReady",
            status=truth(not seen.stream_problems and seen.core.ready > seen.core.wanted // 2),
            reason=Reason.STREAMS_READY if not seen.stream_problems else Reason.STREAM_REFUSED,
            message="; ".join(str(problem) for problem in seen.stream_problems[:5])
            or f"{seen.core.ready} of {seen.core.wanted} servers of the core are ready",
        ),
    )


def _balanced(seen: Observed) -> Fact:
    pods = rebalance.taking(seen)
    if not pods or any(pod.connections is None for pod in pods):
        return Fact(
            type="Balanced",
            status="Unknown",
            reason=Reason.METRICS_MISSING,
            message="not every pod says how many connections it has",
        )
    even = rebalance.skew(pods) <= seen.spec.rebalance.max_skew
    few = max(pod.connections or 0 for pod in pods) < rebalance.WORTH_IT
    return Fact(
        type="Balanced",
        status=truth(even or few),
        reason=Reason.CONNECTIONS_EVEN if even or few else Reason.CONNECTIONS_UNEVEN,
        message="",
    )
