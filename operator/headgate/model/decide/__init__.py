"""decide(): what to do about a Model, from what was seen of it. Pure."""

from dataclasses import replace
from datetime import datetime

from headgate.model.decide.plan import Announcement, Change, Plan, Route, State
from headgate.model.decide.prune import deployments_to_delete
from headgate.model.decide.route import route_wanted, weights_wanted
from headgate.model.decide.rules import first_change
from headgate.model.decide.scale import replicas_allowed
from headgate.model.decide.state import state_of
from headgate.model.decide.wake import wake_at
from headgate.model.observed import Observed
from headgate.model.status_types import RolloutKind

__all__ = ["Announcement", "Change", "Plan", "Route", "State", "decide"]


def decide(seen: Observed, now: datetime) -> Plan:
    """Return either a decision to remember, or the plan that carries the remembered ones out.

    A decision is recorded in one pass and relied on from the next: so a crash between the two
    loses nothing, and a pass that worked from a stale status fails on its resourceVersion.
    """
    change = first_change(seen, now)
    if change is not None:
        after = replace(seen, memory=change.memory)
        return Plan(
            change=change,
            urgent=not _only_tries(seen, after, now),
            state=state_of(after, now),
            wake_at=now,
        )
    return Plan(
        replicas=replicas_allowed(seen, now),
        weights=weights_wanted(seen),
        route=route_wanted(seen, now),
        deletes=deployments_to_delete(seen, now),
        state=state_of(seen, now),
        wake_at=wake_at(seen, now),
    )


def _only_tries(before: Observed, after: Observed, now: datetime) -> bool:
    """Return whether a change only lets a canary go on, with the route as it is.

    Whatever ends a rollout, or turns to another stable version, somebody may be waiting for: also
    where the route follows later, when the pods of the way back are there.
    """
    stable, rollout = after.memory.stable, after.memory.rollout
    if stable is None or stable != before.memory.stable or rollout is None:
        return False
    same_route = route_wanted(before, now) == route_wanted(after, now)
    return rollout.kind is RolloutKind.CANARY and same_route
