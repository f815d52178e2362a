"""What a pool is scaled by: limits, what one pod should carry, and the times that matter."""

from dataclasses import dataclass

TARGET_SHARE = 0.7
"""Of what a pod can hold at most: the rest is for clients that arrive while pods start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """What one pod should carry, for each signal; None or zero: the signal is not used."""

    min_replicas: int
    max_replicas: int
    connections_per_pod: float | None = None
    connection_limit: int | None = None
    """At how many a pod refuses more; None: not known."""
    deliveries_per_second_per_pod: float | None = None
    bytes_per_second_per_pod: float | None = None
    cpu_utilization: float | None = None
    """In percent of a pod's request."""
    scale_down_seconds: float = 300.0
    """The pool shrinks to the most that it needed during this time."""
    pod_start_seconds: float = 20.0
    """From asking for a pod until it is ready, as measured here."""


def default_connections_per_pod(
    *,
    file_limit: int | None,
    memory_bytes: float | None,
    bytes_per_connection: float,
    configured_limit: int | None,
) -> int | None:
    """Return 0.7 of what a pod can hold: the least of files, memory and the server's own limit.

    A limit that is None, or not above zero, is no limit; None when there is none at all.
    """
    limits: list[float] = [
        limit for limit in (file_limit, configured_limit) if limit is not None and limit > 0
    ]
    if memory_bytes is not None and memory_bytes > 0 and bytes_per_connection > 0:
        limits.append(memory_bytes / bytes_per_connection)
    return max(1, int(TARGET_SHARE * min(limits))) if limits else None
