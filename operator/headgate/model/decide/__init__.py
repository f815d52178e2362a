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

__all__ = ["Announcement", "Change", "Plan", "Route", "State", "decide"]


def decide(seen: Observed, now: datetime) -> Plan:
    """Return either a decision to remember, or the plan that carries the remembered ones out.

    A decision is recorded in one pass and relied on from the next: so a crash between the two
    loses nothing, and a pass that worked from a stale status fails on its resourceVersion.
    """
    change = first_change(seen, now)
    if change is not None:
        after = replace(seen, memory=change.memory)
        moves_traffic = route_wanted(seen, now) != route_wanted(after, now)
        return Plan(
            change=change, moves_traffic=moves_traffic, state=state_of(after, now), wake_at=now
        )
    return Plan(
        replicas=replicas_allowed(seen, now),
        weights=weights_wanted(seen),
        route=route_wanted(seen, now),
        deletes=deployments_to_delete(seen, now),
        state=state_of(seen, now),
        wake_at=wake_at(seen, now),
    )
