"""What the pods of a new configuration show, and how some clients come to the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.plan import Moves
from headgate.streamgateway.observed import EdgePod, Observed
from headgate.streamgateway.status_types import Candidate

START = timedelta(seconds=60)
"""How long a pod of a new configuration may take until it is ready."""
ARRIVAL = timedelta(seconds=30)
"""How long a pod that is ready may be without clients while others have some."""
DELIVERY = timedelta(seconds=15)
"""How long messages may take to find their way to a pod that is ready."""
ANSWERS = timedelta(seconds=15)
"""How long a pod that is ready may take until what it says of itself can be used."""
REFUSED = 3
"""Clients that came and did not stay: so many are no accident."""
CUT = 3
"""Clients that were cut as too slow: fewer may be so by themselves, on a busy machine above all."""
TRIAL = 20
"""Connections asked to move at once so that some come to a pod on trial."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a pod of the candidate shows: healthy, failing, or not to be said yet."""

    healthy: bool = False
    failing: Reason | None = None
    message: str = ""


def verdicts(seen: Observed, candidate: Candidate, now: datetime) -> tuple[Verdict, ...]:
    """Return what each pod of a new configuration shows."""
    return tuple(
        judge(pod, seen, now, proven=candidate.proven, empty_since=candidate.empty_since or now)
        for pod in seen.staying
        if pod.revision == candidate.revision
    )


def judge(
    pod: EdgePod,
    seen: Observed,
    now: datetime,
    *,
    proven: bool = False,
    empty_since: datetime | None = None,
) -> Verdict:
    """Return what a pod of a new configuration shows.

    Slow clients count on a first pod only, which has few: later they come to the others as well.
    Clients that come and go leave a pod empty for a moment: `empty_since` is how long none stays;
    absent, since it is ready.
    """
    if pod.trouble is not None and pod.trouble.final:
        return Verdict(failing=Reason.POD_FAILING, message=f"{pod.name}: {pod.trouble.message}")
    if pod.ready_since is None:
        return _not_ready(pod, now)
    if pod.complaint and pod.connections is None and now - pod.ready_since >= ANSWERS:
        text = f"{pod.name} does not keep the drain contract: {pod.complaint}"
        return Verdict(failing=Reason.CONTRACT_BROKEN, message=text)
    others = [other for other in seen.staying if other.name != pod.name]
    slow = _slow(pod, others)
    if slow is not None and not proven:
        return slow
    if pod.undelivered and now - pod.ready_since >= DELIVERY:
        text = f"{pod.name}: a message sent by the core does not reach a client: {pod.undelivered}"
        return Verdict(failing=Reason.NOTHING_DELIVERED, message=text)
    empty_for = now - max(pod.ready_since, empty_since or pod.ready_since)
    return _clients(pod, others, empty_for)


def _not_ready(pod: EdgePod, now: datetime) -> Verdict:
    if now - (pod.unready_since or pod.created_at) < START:
        return Verdict(message=f"{pod.name} is not ready yet")
    why = pod.trouble.message if pod.trouble is not None else "its image's pull counts, too"
    text = f"{pod.name} is not ready after {START.seconds} s: {why}"
    return Verdict(failing=Reason.NOT_READY_IN_TIME, message=text)


def _slow(pod: EdgePod, others: Sequence[EdgePod]) -> Verdict | None:
    """Some clients are slow wherever they are: what counts is more than any older pod has cut."""
    before = [other.slow_consumers or 0 for other in others if other.revision != pod.revision]
    if not before or (pod.slow_consumers or 0) < max(CUT, max(before) + 1):
        return None  # all pods have it, or others fare no better
    text = (
        f"{pod.name} has cut {pod.slow_consumers} clients that could not keep up,"
        f" no pod of the configuration before more than {max(before)}"
    )
    return Verdict(failing=Reason.SLOW_CONSUMERS, message=text)


def _clients(pod: EdgePod, others: Sequence[EdgePod], empty_for: timedelta) -> Verdict:
    if pod.connections:
        return Verdict(healthy=True)
    silent = [each for each in (pod, *others) if each.ready and each.connections is None]
    waited_for = [each.name for each in silent if not each.mute]
    if waited_for:
        return Verdict(message=f"{waited_for[0]} does not say how many clients it has")
    elsewhere = sum(other.connections or 0 for other in others)
    if not elsewhere:
        return Verdict(healthy=True)  # there is nobody to try it with
    if empty_for < ARRIVAL:
        return Verdict(message=f"{pod.name} has no clients yet")
    if pod.arrived is not None and pod.arrived < REFUSED:
        return Verdict(healthy=True)  # nobody comes: the clients there are do not move
    came = "no client" if pod.arrived is None else f"none of {pod.arrived} clients"
    seconds = f"{empty_for.total_seconds():.0f} s"
    text = (
        f"{pod.name} has been ready and empty for {seconds}: {came} has stayed on it,"
        f" while other pods have {elsewhere}: {pod.refusal or 'clients are refused, or break off'}"
    )
    return Verdict(failing=Reason.NO_CLIENTS_ARRIVE, message=text)


def to_trial(seen: Observed, revision: str) -> tuple[Moves, ...]:
    """Return whom to ask so that a pod on trial gets clients: few, and never most of a pod's.

    Where there is one other pod, all that are asked come to the configuration that is not proven.
    """
    trial = [pod for pod in seen.staying if pod.revision == revision and pod.ready]
    others = [pod for pod in seen.staying if pod.revision != revision and pod.connections]
    if not trial or any(pod.connections != 0 for pod in trial) or not others:
        return ()
    movable = [pod for pod in others if pod.movable]
    if not movable:
        return ()
    fullest = max(movable, key=lambda pod: pod.connections or 0)
    most = min(TRIAL, max(1, (fullest.connections or 0) // 2))
    count = most - sum(seen.asked.get(pod.name, 0) for pod in others)
    return (Moves(pod=fullest.name, count=count),) if count > 0 else ()
