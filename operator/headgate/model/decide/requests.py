"""Requests by hand: the annotation `headgate.dev/request: VERB/VERSION/ANYTHING-UNIQUE`.

Each value is handled once: status.lastRequest remembers it, written together with its effect.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from headgate.core.conditions import shorten
from headgate.core.reasons import Reason
from headgate.model.decide.endings import reject_canary
from headgate.model.decide.health import Failure
from headgate.model.decide.leave import wait_for_dependents
from headgate.model.decide.plan import Announcement, Change
from headgate.model.decide.scale import is_last_resort
from headgate.model.decide.steps import enter, step_under_way
from headgate.model.observed import Memory, Observed
from headgate.model.status_types import LastRequest

VERBS = ("promote", "promote-full", "abort", "retry")
PARTS = 3
MAX_REQUEST = 512


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request, taken apart."""

    verb: str
    version: str


class RefusedError(Exception):
    """The request cannot be done now; its text says why and what could be."""


def handle_request(seen: Observed, now: datetime) -> Change | None:
    """Return the effect of a request that was not handled before."""
    value = seen.request[:MAX_REQUEST]
    last = seen.memory.last_request
    if not value or (last is not None and last.value == value):
        return None
    try:
        memory, done = _carry_out(_parse(value), seen, now)
        outcome = Reason.REQUEST_HANDLED
    except RefusedError as refusal:
        memory, done, outcome = seen.memory, str(refusal), Reason.REQUEST_REFUSED
    handled = LastRequest(value=value, outcome=outcome.value, message=shorten(done))
    told = Announcement(warning=outcome is Reason.REQUEST_REFUSED, reason=outcome, message=done)
    return Change(memory=replace(memory, last_request=handled), announcements=(told,))


def _parse(value: str) -> Request:
    parts = value.split("/")
    if len(parts) != PARTS or parts[0] not in VERBS:
        raise RefusedError(
            f"annotation headgate.dev/request: {value!r} is not VERB/VERSION/UNIQUE "
            f"with VERB one of {', '.join(VERBS)}"
        )
    return Request(verb=parts[0], version=parts[1])


def _carry_out(request: Request, seen: Observed, now: datetime) -> tuple[Memory, str]:
    if request.verb == "retry":
        return _retry(request.version, seen.memory)
    rollout = seen.memory.rollout
    if rollout is None or rollout.version != request.version:
        under_way = f"{rollout.version} is" if rollout else "none is"
        raise RefusedError(
            f"cannot {request.verb} {request.version}: no rollout of it is under way ({under_way})"
        )
    if request.verb == "abort":
        if is_last_resort(seen):
            raise RefusedError(
                f"cannot abort {request.version}: there is no earlier version to go back to"
            )
        failure = Failure(
            reason=Reason.ABORTED_BY_REQUEST,
            message=f"{request.version} was aborted by a request",
        )
        waiting = wait_for_dependents(seen, request.version, now, failure)
        if waiting is not None:
            names = ", ".join(seen.dependents.get(request.version, ()))
            return waiting.memory, f"{request.version} is aborted once {names} has left it"
        return reject_canary(seen, failure, now), f"{request.version} was aborted"
    _refuse_while_held(request, seen)
    if request.verb == "promote-full":
        full = rollout.model_copy(update={"full": True})
        entered = enter(seen, full, rollout.step, now)
        done = f"{request.version} skips its remaining steps"
        return replace(seen.memory, rollout=entered), done
    return _promote_step(request, seen, now)


def _refuse_while_held(request: Request, seen: Observed) -> None:
    if seen.spec.paused:
        raise RefusedError(
            f"cannot {request.verb} {request.version}: spec.paused is true; set it to false first"
        )
    if seen.problems:
        problem = seen.problems[0]
        raise RefusedError(
            f"cannot {request.verb} {request.version}: the spec is refused: "
            f"{problem.path}: {problem.message}"
        )


def _promote_step(request: Request, seen: Observed, now: datetime) -> tuple[Memory, str]:
    rollout = seen.memory.rollout
    step = step_under_way(seen.spec, rollout) if rollout else None
    if rollout is None or step is None or step.pause is None or rollout.step_started_at is None:
        raise RefusedError(
            f"cannot promote {request.version}: it is not at a pause; "
            "promote-full skips all remaining steps"
        )
    entered = enter(seen, rollout, rollout.step + 1, now)
    done = f"{request.version} goes past the pause of step {rollout.step + 1}"
    return replace(seen.memory, rollout=entered), done


def _retry(version: str, memory: Memory) -> tuple[Memory, str]:
    kept = tuple(entry for entry in memory.rejected if entry.name != version)
    if len(kept) == len(memory.rejected):
        names = ", ".join(entry.name for entry in memory.rejected) or "none"
        raise RefusedError(f"cannot retry {version}: it is not rejected (rejected: {names})")
    return replace(memory, rejected=kept), f"{version} may be tried again"
