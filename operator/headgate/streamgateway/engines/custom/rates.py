"""What a server did between two looks at it. Pure."""

from dataclasses import dataclass

from headgate.streamgateway.engines.custom.contract import ServerStatus

LEAST = 1.0
"""Seconds that a rate is taken over: in fewer, a burst looks like a load."""


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


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The rates of a server up to a look, from which the next ones are taken."""

    last: Look
    rates: Rates = Rates()

    def then(self, look: Look) -> "Watched":
        """Return what a look adds: nothing, where it comes too soon after the last one."""
        if look.at - self.last.at < LEAST:
            return self
        return Watched(last=look, rates=rates_between(self.last, look))


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
