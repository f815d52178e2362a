"""What a server did between two looks at it. Pure."""

from dataclasses import dataclass

from headgate.streamgateway.engines.custom.contract import ServerStatus


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a server said, and when, in seconds on the operator's clock that only goes forward."""

    at: float
    said: ServerStatus


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Per second; None where it is not known. Never negative."""

    deliveries: float | None = None
    cpu_cores: float | None = None


def rates_between(before: Look, after: Look) -> Rates:
    """Return the rates from one look to the next; none of a counter that fell: it began anew."""
    seconds = after.at - before.at
    if seconds <= 0:
        return Rates()
    return Rates(
        deliveries=_rate(before.said.deliveries, after.said.deliveries, seconds),
        cpu_cores=_rate(before.said.cpu_seconds, after.said.cpu_seconds, seconds),
    )


def _rate(before: float | None, after: float | None, seconds: float) -> float | None:
    if before is None or after is None or after < before:
        return None
    return (after - before) / seconds
