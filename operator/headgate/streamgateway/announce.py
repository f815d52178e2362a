"""What Events tell of a gateway, from the status before and after. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.core.reasons import Reason
from headgate.core.transitions import transitions
from headgate.streamgateway.status_types import StreamGatewayStatus


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One Event."""

    reason: str
    message: str
    action: str
    warning: bool = False


def announcements(before: StreamGatewayStatus, now: StreamGatewayStatus) -> Iterator[Announcement]:
    """Yield what users should hear of, once it is written."""
    for turned in transitions(before.conditions, now.conditions):
        yield Announcement(
            reason=turned.reason, message=turned.message, action="Check", warning=turned.warning
        )
    yield from _scaled(before, now)
    if now.drain is not None and (before.drain is None or before.drain.uid != now.drain.uid):
        message = f"{now.drain.pod} is to be left by its clients: {now.drain.why.value}"
        yield Announcement(reason=Reason.DRAIN_UNDER_WAY.value, message=message, action="Drain")
    cut = now.continuity.forced_closes - before.continuity.forced_closes
    if cut > 0:
        message = f"{cut} connections did not move before their deadline, and were cut"
        yield Announcement(
            reason=Reason.CONNECTIONS_CUT.value, message=message, action="Drain", warning=True
        )


def _scaled(before: StreamGatewayStatus, now: StreamGatewayStatus) -> Iterator[Announcement]:
    if not before.desired_replicas or before.desired_replicas == now.desired_replicas:
        return
    active = next((each for each in now.conditions if each.type == "ScalingActive"), None)
    reason = active.reason if active is not None else Reason.SPEC_ACCEPTED.value
    message = f"{before.desired_replicas} to {now.desired_replicas} edge pods: {now.reason}"
    yield Announcement(reason=reason, message=message, action="Scale")
