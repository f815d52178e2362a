"""The status to write, from what was seen and planned. Pure."""

from dataclasses import fields
from datetime import datetime

from headgate.core import labels
from headgate.core.conditions import merge_conditions, shorten
from headgate.streamgateway.build.owned import EDGE
from headgate.streamgateway.decide.plan import Plan
from headgate.streamgateway.decide.rebalance import skew, taking
from headgate.streamgateway.observed import Observed
from headgate.streamgateway.status_types import Connections, StreamGatewayStatus
from headgate.streamgateway.types import StreamGatewaySpec

NOTICEABLE = 0.05
"""Part by which connections have to change until it is written down again."""


def status_of(seen: Observed, plan: Plan, now: datetime) -> StreamGatewayStatus:
    """Return the status: the memory as the plan has it, and what was observed."""
    return StreamGatewayStatus(
        observed_generation=seen.generation,
        phase=plan.phase,
        message=shorten(plan.message),
        url=url_of(seen),
        selector=f"{labels.GATEWAY}={seen.name},{labels.ROLE}={EDGE}",
        replicas=len(seen.staying),
        ready_replicas=len(taking(seen)),
        desired_replicas=plan.desired,
        core_replicas=seen.core.ready,
        reason=shorten(plan.reason),
        connections=_connections(seen),
        **{each.name: getattr(plan.memory, each.name) for each in fields(plan.memory)},
        conditions=merge_conditions(
            seen.status.conditions, plan.facts, generation=seen.generation, now=now
        ),
    )


def url_of(seen: Observed) -> str:
    """Return where clients connect, by WebSocket where there is that listener."""
    listeners = seen.spec.listeners
    listener = listeners.websocket or listeners.nats
    if listener is None:
        return ""
    return f"{scheme_of(seen.spec)}://{seen.name}.{seen.namespace}.svc:{listener.port}"


def scheme_of(spec: StreamGatewaySpec) -> str:
    """Return how clients connect: ws, wss, nats or tls."""
    websocket, plain = spec.listeners.websocket, spec.listeners.nats
    if websocket is not None:
        return "ws" if websocket.tls is None else "wss"
    return "nats" if plain is None or plain.tls is None else "tls"


def _connections(seen: Observed) -> Connections | None:
    """Return the count, or the one written before where nothing has changed to speak of.

    Clients come and go at every moment: each of them is not worth a write.
    """
    counted = [pod for pod in seen.edges if not pod.over and pod.connections is not None]
    if not counted:
        return seen.status.connections
    counts = [pod.connections or 0 for pod in counted]
    found = Connections(
        total=sum(counts),
        per_pod_max=max(counts),
        skew=round(skew(taking(seen) or counted), 2),
    )
    before = seen.status.connections
    return before if before is not None and _is_alike(before, found) else found


def _is_alike(before: Connections, found: Connections) -> bool:
    if (before.total == 0) != (found.total == 0):
        return False
    return (
        abs(found.total - before.total) <= NOTICEABLE * before.total
        and abs(found.per_pod_max - before.per_pod_max) <= NOTICEABLE * before.per_pod_max
        and abs(found.skew - before.skew) <= NOTICEABLE
    )
