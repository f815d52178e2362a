"""Which configuration the pods should have: one pod first, then all, or back.

A new one is a candidate until a pod has worked with it, with clients on it; then the others follow
one by one, and the core last. One that fails is rejected, and not tried again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import Candidate, RejectedRevision

START = timedelta(seconds=60)
"""How long a pod of a new configuration may take until it is ready."""
PROOF = timedelta(seconds=15)
"""How long its first pod has to be healthy before the others follow."""
ARRIVAL = timedelta(seconds=30)
"""How long a pod that is ready may be without clients while others have some."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a pod of the candidate shows: healthy, failing, or not to be said yet."""

    healthy: bool = False
    failing: Reason | None = None
    message: str = ""


def decide_revision(seen: Observed, memory: Memory, now: datetime) -> Memory:
    """Return what is to be remembered of configurations."""
    stable, wanted = memory.stable_revision, seen.wanted
    if wanted is None:
        return memory  # what runs stays: the condition Accepted says what is wrong
    if stable is None:
        return _first(seen, memory, wanted, now)
    if wanted == stable or _is_rejected(memory, wanted):
        return replace(memory, candidate=None)
    if memory.candidate is None or memory.candidate.revision != wanted:
        begun = Candidate(revision=wanted, started_at=now)
        return replace(memory, candidate=begun, rejected=None)
    return _under_way(seen, memory, memory.candidate, now)


def _is_rejected(memory: Memory, revision: str) -> bool:
    return memory.rejected is not None and memory.rejected.revision == revision


def _first(seen: Observed, memory: Memory, wanted: str, now: datetime) -> Memory:
    """Nothing to go back to: what is wanted is tried until it works."""
    if memory.candidate is None or memory.candidate.revision != wanted:
        return replace(memory, candidate=Candidate(revision=wanted, started_at=now, proven=True))
    return _promoted(memory, wanted) if _is_everywhere(seen, wanted) else memory


def _under_way(seen: Observed, memory: Memory, candidate: Candidate, now: datetime) -> Memory:
    pods = [pod for pod in seen.staying if pod.revision == candidate.revision]
    verdicts = [judge(pod, seen, now) for pod in pods]
    failing = next((each for each in verdicts if each.failing is not None), None)
    if failing is not None and failing.failing is not None:
        if not seen.spec.rollback.on_failed_health_checks:
            return replace(memory, candidate=_healthy(candidate, None))
        return replace(
            memory,
            candidate=None,
            rejected=RejectedRevision(
                revision=candidate.revision,
                reason=failing.failing.value,
                message=failing.message[:1024],
                at=now,
            ),
        )
    if _is_everywhere(seen, candidate.revision):
        return _promoted(memory, candidate.revision)
    if candidate.proven:
        return memory
    if not any(each.healthy for each in verdicts):
        return replace(memory, candidate=_healthy(candidate, None))
    since = candidate.healthy_since or now
    proven = now - since >= PROOF
    return replace(memory, candidate=candidate.model_copy(
        update={"healthy_since": since, "proven": proven}
    ))  # fmt: skip


def _healthy(candidate: Candidate, since: datetime | None) -> Candidate:
    return candidate.model_copy(update={"healthy_since": since})


def _promoted(memory: Memory, revision: str) -> Memory:
    return replace(memory, stable_revision=revision, candidate=None, rejected=None)


def _is_everywhere(seen: Observed, revision: str) -> bool:
    """Whether all pods have it, are ready, and the core too."""
    pods = [pod for pod in seen.edges if not pod.leaving]
    return (
        bool(pods)
        and all(pod.revision == revision and pod.ready for pod in pods)
        and seen.core.revision == revision
        and seen.core.settled
    )


def judge(pod: EdgePod, seen: Observed, now: datetime) -> Verdict:
    """Return what a pod of a new configuration shows."""
    if pod.trouble is not None and pod.trouble.final:
        return Verdict(failing=Reason.POD_FAILING, message=f"{pod.name}: {pod.trouble.message}")
    if pod.ready_since is None:
        if now - pod.created_at < START:
            return Verdict(message=f"{pod.name} is not ready yet")
        why = f": {pod.trouble.message}" if pod.trouble is not None else ""
        text = f"{pod.name} is not ready after {START.seconds} s{why}"
        return Verdict(failing=Reason.NOT_READY_IN_TIME, message=text)
    if pod.slow_consumers:
        text = f"{pod.name} has cut {pod.slow_consumers} clients that could not keep up"
        return Verdict(failing=Reason.SLOW_CONSUMERS, message=text)
    others = sum(other.connections or 0 for other in seen.staying if other.name != pod.name)
    if others and not pod.connections:
        if pod.connections is not None and now - pod.ready_since >= ARRIVAL:
            text = (
                f"{pod.name} has been ready for {ARRIVAL.seconds} s and no client has stayed on it,"
                f" while other pods have {others}: clients are refused, or come no more"
            )
            return Verdict(failing=Reason.NO_CLIENTS_ARRIVE, message=text)
        return Verdict(message=f"{pod.name} has no clients yet")
    return Verdict(healthy=True)
