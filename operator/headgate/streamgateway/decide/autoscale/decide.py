"""decide_replicas(): grow at once, shrink slowly, and hold when in doubt."""

from dataclasses import replace

from headgate.core.reasons import Reason
from headgate.streamgateway.decide.autoscale.demand import Basis, Demand
from headgate.streamgateway.decide.autoscale.history import LONGEST_GAP, History
from headgate.streamgateway.decide.autoscale.load import Reading, Signal
from headgate.streamgateway.decide.autoscale.scaling import Scaling
from headgate.streamgateway.decide.autoscale.targets import Targets

READ_EVERY = 2.0
"""Seconds between two scrapes of all pods."""

GROWTH = {
    Basis.LEVEL: Reason.LOAD_GREW,
    Basis.SURGE: Reason.LOAD_SURGED,
    Basis.FORECAST: Reason.GROWTH_EXPECTED,
    Basis.FULL: Reason.PODS_FULL,
}
NAMED_PODS = 3


def decide_replicas(targets: Targets, history: History, current: int, now: float) -> Scaling:
    """Return how many pods the pool should have, of which current are asked for already.

    current: without the pods that leave. It grows to what the highest signal asks for, at once,
    and shrinks by one pod at a time to the most that was asked for during the time for scaling
    down. now: seconds on the clock of the samples.
    """
    wanted = _unlimited(targets, history, current, now)
    lowest = max(0, targets.min_replicas)
    highest = max(lowest, targets.max_replicas)
    desired = min(max(wanted.desired, lowest), highest)
    if desired == wanted.desired:
        return wanted
    bound = f"minReplicas {lowest}" if wanted.desired < lowest else f"maxReplicas {highest}"
    message = f"{wanted.message}; {bound} holds it at {desired}"
    return replace(wanted, desired=desired, limited=True, message=message)


def _unlimited(targets: Targets, history: History, current: int, now: float) -> Scaling:
    latest = history.latest
    demand = history.demand

    def scaling(desired: int, reason: Reason, message: str) -> Scaling:
        return Scaling(
            desired=desired,
            reason=reason,
            message=message,
            signal=None if demand is None else demand.signal,
            wake_at=now + READ_EVERY,
        )

    if latest is None:
        return scaling(current, Reason.NOTHING_MEASURED, "no figures of its pods yet")
    if demand is None:
        why = "no signal has a target above zero: set one in autoscaling"
        return scaling(current, Reason.NOTHING_MEASURED, why)
    if abs(now - latest.time) > LONGEST_GAP:
        why = f"no figures of its pods for {abs(now - latest.time):.0f} s"
        return scaling(current, Reason.NOTHING_MEASURED, why)
    if demand.replicas > current:
        return scaling(demand.replicas, GROWTH[demand.basis], in_words(demand))
    if demand.replicas == current:
        return scaling(current, Reason.LOAD_FITS, in_words(demand))
    held = _held(targets, history, latest, current, now)
    if held is not None:
        reason, why = held
        return scaling(current, reason, f"{in_words(demand)}; {why}")
    return scaling(current - 1, Reason.LOAD_FELL, in_words(demand))


def _held(
    targets: Targets, history: History, latest: Reading, current: int, now: float
) -> tuple[Reason, str] | None:
    """Return why the pool must not shrink now, although less would do."""
    if latest.disrupted or latest.leaving:
        return Reason.DRAIN_UNDER_WAY, "one drain at a time: waits for the one under way"
    if latest.missing:
        why = f"no figures of {_some(latest.missing)}: does not shrink before they are back"
        return Reason.METRICS_MISSING, why
    if latest.pressed:
        why = f"memory of {_some(latest.pressed)} is near its limit: does not shrink"
        return Reason.MEMORY_SHORT, why
    watched = 0.0 if history.since is None else now - history.since
    if watched < targets.scale_down_seconds:
        why = f"watched for {watched:.0f} of the {targets.scale_down_seconds:.0f} s it takes"
        return Reason.WATCHED_TOO_SHORTLY, why
    if history.replicas >= current:
        why = f"{history.replicas} were needed within the last {targets.scale_down_seconds:.0f} s"
        return Reason.LOAD_FELL_RECENTLY, why
    return None


def in_words(demand: Demand) -> str:
    """Return a demand with its numbers, such as "10500 connections / 2800 per pod"."""
    unit = "" if demand.signal is Signal.CPU else " "
    amount = f"{demand.amount:.0f}{unit}{demand.signal}"
    how = {
        Basis.LEVEL: amount,
        Basis.SURGE: f"{amount} in a surge",
        Basis.FORECAST: f"{amount} expected",
        Basis.FULL: f"ready pods are full: {amount} assumed",
    }[demand.basis]
    return f"{how} / {demand.per_pod:.0f} per pod"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - NAMED_PODS
    return ", ".join(names[:NAMED_PODS]) + (f" and {more} more" if more > 0 else "")
