"""A gateway's pool as it is scraped: two pods that should carry 1,000 clients each, at ease."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from headgate.streamgateway.decide.autoscale import (
    READ_EVERY,
    History,
    PodSignals,
    Sample,
    Scaling,
    Targets,
    decide_replicas,
    record,
)

BEGIN = 1_790_000_000.0
"""Seconds since 1970, as the operator's clock gives them."""
QUIET = 310.0
"""Seconds of watching after which a pool may shrink."""


def some_targets(**fields: Any) -> Targets:
    return replace(
        Targets(min_replicas=1, max_replicas=20, connections_per_pod=1_000, pod_start_seconds=20),
        **fields,
    )


def a_gateway_pod(name: str = "edge-0", **fields: Any) -> PodSignals:
    return replace(PodSignals(name=name, age_seconds=3_600, connections=700), **fields)


def pods_with(*connections: int | None, **fields: Any) -> tuple[PodSignals, ...]:
    return tuple(
        a_gateway_pod(f"edge-{place}", connections=count, **fields)
        for place, count in enumerate(connections)
    )


def watched(
    samples: Iterable[tuple[PodSignals, ...]],
    targets: Targets,
    *,
    history: History | None = None,
    **fields: Any,
) -> History:
    """Return the history after one sample each two seconds, going on from one if given."""
    history = history or History()
    latest = history.latest
    time = BEGIN if latest is None else latest.time + READ_EVERY
    for pods in samples:
        history = record(history, Sample(time=time, pods=pods, **fields), targets)
        time += READ_EVERY
    return history


def steadily(pods: tuple[PodSignals, ...], seconds: float) -> list[tuple[PodSignals, ...]]:
    return [pods] * (int(seconds / READ_EVERY) + 1)


def decided(history: History, current: int, targets: Targets) -> Scaling:
    """Return what is decided at the time of the newest reading."""
    latest = history.latest
    now = BEGIN if latest is None else latest.time
    return decide_replicas(targets, history, current, now)
