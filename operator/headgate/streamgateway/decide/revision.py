"""Which configuration the pods should have: one pod first, then all, or back.

A new one is a candidate until a pod has worked with it, with clients on it; then the others follow
one by one, and the core last. One that fails is rejected, and not tried again.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from headgate.core.reasons import Reason
from headgate.streamgateway.decide import core
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.decide.trial import Verdict, verdicts
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import Candidate, RejectedRevision

PROOF = timedelta(seconds=15)
"""How long its first pod has to be healthy before the others follow."""


def decide_revision(seen: Observed, memory: Memory, desired: int, now: datetime) -> Memory:
    """Return what is to be remembered of configurations."""
    stable, wanted = memory.stable_revision, seen.wanted
    if wanted is None:
        return memory  # what runs stays: the condition Accepted says what is wrong
    if stable is None:
        return _first(seen, memory, wanted, desired, now)
    if wanted == stable:  # asked for again after this, a rejected one is tried again
        return replace(memory, candidate=None, rejected=None)
    if _is_rejected(memory, wanted):
        return replace(memory, candidate=None)
    if memory.candidate is None or memory.candidate.revision != wanted:
        begun = Candidate(revision=wanted, started_at=now)
        return replace(memory, candidate=begun, rejected=None)
    return _under_way(seen, memory, memory.candidate, desired, now)


def failing(seen: Observed, memory: Memory, now: datetime) -> Verdict | None:
    """Return what fails of the configuration on its way, if something does."""
    candidate = memory.candidate
    if candidate is None or memory.stable_revision is None:
        return None
    shown = verdicts(seen, candidate, now)
    failed = next((each for each in shown if each.failing is not None), None)
    return failed or core.failure(seen, candidate, now)


def _is_rejected(memory: Memory, revision: str) -> bool:
    return memory.rejected is not None and memory.rejected.revision == revision


def _first(seen: Observed, memory: Memory, wanted: str, desired: int, now: datetime) -> Memory:
    """Nothing to go back to: what is wanted is tried until it works."""
    if memory.candidate is None or memory.candidate.revision != wanted:
        return replace(memory, candidate=Candidate(revision=wanted, started_at=now, proven=True))
    return _promoted(memory, wanted) if _is_everywhere(seen, wanted, desired) else memory


def _under_way(
    seen: Observed, memory: Memory, candidate: Candidate, desired: int, now: datetime
) -> Memory:
    candidate = _with(candidate, empty_since=_empty_since(seen, candidate, now))
    memory = replace(memory, candidate=candidate)
    failed = failing(seen, memory, now)
    if failed is not None and failed.failing is not None:
        if not seen.spec.rollback.on_failed_health_checks:
            return replace(memory, candidate=_with(candidate, healthy_since=None))
        return _rejected(memory, candidate, failed, failed.failing, now)
    if _is_everywhere(seen, candidate.revision, desired):
        return _promoted(memory, candidate.revision)
    if candidate.proven:
        if candidate.core_since is None and core.is_on_edges(seen, candidate.revision, desired):
            return replace(memory, candidate=_with(candidate, core_since=now))
        return memory
    if not any(each.healthy for each in verdicts(seen, candidate, now)):
        return replace(memory, candidate=_with(candidate, healthy_since=None))
    since = candidate.healthy_since or now
    proven = now - since >= PROOF
    return replace(memory, candidate=_with(candidate, healthy_since=since, proven=proven))


def _empty_since(seen: Observed, candidate: Candidate, now: datetime) -> datetime | None:
    pods = [pod for pod in seen.staying if pod.revision == candidate.revision and pod.ready]
    if not pods or any(pod.connections for pod in pods):
        return None
    if any(pod.connections is None for pod in pods):
        return candidate.empty_since
    return candidate.empty_since or now


def _with(candidate: Candidate, **changes: datetime | bool | None) -> Candidate:
    return candidate.model_copy(update=changes)


def _rejected(
    memory: Memory, candidate: Candidate, failed: Verdict, reason: Reason, now: datetime
) -> Memory:
    rejected = RejectedRevision(
        revision=candidate.revision,
        reason=reason.value,
        message=failed.message[:1024],
        at=now,
    )
    return replace(memory, candidate=None, rejected=rejected)


def _promoted(memory: Memory, revision: str) -> Memory:
    return replace(memory, stable_revision=revision, candidate=None, rejected=None)


def _is_everywhere(seen: Observed, revision: str, desired: int) -> bool:
    """Whether as many pods as are wanted have it, no other one is there, and the core has it."""
    return seen.core.has(revision) and core.is_on_edges(seen, revision, desired)
