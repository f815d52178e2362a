"""The gateway in one word, and what it waits for in a sentence."""

from collections.abc import Sequence

from headgate.streamgateway.decide import rebalance
from headgate.streamgateway.decide.plan import Memory, Plan
from headgate.streamgateway.decide.standing import silent_in_words, takes_others
from headgate.streamgateway.decide.trial import Verdict
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import DrainStatus, GatewayPhase, WhyDrained

_WHY = {
    WhyDrained.SCALE_DOWN: "the pool shrinks",
    WhyDrained.NEW_REVISION: "a pod of the new configuration takes its place",
    WhyDrained.REVISION_REJECTED: "its configuration was rejected, or is wanted no more",
    WhyDrained.BROKEN: "it is broken",
    WhyDrained.TAKEN_OUT: "somebody took it out of the Service",
}


def phase_of(seen: Observed, plan: Plan, failed: Verdict | None) -> tuple[GatewayPhase, str]:
    """Return the phase and its message; what is wrong goes before what is under way.

    `failed` is what fails of a configuration that is held on trial.
    """
    memory = plan.memory
    wrong = _wrong(seen, plan, failed)
    if wrong is not None:
        return GatewayPhase.DEGRADED, wrong
    if memory.drain is not None:
        return GatewayPhase.DRAINING, _drain_in_words(seen, plan.memory, memory.drain)
    if seen.stream_problems:
        return GatewayPhase.DEGRADED, "; ".join(str(each) for each in seen.stream_problems[:3])
    if memory.candidate is not None:
        return GatewayPhase.PROGRESSING, _candidate_in_words(seen, plan)
    if not seen.core.has_majority:
        text = f"{seen.core.ready} of {seen.core.wanted} servers of the core are ready"
        text = f"{text}: streams wait for more than half of them"
        return GatewayPhase.DEGRADED, _with(text, _in_trouble(seen.core.pods))
    ready = sum(pod.ready for pod in seen.staying)
    if ready != plan.desired:
        text = f"{ready} of {plan.desired} edge pods are ready{_held_up_by(seen)}"
        return GatewayPhase.SCALING, text
    complaint = next((pod for pod in seen.staying if pod.ready and pod.complaint), None)
    if complaint is not None:
        return GatewayPhase.DEGRADED, _complaint_in_words(complaint)
    if rebalance.is_under_way(memory):
        asked = sum(each.count for each in plan.moves)
        return GatewayPhase.REBALANCING, f"moving {asked} connections" if asked else ""
    return GatewayPhase.HEALTHY, ""


def _wrong(seen: Observed, plan: Plan, failed: Verdict | None) -> str | None:
    if seen.problems:
        return "; ".join(str(each) for each in seen.problems[:3])
    if seen.refused:
        return seen.refused
    rejected = plan.memory.rejected
    if rejected is not None:
        return f"{rejected.revision} was rejected: {rejected.message}"
    candidate = plan.memory.candidate
    if failed is not None and candidate is not None:
        return f"configuration {candidate.revision} is held: {failed.message}"
    return None


def _complaint_in_words(pod: EdgePod) -> str:
    if pod.connections is None:
        return f"{silent_in_words(pod)}; it stays, and the pool does not shrink"
    return f"{pod.name}: {pod.complaint}"


def _in_trouble(pods: Sequence[EdgePod]) -> str:
    """Say of the first pod that does not run why."""
    for pod in pods:
        if pod.trouble is not None and not pod.ready and not pod.leaving:
            return f"{pod.name}: {pod.trouble.message}"
    return ""


def _with(text: str, more: str) -> str:
    return f"{text}; {more}" if more else text


def _held_up_by(seen: Observed) -> str:
    told = _in_trouble(seen.staying)
    if told:
        return f": {told}"
    for pod in seen.staying:
        if pod.ready and pod.connections is None:
            return f": {silent_in_words(pod)}"
    return ""


def _drain_in_words(seen: Observed, memory: Memory, drain: DrainStatus) -> str:
    pod = seen.drained
    begun = "is taken out of the Service" if drain.asking_since is None else "is being left"
    text = f"{drain.pod} {begun}: {_WHY[drain.why]}"
    if pod is None or drain.done_at is not None:
        return text
    if not takes_others(seen, memory):
        return f"{text}; waits for another pod that takes its connections"
    if pod.connections is None:
        return f"{text}; {silent_in_words(pod)}"
    complaint = f"; {pod.complaint}" if pod.complaint else ""
    return f"{text}, {pod.connections} are left{complaint}"


def _candidate_in_words(seen: Observed, plan: Plan) -> str:
    candidate = plan.memory.candidate
    assert candidate is not None  # noqa: S101 - asked by the caller
    if not candidate.proven:
        return f"configuration {candidate.revision} is tried on one pod"
    pods = [pod for pod in seen.staying if pod.revision == candidate.revision]
    done = sum(pod.ready for pod in pods)
    servers = f"{seen.core.ready} of {seen.core.wanted} servers are ready"
    core = "" if seen.core.has(candidate.revision) else f", core next: {servers}"
    text = f"configuration {candidate.revision} is on {done} of {plan.desired} edge pods{core}"
    return _with(text, _in_trouble((*pods, *seen.core.pods)))
