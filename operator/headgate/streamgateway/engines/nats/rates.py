"""What a server did between two looks at it. Pure."""

from dataclasses import dataclass

from headgate.streamgateway.engines.nats.monitoring import ServerSeen


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Per second; None where it is not known. Never negative."""

    deliveries: float | None = None
    delivered_bytes: float | None = None
    in_msgs: float | None = None
    in_bytes: float | None = None
    slow_consumers: float | None = None


def rates_between(before: ServerSeen, after: ServerSeen) -> Rates:
    """Return the rates from one look to the next.

    None, all of them, if the process was another one or the looks are not in order; none for a
    counter that fell. A caller that needs a figure has to treat None as "could be anything".
    """
    if before.at is None or after.at is None or not _is_same_process(before, after):
        return Rates()
    seconds = (after.at - before.at).total_seconds()
    if seconds <= 0:
        return Rates()
    return Rates(
        deliveries=_rate(before.delivered_msgs, after.delivered_msgs, seconds),
        delivered_bytes=_rate(before.delivered_bytes, after.delivered_bytes, seconds),
        in_msgs=_rate(before.in_msgs, after.in_msgs, seconds),
        in_bytes=_rate(before.in_bytes, after.in_bytes, seconds),
        slow_consumers=_rate(before.slow_consumers, after.slow_consumers, seconds),
    )


def _is_same_process(before: ServerSeen, after: ServerSeen) -> bool:
    return before.server_id is not None and before.server_id == after.server_id


def _rate(before: int | None, after: int | None, seconds: float) -> float | None:
    if before is None or after is None or after < before:
        return None
    return (after - before) / seconds
