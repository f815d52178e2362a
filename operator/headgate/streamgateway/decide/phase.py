"""The gateway in one word, and what it waits for in a sentence."""

from headgate.streamgateway.decide.plan import Plan
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import DrainStatus, GatewayPhase, WhyDrained

_WHY = {
    WhyDrained.SCALE_DOWN: "the pool shrinks",
    WhyDrained.NEW_REVISION: "a pod of the new configuration takes its place",
    WhyDrained.REVISION_REJECTED: "its configuration was rejected",
    WhyDrained.BROKEN: "it is broken",
}


def phase_of(seen: Observed, plan: Plan) -> tuple[GatewayPhase, str]:
    """Return the phase and its message; what is wrong goes before what is under way."""
    if seen.problems:
        return GatewayPhase.DEGRADED, "; ".join(str(each) for each in seen.problems[:3])
    memory = plan.memory
    if memory.rejected is not None and memory.rejected.revision == seen.wanted:
        text = f"{memory.rejected.revision} was rejected: {memory.rejected.message}"
        return GatewayPhase.DEGRADED, text
    if memory.drain is not None:
        return GatewayPhase.DRAINING, _drain_in_words(seen, memory.drain)
    if seen.stream_problems:
        return GatewayPhase.DEGRADED, "; ".join(str(each) for each in seen.stream_problems[:3])
    if memory.candidate is not None:
        return GatewayPhase.PROGRESSING, _candidate_in_words(seen, plan)
    ready = sum(pod.ready for pod in seen.staying)
    if ready != plan.desired:
        waiting = next((pod for pod in seen.staying if pod.trouble is not None), None)
        why = f": {waiting.name}: {waiting.trouble.message}" if waiting and waiting.trouble else ""
        return GatewayPhase.SCALING, f"{ready} of {plan.desired} edge pods are ready{why}"
    if plan.moves:
        return GatewayPhase.REBALANCING, f"moving {sum(m.count for m in plan.moves)} connections"
    return GatewayPhase.HEALTHY, ""


def _drain_in_words(seen: Observed, drain: DrainStatus) -> str:
    pod = seen.edge(drain.pod)
    left = "" if pod is None or pod.connections is None else f", {pod.connections} are left"
    begun = "is out of the Service" if drain.asking_since is None else "is being left"
    return f"{drain.pod} {begun}: {_WHY[drain.why]}{left}"


def _candidate_in_words(seen: Observed, plan: Plan) -> str:
    candidate = plan.memory.candidate
    assert candidate is not None  # noqa: S101 - asked by the caller
    pods = [pod for pod in seen.staying if pod.revision == candidate.revision]
    if not candidate.proven:
        return f"configuration {candidate.revision} is tried on one pod"
    done = sum(pod.ready for pod in pods)
    core = "" if seen.core.revision == candidate.revision and seen.core.settled else ", core next"
    return f"configuration {candidate.revision} is on {done} of {plan.desired} edge pods{core}"
