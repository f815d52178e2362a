"""Which configuration the servers of the core have: they follow when every edge pod works with it.

The streams are there: what is wrong with a configuration should show on a pod without any.
"""

from datetime import datetime, timedelta

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.plan import Memory
from headgate.streamgateway.decide.trial import Verdict
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import Candidate

CORE_START = timedelta(minutes=2)
"""How long each server of the core may take until it has the configuration and is ready."""


def core_revision(memory: Memory) -> str | None:
    """Return what the core should have; None while nothing is known of."""
    candidate = memory.candidate
    if candidate is not None and (memory.stable_revision is None or candidate.core_since):
        return candidate.revision
    return memory.stable_revision


def stuck(seen: Observed, memory: Memory, now: datetime) -> tuple[EdgePod, ...]:
    """Return servers of a configuration that never worked, which keep another one from coming.

    A StatefulSet waits for a pod that is not ready before it makes the next anew. Where no
    configuration has worked yet, and no server was ever ready, nothing can be lost with them.
    """
    wanted, pods = core_revision(memory), seen.core.pods
    if memory.stable_revision is not None or wanted is None or seen.core.revision != wanted:
        return ()
    if any(pod.ready or pod.was_ready for pod in pods):
        return ()
    return tuple(
        pod
        for pod in pods
        if pod.revision != wanted
        and not pod.leaving
        and (pod.trouble is not None or now - pod.created_at >= CORE_START)
    )


def is_on_edges(seen: Observed, revision: str, desired: int) -> bool:
    """Whether as many pods as are wanted have it and are ready, and no other pod is there."""
    pods = [pod for pod in seen.edges if not pod.leaving]
    return len(pods) >= desired and all(pod.revision == revision and pod.ready for pod in pods)


def failure(seen: Observed, candidate: Candidate, now: datetime) -> Verdict | None:
    """Return what to say of a core that does not come up with the configuration."""
    servers = seen.core
    if candidate.core_since is None or servers.has(candidate.revision):
        return None
    limit = servers.wanted * CORE_START
    if now - candidate.core_since < limit:
        return None
    text = (
        f"core: {servers.updated} of {servers.wanted} servers have it and {servers.ready} are ready"
        f" after {limit.total_seconds():.0f} s"
    )
    return Verdict(failing=Reason.NOT_READY_IN_TIME, message=text)
